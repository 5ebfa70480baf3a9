// The dialog that gives an open order new terms: quantity and price, and where it has them, stop, minimum and expiry.

import { useState } from "preact/hooks";

import { api } from "../lib/api.js";
import { shifted, stepped } from "../lib/estimate.js";
import { fieldPrice, quantity } from "../lib/format.js";
import { button, html } from "../lib/html.js";
import { tell } from "../lib/notices.js";
import { TYPES, extrasOf, isTimed } from "../lib/order-types.js";
import { kindOf, lifeOf, orderPrice } from "../lib/order-words.js";
import { applyEvents } from "../lib/reducers.js";
import { instruments, phaseOf, tickOf } from "../lib/store.js";
import { instantOf, instantText } from "../lib/ticket-form.js";
import { Dialog, Stepper } from "./parts.js";
import { RefusedLine } from "./refusal.js";

const isPeg = (order) => Boolean(TYPES[order.ord_type]?.isPeg);
const isStop = (order) => Boolean(TYPES[order.ord_type]?.isStop);
const isPriced = (order) => order.price !== null || isPeg(order);
const hasMinimum = (order) => Boolean(order.min_exec);
const isTrailing = (order) => Boolean(TYPES[order.ord_type]?.isTrailing);
const canTradeAtOnce = (order) => extrasOf(order.ord_type, order.time_in_force, phaseOf(order.symbol)).minQty
  && !order.post_only;

/** The order's terms as the fields of the form hold them. */
function termsOf(order, tick) {
  return {
    qty: String(order.quantity),
    limit: isPeg(order) ? "" : fieldPrice(order.price, tick),
    stop: fieldPrice(order.stop_price, tick),
    trail: fieldPrice(order.trail, tick),
    minQty: "",
    offset: isPeg(order) ? fieldPrice(order.peg_offset ?? 0, tick) : "",
    minExec: String(order.min_exec ?? ""),
    expiry: isTimed(order.time_in_force) ? instantText(order.expire_at) : "",
  };
}

/** Only what differs from the order is sent: a smaller quantity alone keeps the order's place. */
function changeOf(order, { qty, limit, stop, trail, offset, minExec, minQty, expiry }, tick) {
  const change = {};
  if (Number(qty) !== order.quantity) change.quantity = Number(qty);
  if (isPriced(order) && limit !== "" && Number(limit) !== order.price) change.price = Number(limit);
  if (isStop(order) && stop !== "" && Number(stop) !== order.stop_price) change.stop_price = Number(stop);
  if (isTrailing(order) && Number(trail) !== order.trail) change.trail = Number(trail);
  if (minQty !== "") change.min_qty = Number(minQty);
  if (offset !== termsOf(order, tick).offset) change.peg_offset = Number(offset);
  if (hasMinimum(order) && Number(minExec) !== order.min_exec) change.min_exec = Number(minExec);
  if (expiry !== termsOf(order, tick).expiry) change.expire_at = instantOf(expiry);
  return change;
}

function consequence(order, change) {
  if (Object.keys(change).length === 0) return "Change what is to be different.";
  if (isStop(order)) return "The order goes on waiting, unless the last price has reached the stop.";
  if (change.min_qty !== undefined) return "That much trades at once, or the order is cancelled whole.";
  const keeps = change.price === undefined && change.peg_offset === undefined && !(change.quantity > order.quantity);
  return keeps ? "The order keeps its place in the queue."
    : "A new price or a larger quantity goes to the back of the queue, and may trade at once.";
}

