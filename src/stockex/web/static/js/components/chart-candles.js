// Candles and volume of one symbol and period. The newest candle grows with each trade of the stream.

import { CandlestickSeries, HistogramSeries, createChart, createSeriesMarkers } from "lightweight-charts";
import { effect } from "@preact/signals";
import { useEffect, useRef, useState } from "preact/hooks";

import { api } from "../lib/api.js";
import { SPANS, fillMarkers, grown, toBar } from "../lib/candles.js";
import { chartOptions, colours } from "../lib/chart-look.js";
import { decimalsOf } from "../lib/format.js";
import { html } from "../lib/html.js";
import { onTrades } from "../lib/reducers.js";
import { fills, instruments, tickOf, undone } from "../lib/store.js";
import { theme } from "../lib/theme.js";

const RELOAD_MS = 60_000;

/** Draws one symbol and period into `host`, and keeps it live until `end`. */
class CandleView {
  constructor(host, { symbol, period, onBar }) {
    Object.assign(this, { symbol, period, onBar, bars: [], span: SPANS[period], hovered: null });
    this.chart = createChart(host, chartOptions({ isShort: ["live", "1h", "8h"].includes(period) }));
    this.candles = this.chart.addSeries(CandlestickSeries, {});
    this.volume = this.chart.addSeries(HistogramSeries, {
      priceScaleId: "volume", priceFormat: { type: "volume" }, lastValueVisible: false, priceLineVisible: false,
    });
    this.chart.priceScale("volume").applyOptions({ scaleMargins: { top: 0.82, bottom: 0 } });
    this.candles.priceScale().applyOptions({ scaleMargins: { top: 0.06, bottom: 0.22 } });
    this.chart.timeScale().subscribeSizeChange(() => this.chart?.timeScale().fitContent());
    this.markers = createSeriesMarkers(this.candles, []);
    this.chart.subscribeCrosshairMove(({ time }) => this.hover(time));
    this.ends = [effect(() => this.restyle(theme.value)), effect(() => this.mark(fills.value)),
      effect(() => this.scale(instruments.value)), onTrades((trades) => this.grow(trades)),
      effect(() => this.reload([...undone.value.values()].at(-1)))];
    this.timer = window.setInterval(() => this.load(), RELOAD_MS);
  }

  async load() {
    const { candles } = await api.candles(this.symbol, this.period);
    if (!this.chart) return 0;
    const isFirst = this.bars.length === 0;
    this.bars = candles.map((candle) => ({ ...toBar(candle), volume: candle.v }));
    this.candles.setData(this.bars);
    this.volume.setData(this.bars.map((bar) => this.volumeOf(bar)));
    if (isFirst) this.chart.timeScale().fitContent();
    this.mark(fills.peek());
    this.tellBar();
    return candles.length;
  }

  /** A trade that was undone may stand in any bar. */
  reload(trade) {
    if (this.bars.length > 0 && trade?.symbol === this.symbol) this.load().catch(() => null);
  }

  volumeOf({ time, open, close, volume }) {
    return { time, value: volume, color: close >= open ? this.colours.upVolume : this.colours.downVolume };
  }

  grow(trades) {
    const mine = trades.filter(({ symbol }) => symbol === this.symbol);
    const changed = new Map();
    for (const trade of mine) {
      const bar = grown(this.bars.at(-1), trade, this.span);
      if (!bar) continue;
      if (this.bars.at(-1)?.time === bar.time) this.bars.pop();
      this.bars.push(bar);
      changed.set(bar.time, bar);
    }
    for (const bar of changed.values()) {
      this.candles.update(bar);
      this.volume.update(this.volumeOf(bar));
    }
    if (changed.size > 0) this.tellBar();
  }

  hover(time) {
    this.hovered = time ?? null;
    this.tellBar();
  }

  tellBar() {
    const bar = this.hovered === null ? null : this.bars.find(({ time }) => time === this.hovered);
    this.onBar(bar ?? this.bars.at(-1) ?? null);
  }

  mark(list) {
    const from = this.bars[0]?.time;
    if (from === undefined) return;
    this.markers.setMarkers(fillMarkers(list, { symbol: this.symbol, span: this.span, from, colours: colours() }));
  }

  scale() {
    const tick = tickOf(this.symbol);
    this.candles.applyOptions({ priceFormat: { type: "price", precision: decimalsOf(tick), minMove: tick } });
  }

  restyle() {
    this.colours = colours();
    const { up, down } = this.colours;
    this.chart.applyOptions(chartOptions({ isShort: ["live", "1h", "8h"].includes(this.period) }));
    this.candles.applyOptions({
      upColor: up, downColor: down, wickUpColor: up, wickDownColor: down, borderVisible: false,
    });
    this.volume.setData(this.bars.map((bar) => this.volumeOf(bar)));
  }

  end() {
    window.clearInterval(this.timer);
    for (const stop of this.ends) stop();
    this.chart.remove();
    this.chart = null;
  }
}

const NOTES = {
  loading: "Loading candles", empty: "No trades in this period yet", failed: "Candles cannot be loaded",
};

export function CandleChart({ symbol, period, onBar }) {
  const host = useRef(null);
  const [state, setState] = useState("loading");
  useEffect(() => {
    const view = new CandleView(host.current, { symbol, period, onBar });
    view.load().then((count) => setState(count > 0 ? "ready" : "empty"), () => setState("failed"));
    const stop = onTrades((trades) => trades.some((trade) => trade.symbol === symbol) && setState("ready"));
    return () => {
      stop();
      view.end();
      onBar(null);
    };
  }, []);
  return html`<div class="chart" data-testid="chart" data-state=${state}>
    <div class="chart-host" ref=${host} role="figure" aria-label=${`Candles of ${symbol}, period ${period}`}></div>
    ${NOTES[state] && html`<p class="chart-note muted">${NOTES[state]}</p>`}
  </div>`;
}
