// A line of the last minute's mid prices, drawn as SVG: it takes the colours of the theme by itself.

import { html } from "../lib/html.js";

const WIDTH = 64;
const HEIGHT = 18;

export function Sparkline({ points }) {
  if (points.length < 2) return html`<svg class="sparkline" width=${WIDTH} height=${HEIGHT} aria-hidden="true"></svg>`;
  const low = Math.min(...points);
  const range = Math.max(...points) - low || 1;
  const step = WIDTH / (points.length - 1);
  const path = points.map((point, at) =>
    `${(at * step).toFixed(1)},${(HEIGHT - 2 - ((point - low) / range) * (HEIGHT - 4)).toFixed(1)}`).join(" ");
  const tone = points.at(-1) >= points[0] ? "up" : "down";
  return html`<svg class="sparkline ${tone}" width=${WIDTH} height=${HEIGHT} viewBox=${`0 0 ${WIDTH} ${HEIGHT}`}
    aria-hidden="true"><polyline points=${path} fill="none" stroke="currentColor" stroke-width="1.3"
    stroke-linejoin="round" /></svg>`;
}
