// The tape: trades as they happen, of the selected symbol or of all; it can be held to read it.

import { useEffect, useState } from "preact/hooks";

import { api } from "../lib/api.js";
import { clock, price, quantity } from "../lib/format.js";
import { button, html } from "../lib/html.js";
import { mergeTrades, withMoves } from "../lib/reducers.js";
import { instruments, isReady, selected, symbolTrades, tickOf, trades } from "../lib/store.js";
import { askTrade } from "../lib/why.js";
import { Empty, Panel, Segments, Signed } from "./parts.js";

const SHOWN = 80;

/** Load the symbol's recent trades when it is selected; live ones have come meanwhile and stay on top. */
function useRecentTrades(symbol) {
  useEffect(() => {
    if (!symbol || !isReady.value) return;
    api.trades(symbol, 100).then((recent) => {
      if (selected.value === symbol) symbolTrades.value = mergeTrades(symbolTrades.value, withMoves(recent));
    }, () => null);
  }, [symbol, isReady.value]);
}

function TradeLine({ trade, isAll, isFirst }) {
  return html`<tr>
    <td class="muted">${clock(trade.timestamp)}</td>
    ${isAll && html`<td class="strong">${trade.symbol}</td>`}
    <td class="num"><button type="button" class="link-button why-trade" tabindex=${isFirst ? 0 : -1}
      title="Why this trade?" data-testid="why-trade" onClick=${() => askTrade(trade)}><span class="sr-only">Why this
      trade at </span><${Signed} value=${trade.move}>${price(trade.price, tickOf(trade.symbol))}<//></button></td>
    <td class="num">${quantity(trade.quantity)}</td>
    <td class=${trade.aggressor === "BUY" ? "up" : "down"}>${trade.aggressor === "BUY" ? "Buy" : "Sell"}</td>
  </tr>`;
}

/** Up and down walk the trades, from the newest, which Tab reaches. */
function walk(event) {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!step || !event.target.matches(".why-trade")) return;
  event.preventDefault();
  const trades = [...event.currentTarget.querySelectorAll(".why-trade")];
  trades[trades.indexOf(event.target) + step]?.focus();
}

export function Tape() {
  const [scope, setScope] = useState("one");
  const [held, setHeld] = useState(null);
  useRecentTrades(selected.value);
  const isAll = scope === "all";
  const live = isAll ? trades.value : symbolTrades.value;
  const shown = (held ?? live).slice(0, SHOWN);
  const choose = (next) => { setScope(next); setHeld(null); };
  const head = html`<${Segments} label="Trades of" value=${scope} onSelect=${choose}
      choices=${[["one", selected.value || "Symbol"], ["all", "All"]]} />
    <button ...${button("small")} aria-pressed=${String(held !== null)} data-testid="tape-pause"
      onClick=${() => setHeld(held ? null : live)}>${held ? "▶ Resume" : "❚❚ Pause"}</button>`;
  return html`<${Panel} title="Tape" name="tape" head=${head}>
    <div class="scroll" tabindex="0" role="group" aria-label="Trades">
      <table class="tape" data-testid="tape" onKeyDown=${walk}>
        <caption>Latest trades, newest first</caption>
        <thead><tr><th scope="col">Time</th>${isAll && html`<th scope="col">Symbol</th>`}
          <th scope="col" class="num">Price</th><th scope="col" class="num">Qty</th>
          <th scope="col"><abbr title="Side of the incoming order">Taker</abbr></th></tr></thead>
        <tbody>${shown.map((trade, at) => html`<${TradeLine} key=${trade.trade_id} trade=${trade}
          isAll=${isAll} isFirst=${at === 0} />`)}</tbody>
      </table>
      ${shown.length === 0 && instruments.value.length > 0 && html`<${Empty} title="No trades yet" />`}
    </div>
  <//>`;
}
