// The tape: trades as they happen, of the selected symbol or of all; it can be held to read it.

import { useEffect, useState } from "preact/hooks";

import { api } from "../lib/api.js";
import { clock, price, quantity } from "../lib/format.js";
import { button, html } from "../lib/html.js";
import { mergeTrades, withMoves } from "../lib/reducers.js";
import { instruments, isOperator, isReady, selected, symbolTrades, tickOf, trades, undone } from "../lib/store.js";
import { askTrade } from "../lib/why.js";
import { Empty, Panel, Segments, Signed, TradeMark } from "./parts.js";
import { Undo } from "./undo.js";

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

/** One trade as it stands now; the operator's line has a button that undoes it. */
function TradeLine({ trade, isAll, isFirst, onUndo }) {
  const side = trade.aggressor === "BUY" ? "Buy" : "Sell";
  return html`<tr class=${trade.status === "BUSTED" ? "busted" : ""} data-trade-id=${trade.trade_id}>
    <td class="muted">${clock(trade.timestamp)}</td>
    ${isAll && html`<td class="strong">${trade.symbol}</td>`}
    <td class="num"><button type="button" class="link-button why-trade" tabindex=${isFirst ? 0 : -1}
      title="Why this trade?" data-testid="why-trade" onClick=${() => askTrade(trade)}><span class="sr-only">Why this
      trade at </span><${Signed} value=${trade.move}>${price(trade.price, tickOf(trade.symbol))}<//></button></td>
    <td class="num">${quantity(trade.quantity)}</td>
    <td class=${side === "Buy" ? "up" : "down"}>${side} <${TradeMark} trade=${trade} isShort /></td>
    ${isOperator.value && html`<td class="actions"><button ...${button("small ghost undo-trade")}
      tabindex=${isFirst ? 0 : -1} disabled=${trade.status === "BUSTED"} data-testid="undo-trade"
      title="Bust or correct this trade" aria-label="Bust or correct this trade"
      onClick=${() => onUndo(trade)}>⋯</button></td>`}
  </tr>`;
}

/** Up and down walk the trades, from the newest, whose buttons Tab reaches. */
function walk(event) {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const kind = [".why-trade", ".undo-trade"].find((each) => event.target.matches(each));
  if (!step || !kind) return;
  event.preventDefault();
  const walked = [...event.currentTarget.querySelectorAll(`${kind}:enabled`)];
  walked[walked.indexOf(event.target) + step]?.focus();
}

export function Tape() {
  const [scope, setScope] = useState("one");
  const [held, setHeld] = useState(null);
  const [chosen, setChosen] = useState(null);
  useRecentTrades(selected.value);
  const isAll = scope === "all";
  const live = isAll ? trades.value : symbolTrades.value;
  const shown = (held ?? live).slice(0, SHOWN).map((trade) => ({ ...trade, ...undone.value.get(trade.trade_id) }));
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
          <th scope="col"><abbr title="Side of the incoming order">Taker</abbr></th>
          ${isOperator.value && html`<th scope="col"><span class="sr-only">Actions</span></th>`}</tr></thead>
        <tbody>${shown.map((trade, at) => html`<${TradeLine} key=${trade.trade_id} trade=${trade}
          isAll=${isAll} isFirst=${at === 0} onUndo=${setChosen} />`)}</tbody>
      </table>
      ${chosen && html`<${Undo} key=${chosen.trade_id} trade=${chosen} onClose=${() => setChosen(null)} />`}
      ${shown.length === 0 && instruments.value.length > 0 && html`<${Empty} title="No trades yet" />`}
    </div>
  <//>`;
}
