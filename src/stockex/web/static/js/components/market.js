// The market table: one line per symbol, best bid and offer and the day's figures, or the day's statistics.

import { useState } from "preact/hooks";

import { useFlash } from "../lib/flash.js";
import { compact, fixed, label, money, price, quantity, signedPercent } from "../lib/format.js";
import { html } from "../lib/html.js";
import { instruments, ownPhase, select, selected, tickerOf, unread } from "../lib/store.js";
import { Insights } from "./analyst.js";
import { PhaseBadge } from "./call.js";
import { Empty, FlashCell, Panel, Signed, Tabs } from "./parts.js";
import { Sparkline } from "./sparkline.js";

const REGIMES = {
  trending_up: ["▲", "Trend up", "good"],
  trending_down: ["▼", "Trend down", "bad"],
  mean_revert: ["↔", "Reverting", "info"],
  volatile: ["≈", "Volatile", "warn"],
  calm: ["–", "Calm", ""],
};

function Regime({ indicators }) {
  if (!indicators) return null;
  const [glyph, text, tone] = REGIMES[indicators.regime] ?? ["", label(indicators.regime), ""];
  const title = `RSI ${fixed(indicators.rsi_14, 1)}, MACD ${fixed(indicators.macd, 4)}`;
  return html`<span class="badge small ${tone}" title=${title}><span aria-hidden="true">${glyph}</span>${text}</span>`;
}

function SymbolCell({ symbol, name }) {
  const isSelected = selected.value === symbol;
  return html`<th scope="row"><button type="button" class="link-button symbol" tabindex=${isSelected ? 0 : -1}
    aria-pressed=${String(isSelected)} onClick=${() => select(symbol)}>${symbol}</button>
    ${" "}<${PhaseBadge} symbol=${symbol} testid=${`call-${symbol}`} /></th>
    <td class="name muted">${name}</td>`;
}

/** Arrows walk the lines: the selection and the focus move together. */
function walk(event) {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!step) return;
  event.preventDefault();
  const symbols = instruments.value.map(({ symbol }) => symbol);
  const at = (symbols.indexOf(selected.value) + step + symbols.length) % symbols.length;
  select(symbols[at]);
  event.currentTarget.rows[at]?.querySelector("button")?.focus();
}

function Line({ listed, children, testid }) {
  const isSelected = selected.value === listed.symbol;
  return html`<tr class=${isSelected ? "selected" : ""} data-testid=${testid} onClick=${() => select(listed.symbol)}>
    <${SymbolCell} symbol=${listed.symbol} name=${listed.name} />${children}
  </tr>`;
}

function BboLine({ listed }) {
  const line = tickerOf(listed.symbol).value;
  const last = useFlash(line?.last ?? null);
  const { tick } = listed;
  if (!line) return html`<${Line} listed=${listed} testid=${`bbo-${listed.symbol}`} />`;
  const isTwoSided = line.best_bid !== null && line.best_ask !== null;
  return html`<${Line} listed=${listed} testid=${`bbo-${listed.symbol}`}>
    <td class="num strong" ref=${last}>
      <${Signed} value=${line.move}>${price(line.last ?? line.reference, tick)}<//></td>
    <td class="num"><span class=${line.change_pct > 0 ? "up" : line.change_pct < 0 ? "down" : ""}>
      ${signedPercent(line.change_pct)}</span></td>
    <td class="num muted">${quantity(line.bid_size)}</td>
    <${FlashCell} value=${line.best_bid} class="up">${price(line.best_bid, tick)}<//>
    <${FlashCell} value=${line.best_ask} class="down">${price(line.best_ask, tick)}<//>
    <td class="num muted">${quantity(line.ask_size)}</td>
    <td class="num">${isTwoSided && !ownPhase(listed.symbol) ? price(line.best_ask - line.best_bid, tick) : "–"}</td>
    <td class="num">${compact(line.volume)}</td>
    <td class="spark"><${Sparkline} points=${line.history} /></td>
    <td><${Regime} indicators=${line.indicators} /></td>
  <//>`;
}

const within = (low, high, tick) => ((low ?? null) === null ? "–" : `${price(low, tick)}–${price(high, tick)}`);

function StatisticsLine({ listed }) {
  const line = tickerOf(listed.symbol).value;
  const { tick } = listed;
  if (!line) return html`<${Line} listed=${listed} />`;
  return html`<${Line} listed=${listed} testid=${`stats-${listed.symbol}`}>
    <td class="num">${quantity(line.trades)}</td>
    <td class="num">${quantity(line.volume)}</td>
    <td class="num">${money(line.value)}</td>
    <td class="num">${fixed(line.vwap, 4)}</td>
    <td class="num">${price(line.reference, tick)}</td>
    <td class="num">${price(line.high, tick)}</td>
    <td class="num">${price(line.low, tick)}</td>
    <td class="num strong">${price(line.last, tick)}</td>
    <td class="num"><${Signed} value=${line.change_pct}>${signedPercent(line.change_pct)}<//></td>
    <td class="num muted">${within(line.range_low, line.range_high, tick)}</td>
    <td class="num muted">${within(line.band_low, line.band_high, tick)}</td>
  <//>`;
}

const num = (text) => html`<th scope="col" class="num">${text}</th>`;

const HEADS = {
  market: html`${num("Last")}${num("Change")}${num("Bid size")}${num("Bid")}${num("Ask")}${num("Ask size")}
    ${num("Spread")}${num("Volume")}<th scope="col">Trend</th><th scope="col">Regime</th>`,
  statistics: html`${num("Trades")}${num("Volume")}${num("Value")}${num("VWAP")}${num("Reference")}${num("High")}
    ${num("Low")}${num("Last")}${num("Change")}${num("Range")}${num("Limits")}`,
};
const LINES = { market: BboLine, statistics: StatisticsLine };

function Table({ view }) {
  const line = LINES[view];
  if (instruments.value.length === 0) return html`<${Empty} title="Waiting for the market" />`;
  return html`<table class="market">
    <caption>Best bid and offer of every symbol</caption>
    <thead><tr><th scope="col">Symbol</th><th scope="col" class="name">Name</th>${HEADS[view]}</tr></thead>
    <tbody onKeyDown=${walk}>${instruments.value.map((listed) => html`<${line} key=${listed.symbol}
      listed=${listed} />`)}</tbody>
  </table>`;
}

export function Market() {
  const [view, setView] = useState("market");
  const isTable = view in LINES;
  const tabs = html`<${Tabs} label="Market view" value=${view} onSelect=${setView} panel="market-table"
    tabs=${[["market", "Quotes"], ["statistics", "Statistics"], ["insights", "Analyst", unread.value]]} />`;
  return html`<${Panel} title="Market" name="market" head=${tabs}>
    <div class="scroll" id="market-table" role="tabpanel" aria-label=${isTable ? "Market table" : "The analyst"}
      tabindex=${isTable ? -1 : 0}>${isTable ? html`<${Table} view=${view} />` : html`<${Insights} />`}</div>
  <//>`;
}
