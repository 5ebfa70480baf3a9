// How every chart looks: the options taken from the design tokens of the theme in force.

import { clock, dayClock } from "./format.js";
import { token } from "./theme.js";

const LOCALE = "en-GB";
const HOUR_MINUTE = new Intl.DateTimeFormat(LOCALE, { hour: "2-digit", minute: "2-digit" });
const DAY = new Intl.DateTimeFormat(LOCALE, { day: "2-digit", month: "short" });
const FIRST_TIME_MARK = 3;

/** The chart counts in UTC; a reader's marks are in the reader's own time zone. */
const mark = (seconds, kind) => (kind < FIRST_TIME_MARK ? DAY : HOUR_MINUTE).format(seconds * 1000);

export function colours() {
  return {
    up: token("--up"), down: token("--down"), text: token("--muted"), line: token("--line"),
    upVolume: token("--up-flash"), downVolume: token("--down-flash"), accent: token("--accent"),
  };
}

export function chartOptions({ isShort = true } = {}) {
  const { text, line } = colours();
  return {
    autoSize: true,
    layout: {
      background: { color: token("--panel") }, textColor: text, fontSize: 11, fontFamily: token("--font"),
      attributionLogo: true,
    },
    grid: { vertLines: { color: line }, horzLines: { color: line } },
    rightPriceScale: { borderColor: line },
    timeScale: {
      borderColor: line, timeVisible: true, secondsVisible: false, rightOffset: 3, tickMarkFormatter: mark,
      minBarSpacing: 2, maxBarSpacing: 32,
    },
    localization: { locale: LOCALE, timeFormatter: isShort ? clock : dayClock },
    crosshair: { mode: 0 },
  };
}

/** Ten hues that stay apart on both themes, in the order of the listing; more symbols begin again. */
const HUES = [
  "#4f9dff", "#f2a93b", "#2fbf8f", "#e2606e", "#a98bff", "#27b7c9", "#d47bd0", "#8fb339", "#e2814a", "#8795ab",
];
export const hue = (at) => HUES[at % HUES.length];
