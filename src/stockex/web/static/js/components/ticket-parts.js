// The ticket's two read-only parts: what the order would cost, and what became of it.

import { useEffect, useRef } from "preact/hooks";

import { label, money, price, quantity } from "../lib/format.js";
import { hintsOf } from "../lib/hints.js";
import { html } from "../lib/html.js";
import { TYPES } from "../lib/order-types.js";
import { orderPrice, waitsFor } from "../lib/order-words.js";
import { gathers } from "../lib/phases.js";
import { instrument, portfolio, selected } from "../lib/store.js";
import { Refusal } from "./refusal.js";

function availability(side) {
  if (side === "BUY") return ["Cash available", portfolio.value?.available ?? null, money];
  const holding = portfolio.value?.holdings.find(({ symbol }) => symbol === selected.value);
  return ["Shares to sell", (holding?.quantity ?? 0) - (holding?.reserved ?? 0), quantity];
}

/** What of the order trades at once, and if nothing, why. */
function atOnce(form, { now, rest }, tick) {
  if (TYPES[form.type].isStop) return "nothing before the stop";
  if (form.tif === "AT_CLOSE") return "nothing before the close";
  if (gathers(form.phase)) return "nothing before the auction";
  if (now.quantity === 0) return "nothing";
  return `${quantity(now.quantity)} at ø ${price(now.average, tick)}${rest > 0 ? `, ${quantity(rest)} left` : ""}`;
}

/** What the market's settings say of the order before it is sent. */
export function Hints({ form, preview }) {
  const hints = hintsOf(form, preview.value);
  return hints.length > 0 && html`<ul class="hints" data-testid="ticket-hints">${hints.map((hint) => html`<li
    key=${hint}><span aria-hidden="true">! </span>${hint}</li>`)}</ul>`;
}

export function Preview({ form, preview }) {
  const { side } = form;
  const tick = instrument.value?.tick;
  const [name, available, text] = availability(side);
  const needed = side === "BUY" ? preview.value : preview.now.quantity + preview.rest;
  const isBeyond = available !== null && needed > available;
  return html`<dl class="preview">
    <dt>${side === "BUY" ? "Estimated cost" : "Estimated proceeds"}</dt>
    <dd class="strong" data-testid="ticket-estimate">${money(preview.value)}</dd>
    <dt>Trades at once</dt><dd>${atOnce(form, preview, tick)}</dd>
    <dt>${name}</dt>
    <dd class=${isBeyond ? "down" : ""}>${isBeyond && html`<span aria-hidden="true">▲ </span>`}${text(available)}
      ${isBeyond && html`<span class="sr-only"> is not enough</span>`}</dd>
  </dl>`;
}

/** Where an order stands that has not traded. */
function standing(order, left, tick) {
  if (order.is_waiting) return waitsFor(order, tick);
  return `${left} rest ${order.hidden ? "unseen " : ""}in the book at ${orderPrice(order, tick).toLowerCase()}`;
}

function outcome(order, fills) {
  const tick = instrument.value?.tick;
  const traded = fills.reduce((sum, fill) => sum + fill.quantity, 0);
  const filled = `Filled ${quantity(traded)} of ${quantity(order.quantity)} at ø ${price(order.average_price, tick)}`;
  const left = quantity(order.quantity - order.cum);
  switch (order.status) {
    case "FILLED": return ["good", filled, ""];
    case "PARTIALLY_FILLED": return ["good", filled, `${left} rest in the book`];
    case "CANCELLED":
      return ["warn", traded > 0 ? filled : "Nothing filled", `${left} cancelled: ${label(order.reason)}`];
    default: return ["good", "Accepted", standing(order, left, tick)];
  }
}

/** One line that says what became of the order, and why. The live region reads the same news out. */
export function Result({ result }) {
  const line = useRef(null);
  useEffect(() => { if (result) line.current?.scrollIntoView({ block: "nearest" }); }, [result]);
  if (!result) return html`<div class="result" data-testid="ticket-result" data-state="none"></div>`;
  if (result.error) {
    return html`<div class="result bad" ref=${line} data-testid="ticket-result" data-state="refused">
      <${Refusal} error=${result.error} /></div>`;
  }
  const [tone, text, detail] = outcome(result.order, result.fills);
  return html`<div class="result ${tone}" ref=${line} data-testid="ticket-result" data-state=${result.order.status}>
    <b><span aria-hidden="true">${tone === "good" ? "✓ " : "! "}</span>${text}</b>
    <small>${[detail, result.note, result.order.cl_ord_id].filter(Boolean).join(" · ")}</small></div>`;
}
