// All symbols on one scale: change in percent since the start of the period.

import { LineSeries, createChart } from "lightweight-charts";
import { effect } from "@preact/signals";
import { useEffect, useRef, useState } from "preact/hooks";

import { api } from "../lib/api.js";
import { changeLine } from "../lib/candles.js";
import { chartOptions, hue } from "../lib/chart-look.js";
import { signedPercent, trend } from "../lib/format.js";
import { html } from "../lib/html.js";
import { instruments, select, selected } from "../lib/store.js";
import { theme } from "../lib/theme.js";

const RELOAD_MS = 30_000;

async function load(lines, period) {
  const answers = await Promise.all([...lines.keys()].map((symbol) => api.candles(symbol, period)));
  const changes = new Map();
  for (const { symbol, candles } of answers) {
    const points = changeLine(candles);
    lines.get(symbol)?.setData(points);
    changes.set(symbol, points.at(-1)?.value ?? null);
  }
  return changes;
}

export function CompareChart({ period }) {
  const host = useRef(null);
  const [changes, setChanges] = useState(new Map());
  useEffect(() => {
    const chart = createChart(host.current, chartOptions());
    const lines = new Map(instruments.value.map(({ symbol }, at) => [symbol, chart.addSeries(LineSeries, {
      color: hue(at), lineWidth: 2, priceFormat: { type: "custom", formatter: signedPercent }, priceLineVisible: false,
      lastValueVisible: false,
    })]));
    let isOver = false;
    const refresh = () => load(lines, period).then((loaded) => isOver || setChanges(loaded), () => null);
    refresh().then(() => isOver || chart.timeScale().fitContent());
    const timer = window.setInterval(refresh, RELOAD_MS);
    const stop = effect(() => theme.value && chart.applyOptions(chartOptions()));
    const stopMark = effect(() => {
      for (const [symbol, line] of lines) line.applyOptions({ lineWidth: symbol === selected.value ? 3 : 1 });
    });
    return () => {
      isOver = true;
      window.clearInterval(timer);
      stop();
      stopMark();
      chart.remove();
    };
  }, []);
  return html`<div class="chart" data-testid="chart" data-state="compare">
    <div class="compare-legend">${instruments.value.map(({ symbol }, at) => html`<button key=${symbol} type="button"
      class="link-button" aria-pressed=${String(symbol === selected.value)} onClick=${() => select(symbol)}>
      <i class="swatch" style=${{ backgroundColor: hue(at) }}></i>${symbol}
      <span class=${trend(changes.get(symbol))}> ${signedPercent(changes.get(symbol) ?? null)}</span></button>`)}
    </div>
    <div class="chart-host" ref=${host} role="figure" aria-label="Change of all symbols in percent"></div>
  </div>`;
}
