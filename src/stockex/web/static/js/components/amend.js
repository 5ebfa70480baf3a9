// The dialog that gives an open order a new quantity, a new price, or both; a waiting stop also a new stop price.

import { useState } from "preact/hooks";

import { api } from "../lib/api.js";
import { stepped } from "../lib/estimate.js";
import { fieldPrice, quantity } from "../lib/format.js";
import { button, html } from "../lib/html.js";
import { tell } from "../lib/notices.js";
import { TYPES, kindOf, orderPrice } from "../lib/order-types.js";
import { applyEvents } from "../lib/reducers.js";
import { instruments, tickOf } from "../lib/store.js";
import { Dialog, Stepper } from "./parts.js";
import { WhyRefused } from "./why.js";

/** Only what differs from the order is sent: a smaller quantity alone keeps the order's place. */
function changeOf(order, { qty, limit, stop }) {
  const change = {};
  if (Number(qty) !== order.quantity) change.quantity = Number(qty);
  if (isPriced(order) && limit !== "" && Number(limit) !== order.price) change.price = Number(limit);
  if (isStop(order) && Number(stop) !== order.stop_price) change.stop_price = Number(stop);
  return change;
}

const isPeg = (order) => Boolean(TYPES[order.ord_type]?.isPeg);
const isStop = (order) => Boolean(TYPES[order.ord_type]?.isStop);
const isPriced = (order) => order.price !== null || isPeg(order);

function consequence(order, change) {
  if (Object.keys(change).length === 0) return "Change what is to be different.";
  if (isStop(order)) return "The order goes on waiting, unless the last price has reached the stop.";
  const keeps = change.price === undefined && change.quantity < order.quantity;
  return keeps ? "A smaller quantity keeps the order's place in the queue."
    : "A new price or a larger quantity goes to the back of the queue, and may trade at once.";
}

export function Amend({ order, onClose }) {
  const tick = tickOf(order.symbol);
  const lot = instruments.value.find(({ symbol }) => symbol === order.symbol)?.lot ?? 1;
  const [qty, setQty] = useState(String(order.quantity));
  const [limit, setLimit] = useState(isPeg(order) ? "" : fieldPrice(order.price, tick));
  const [stop, setStop] = useState(fieldPrice(order.stop_price, tick));
  const [error, setError] = useState(null);
  const change = changeOf(order, { qty, limit, stop });
  const send = async (event) => {
    event.preventDefault();
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
  };
  const step = (text, set) => (steps) =>
    set(fieldPrice(stepped(Number(text) || (order.price ?? 0), steps, tick), tick));
  const limitLabel = isPeg(order) ? "New bound (optional)" : `Limit price (tick ${tick})`;
  const invalid = (field) => (error?.field === field ? "true" : undefined);
  return html`<${Dialog} title="Amend order" onClose=${onClose} testid="amend-dialog">
    <p class="muted">${order.side} ${quantity(order.quantity)} ${order.symbol}, ${kindOf(order, tick)},
      ${" "}${orderPrice(order, tick)}, of which ${quantity(order.cum)} filled</p>
    <form class="ticket" onSubmit=${send} novalidate>
      <${Stepper} label="Total quantity, what is filled included" field="quantity" testid="amend-qty" value=${qty}
        aria-invalid=${invalid("quantity")} onInput=${setQty}
        onStep=${(steps) => setQty(String(Math.max(lot, Number(qty) + steps * lot)))} />
      ${isStop(order) && html`<${Stepper} label=${`Stop price (tick ${tick})`} field="stop_price" testid="amend-stop"
        value=${stop} aria-invalid=${invalid("stop_price")} onInput=${setStop} onStep=${step(stop, setStop)} />`}
      ${isPriced(order) && html`<${Stepper} label=${limitLabel} field="price" testid="amend-price" value=${limit}
        placeholder=${isPeg(order) ? "Unchanged" : ""} aria-invalid=${invalid("price")} onInput=${setLimit}
        onStep=${step(limit, setLimit)} />`}
      <p class="muted">${consequence(order, change)}</p>
      ${error && html`<div class="result bad" role="alert" data-testid="amend-result"><b>✕ Refused</b> ${error.message}
        <small>${[error.reason, error.rule && `rule ${error.rule}`].filter(Boolean).join(" · ")}</small>
        <${WhyRefused} error=${error} /></div>`}
      <div class="dialog-actions"><button ...${button("")} onClick=${onClose}>Keep as it is</button>
        <button class="button primary" data-testid="amend-submit" disabled=${Object.keys(change).length === 0}>
          Amend</button></div>
    </form>
  <//>`;
}