function Fields({ order, terms, set, invalid }) {
  const tick = tickOf(order.symbol);
  const lot = instruments.value.find(({ symbol }) => symbol === order.symbol)?.lot ?? 1;
  const moved = {
    price: (value, steps) => fieldPrice(stepped(value || (order.price ?? 0), steps, tick), tick),
    distance: (value, steps) => fieldPrice(shifted(value || 0, steps, tick), tick),
    shares: (value, steps) => String(Math.max(lot, (value || 0) + steps * lot)),
  };
  const field = (key, text, { name, testid, hint = "", kind = "price" }) => html`<${Stepper} label=${text} field=${name}
    testid=${testid} value=${terms[key]} placeholder=${hint} aria-invalid=${invalid(name)}
    onInput=${(typed) => set({ [key]: typed })}
    onStep=${(steps) => set({ [key]: moved[kind](Number(terms[key]), steps) })} />`;
  return html`${field("qty", "Total quantity, what is filled included", {
      name: "quantity", testid: "amend-qty", kind: "shares",
    })}
    ${isStop(order) && field("stop", `Stop price (tick ${tick})`, { name: "stop_price", testid: "amend-stop" })}
    ${isTrailing(order) && field("trail", "Distance, in euro", {
      name: "trail", testid: "amend-trail", kind: "distance",
    })}
    ${isPriced(order) && field("limit", isPeg(order) ? "New bound (optional)" : `Limit price (tick ${tick})`, {
      name: "price", testid: "amend-price", hint: isPeg(order) ? "Unchanged" : "",
    })}
    ${isPeg(order) && field("offset", "Offset, in euro", {
      name: "peg_offset", testid: "amend-offset", kind: "distance",
    })}
    ${hasMinimum(order) && field("minExec", "Minimum of each trade", {
      name: "min_exec", testid: "amend-min-exec", kind: "shares",
    })}
    ${canTradeAtOnce(order) && field("minQty", "Minimum at once (optional)", {
      name: "min_qty", testid: "amend-min-qty", hint: "None", kind: "shares",
    })}
    ${isTimed(order.time_in_force) && html`<label class="field"><span class="label">Expires at (your time)</span>
      <input class="input" type="datetime-local" name="expire_at" data-testid="amend-expiry" value=${terms.expiry}
        aria-invalid=${invalid("expire_at")} onInput=${(event) => set({ expiry: event.target.value })} /></label>`}`;
}

export function Amend({ order, onClose }) {
  const tick = tickOf(order.symbol);
  const [terms, setTerms] = useState(() => termsOf(order, tick));
  const [error, setError] = useState(null);
  const change = changeOf(order, terms, tick);
  const send = async (event) => {
    event.preventDefault();
    const [unread] = Object.keys(change).filter((field) => change[field] === null || Number.isNaN(change[field]));
    if (unread) return setError({ field: unread, message: "What stands there is no number or no time." });
    try {
      const answer = await api.amend(order.cl_ord_id, change);
      applyEvents([["order", answer.order], ...(answer.fills ?? []).map((fill) => ["fill", fill])]);
      tell(`Amended: ${order.side} ${quantity(answer.order.quantity)} ${order.symbol}`, {
        tone: "good", detail: `${kindOf(answer.order, tick)}, ${orderPrice(answer.order, tick)}`,
      });
      onClose();
    } catch (refusal) {
      setError(refusal);
    }
    return null;
  };
  const invalid = (field) => (error?.field === field ? "true" : undefined);
  return html`<${Dialog} title="Amend order" onClose=${onClose} testid="amend-dialog">
    <p class="muted">${order.side} ${quantity(order.quantity)} ${order.symbol}, ${kindOf(order, tick)},
      ${" "}${orderPrice(order, tick)}, ${lifeOf(order).toLowerCase()}; ${quantity(order.cum)} filled</p>
    <form class="ticket" onSubmit=${send} novalidate>
      <${Fields} order=${order} terms=${terms} invalid=${invalid}
        set=${(typed) => setTerms((now) => ({ ...now, ...typed }))} />
      <p class="muted">${consequence(order, change)}</p>
      <${RefusedLine} error=${error} testid="amend-result" />
      <div class="dialog-actions"><button ...${button("")} onClick=${onClose}>Keep as it is</button>
        <button class="button primary" data-testid="amend-submit" disabled=${Object.keys(change).length === 0}>
          Amend</button></div>
    </form>
  <//>`;
}
