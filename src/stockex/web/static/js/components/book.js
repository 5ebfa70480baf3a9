// The ladder of the selected symbol: levels with size bars and running totals, own orders marked, spread, imbalance.

import { useRef } from "preact/hooks";

import { arrow, fixed, price, quantity, toUnits, trend } from "../lib/format.js";
import { html } from "../lib/html.js";
import { book, instrument, isGathering, ownLevels, selected, tickerOf, ticketFill } from "../lib/store.js";
import { Call } from "./call.js";
import { Panel } from "./parts.js";

const LEVELS = 10;

/** Levels best first with running totals, padded so that the ladder never changes its height. */
function totals(levels) {
  let total = 0;
  const summed = levels.slice(0, LEVELS).map(([at, size, orders]) => {
    total += size;
    return { price: at, size, orders, total };
  });
  return [...summed, ...Array(LEVELS - summed.length).fill(null)];
}

function Level({ level, side, widest, tick, isBest }) {
  const tone = side === "BUY" ? "bid" : "ask";
  if (!level) return html`<tr class="level blank ${tone}"><td></td><td></td><td></td><td></td></tr>`;
  const own = ownLevels.value.get(`${side}@${level.price}`);
  const width = `${Math.round((level.size / widest) * 100)}%`;
  return html`<tr class="level ${tone} ${own ? "own" : ""}" style=${{ "--width": width }}>
    <td class="own-mark">${own ? html`<span title="Your open quantity"><span aria-hidden="true">◆</span>
      <span class="sr-only">own </span>${quantity(own)}</span>` : html`<span class="muted">${level.orders}</span>`}</td>
    <td class="num">${quantity(level.size)}</td>
    <td class="num"><button type="button" class="level-price ${side === "BUY" ? "up" : "down"}"
      tabindex=${isBest ? 0 : -1} title="Put this price into the ticket"
      onClick=${() => { ticketFill.value = { price: level.price }; }}>${price(level.price, tick)}</button></td>
    <td class="num muted">${quantity(level.total)}</td>
  </tr>`;
}

function Middle({ depth, tick }) {
  const line = tickerOf(selected.value).value;
  const [bid, ask] = [depth?.bids[0]?.[0], depth?.asks[0]?.[0]];
  const isTwoSided = bid !== undefined && ask !== undefined;
  const mid = isTwoSided ? (bid + ask) / 2 : null;
  const points = isTwoSided ? ((ask - bid) / mid) * 10_000 : null;
  return html`<tr class="middle"><td colspan="4"><div>
    <span class="last ${trend(line?.move)}"><span class="arrow" aria-hidden="true">${arrow(line?.move)}</span>
      ${price(line?.last ?? line?.reference, tick)}</span>
    ${isGathering(selected.value) ? html`<span class="muted" title="Bids may stand above asks until the auction"><b>No
      spread</b> before the auction</span>`
      : html`<span class="muted">Mid <b>${isTwoSided ? fixed(mid, 4) : "–"}</b></span>
    <span class="muted">Spread <b>${isTwoSided ? price(ask - bid, tick) : "–"}</b>
      ${" "}${isTwoSided && `${fixed(points, 1)} bp`}</span>`}
  </div></td></tr>`;
}

function Imbalance({ bids, asks }) {
  const [bought, sold] = [bids, asks].map((levels) => levels.reduce((sum, level) => sum + (level?.size ?? 0), 0));
  const share = bought + sold > 0 ? bought / (bought + sold) : 0.5;
  const percent = Math.round(share * 100);
  return html`<div class="imbalance" title="Share of the visible quantity on each side">
    <span class="up">Bids ${percent}%</span>
    <span class="bar" aria-hidden="true">
      <i style=${{ flexGrow: share }}></i><i style=${{ flexGrow: 1 - share }}></i></span>
    <span class="down">${100 - percent}% Asks</span>
  </div>`;
}

/** Up and down walk the prices, from the best ones, which Tab reaches. */
function walk(event) {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!step || !event.target.matches(".level-price")) return;
  event.preventDefault();
  const prices = [...event.currentTarget.querySelectorAll(".level-price")];
  prices[prices.indexOf(event.target) + step]?.focus();
}

export function Book() {
  const table = useRef(null);
  const depth = book.value;
  const tick = instrument.value?.tick;
  const [bids, asks] = [totals(depth?.bids ?? []), totals(depth?.asks ?? [])];
  const widest = Math.max(1, ...[...bids, ...asks].map((level) => level?.size ?? 0));
  const level = (side) => (one, at) => html`<${Level} key=${one ? toUnits(one.price) : -at - 1} level=${one}
    side=${side} widest=${widest} tick=${tick} isBest=${at === 0} />`;
  return html`<${Panel} title="Order book" name="book" head=${html`<span class="muted">${selected.value}</span>`}>
    <${Call} testid="book-call" />
    <div class="scroll">
      <table class="ladder" data-testid="book" ref=${table} onKeyDown=${walk}>
        <caption>Order book of ${selected.value}, asks above bids</caption>
        <thead><tr><th scope="col"><abbr title="Number of orders, or your own quantity">Orders</abbr></th>
          ${["Size", "Price", "Total"].map((text) => html`<th key=${text} scope="col" class="num">${text}</th>`)}
        </tr></thead>
        <tbody class="asks">${asks.map(level("SELL")).reverse()}</tbody>
        <tbody><${Middle} depth=${depth} tick=${tick} /></tbody>
        <tbody class="bids">${bids.map(level("BUY"))}</tbody>
      </table>
    </div>
    ${!isGathering(selected.value) && html`<${Imbalance} bids=${bids} asks=${asks} />`}
  <//>`;
}
