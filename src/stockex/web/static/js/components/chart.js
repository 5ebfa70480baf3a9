// The chart panel: candles and volume of the selected symbol, or the change of all symbols in percent.

import { useState } from "preact/hooks";

import { fixed, price, quantity } from "../lib/format.js";
import { button, html } from "../lib/html.js";
import { PERIODS } from "../lib/candles.js";
import { instrument, selected, tickerOf } from "../lib/store.js";
import { Bounds, Call } from "./call.js";
import { CandleChart } from "./chart-candles.js";
import { CompareChart } from "./chart-compare.js";
import { Panel, Segments } from "./parts.js";
import { Quote } from "./quote.js";

function Bar({ bar }) {
  const tick = instrument.value?.tick;
  const part = (name, text) => html`<span><span class="muted">${name}</span> ${text}</span>`;
  const indicators = tickerOf(selected.value).value?.indicators;
  return html`<div class="legend">
    ${bar && html`${part("O", price(bar.open, tick))}${part("H", price(bar.high, tick))}
      ${part("L", price(bar.low, tick))}${part("C", price(bar.close, tick))}${part("Vol", quantity(bar.volume))}`}
    ${indicators && html`<span class="wide">${part("SMA20", fixed(indicators.sma_20, 3))}</span>
      <span class="wide">${part("RSI", fixed(indicators.rsi_14, 1))}</span>
      <span class="wide">${part("MACD", fixed(indicators.macd, 4))}</span>`}
    <${Bounds} symbol=${selected.value} />
  </div>`;
}

export function Chart() {
  const [period, setPeriod] = useState("live");
  const [isAll, setAll] = useState(false);
  const [bar, setBar] = useState(null);
  const symbol = selected.value;
  const head = html`<${Segments} label="Period" value=${period} onSelect=${setPeriod} choices=${PERIODS} />
    <button ...${button("small")} aria-pressed=${String(isAll)} data-testid="chart-all"
      title="Change of every symbol in percent" onClick=${() => setAll(!isAll)}>% All</button>`;
  return html`<${Panel} title="Chart" name="chart" class="chart-panel" head=${head}>
    <div class="chart-top"><${Quote} /><${Call} testid="chart-call" />${!isAll && html`<${Bar} bar=${bar} />`}</div>
    ${isAll ? html`<${CompareChart} key=${period} period=${period} />`
      : symbol && html`<${CandleChart} key=${`${symbol}${period}`} symbol=${symbol} period=${period}
        onBar=${setBar} />`}
  <//>`;
}
