// Numbers, money and time as text. Prices arrive in euro; sums are done in whole 1/10 000 euro.

const LOCALE = "en-GB";
const UNITS = 10_000;
const MINUS = "\u2212";
const NONE = "\u2013";

const plain = (decimals) =>
  new Intl.NumberFormat(LOCALE, { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
const FIXED = [0, 1, 2, 3, 4].map(plain);
const COMPACT = new Intl.NumberFormat(LOCALE, { notation: "compact", maximumFractionDigits: 1 });
const CLOCK = new Intl.DateTimeFormat(LOCALE, { hour: "2-digit", minute: "2-digit", second: "2-digit" });
const DAY_CLOCK = new Intl.DateTimeFormat(LOCALE, {
  day: "2-digit", month: "short", hour: "2-digit", minute: "2-digit", second: "2-digit",
});
const DAY_MINUTE = new Intl.DateTimeFormat(LOCALE, {
  day: "2-digit", month: "short", hour: "2-digit", minute: "2-digit",
});

const isMissing = (value) => value === null || value === undefined || Number.isNaN(value);
const withMinus = (text) => text.replace("-", MINUS);
const signed = (value, text) => (value > 0 ? `+${text}` : text);

/** Whole 1/10 000 euro of a price in euro: exact, so that sums and comparisons are too. */
export const toUnits = (euro) => Math.round(euro * UNITS);
export const toEuro = (units) => units / UNITS;

/** How many decimals a price on this tick needs: 0.005 needs three, never fewer than two. */
export function decimalsOf(tick) {
  const units = toUnits(tick || 0.01);
  if (units % 100 === 0) return 2;
  return units % 10 === 0 ? 3 : 4;
}

export const price = (value, tick) => (isMissing(value) ? NONE : withMinus(FIXED[decimalsOf(tick)].format(value)));
export const signedPrice = (value, tick) => (isMissing(value) ? NONE : signed(value, price(value, tick)));
export const fixed = (value, decimals) => (isMissing(value) ? NONE : withMinus(FIXED[decimals].format(value)));
export const quantity = (value) => (isMissing(value) ? NONE : withMinus(FIXED[0].format(value)));
export const compact = (value) => (isMissing(value) ? NONE : COMPACT.format(value));

/** A price as a form field holds it: no grouping, a plain minus sign. */
export const fieldPrice = (value, tick) => (isMissing(value) ? "" : value.toFixed(decimalsOf(tick)));

export function money(value) {
  if (isMissing(value)) return NONE;
  return `${value < 0 ? MINUS : ""}€${FIXED[2].format(Math.abs(value))}`;
}

export const signedMoney = (value) => (isMissing(value) ? NONE : signed(value, money(value)));

export function signedPercent(value) {
  if (isMissing(value)) return NONE;
  return signed(value, `${withMinus(FIXED[2].format(value))}%`);
}

/** Wall-clock text of an instant in seconds since 1970, in the reader's own time zone. */
export const clock = (seconds) => (isMissing(seconds) ? NONE : CLOCK.format(seconds * 1000));
export const dayClock = (seconds) => (isMissing(seconds) ? NONE : DAY_CLOCK.format(seconds * 1000));

export const dayMinute = (seconds) => (isMissing(seconds) ? NONE : DAY_MINUTE.format(seconds * 1000));

/** The sign of a number as a class, and as a glyph: colour is never the only signal. */
export const trend = (value) => (value > 0 ? "up" : value < 0 ? "down" : "");
export const arrow = (value) => (value > 0 ? "\u25b2" : value < 0 ? "\u25bc" : "\u00b7");

const LABELS = {
  PARTIALLY_FILLED: "Part filled",
  BY_OWNER: "Cancelled by owner",
  IOC_REMAINDER: "Rest of an IOC",
  FOK_UNFILLED: "FOK not filled in full",
  MARKET_REMAINDER: "Rest of a market order",
  SELF_TRADE: "Would trade with itself",
  NO_OPPOSITE: "Nothing to trade with",
  BELOW_MINIMUM: "Less left than its minimum",
  CALL_ENDED: "The call ended",
  KILLED: "Stopped by the kill switch",
  BY_OPERATOR: "Cancelled by the operator",
  DISCONNECTED: "The session was lost",
  UNCOVERED: "Nothing covers it any more",
  OCO: "One cancelled the other",
};

/** "POST_ONLY_WOULD_TRADE" becomes "Post only would trade". */
export function label(code) {
  if (!code) return "";
  return LABELS[code] ?? code.charAt(0).toUpperCase() + code.slice(1).toLowerCase().replaceAll("_", " ");
}
