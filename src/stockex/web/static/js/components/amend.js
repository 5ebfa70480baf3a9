// The dialog that gives an open order a new quantity, a new price, or both.

import { useState } from "preact/hooks";

import { api } from "../lib/api.js";
import { stepped } from "../lib/estimate.js";
import { fieldPrice, price, quantity } from "../lib/format.js";
import { button, html } from "../lib/html.js";
import { tell } from "../lib/notices.js";
import { applyEvents } from "../lib/reducers.js";
import { instruments, tickOf } from "../lib/store.js";
import { Dialog, Stepper } from "./parts.js";

/** Only what differs from the order is sent: a smaller quantity alone keeps the order's place. */
function changeOf(order, qty, limit) {
  const change = {};
  if (Number(qty) !== order.quantity) change.quantity = Number(qty);
  if (order.price !== null && Number(limit) !== order.price) change.price = Number(limit);
  return change;
}

function consequence(order, change) {
  if (Object.keys(change).length === 0) return "Change the quantity, the price, or both.";
  const keeps = change.price === undefined && change.quantity < order.quantity;
  return keeps ? "A smaller quantity keeps the order's place in the queue."
    : "A new price or a larger quantity goes to the back of the queue, and may trade at once.";
}

export function Amend({ order, onClose }) {
  const tick = tickOf(order.symbol);
  const lot = instruments.value.find(({ symbol }) => symbol === order.symbol)?.lot ?? 1;
  const [qty, setQty] = useState(String(order.quantity));
  const [limit, setLimit] = useState(fieldPrice(order.price, tick));
  const [error, setError] = useState(null);
  const change = changeOf(order, qty, limit);
  const send = async (event) => {
    event.preventDefault();
    try {
      const answer = await api.amend(order.cl_ord_id, change);
      applyEvents([["order", answer.order], ...(answer.fills ?? []).map((fill) => ["fill", fill])]);
      tell(`Amended: ${order.side} ${quantity(answer.order.quantity)} ${order.symbol}`, {
        tone: "good", detail: `at ${price(answer.order.price, tick)}`,
      });
      onClose();
    } catch (refusal) {
      setError(refusal);
    }
  };
  const invalid = (field) => (error?.field === field ? "true" : undefined);
  return html`<${Dialog} title="Amend order" onClose=${onClose} testid="amend-dialog">
    <p class="muted">${order.side} ${quantity(order.quantity)} ${order.symbol} at ${price(order.price, tick)}, of which
      ${" "}${quantity(order.cum)} filled</p>
    <form class="ticket" onSubmit=${send} novalidate>
      <${Stepper} label="Total quantity, what is filled included" field="quantity" testid="amend-qty" value=${qty}
        aria-invalid=${invalid("quantity")} onInput=${setQty}
        onStep=${(steps) => setQty(String(Math.max(lot, Number(qty) + steps * lot)))} />
      <${Stepper} label=${`Limit price (tick ${tick})`} field="price" testid="amend-price" value=${limit}
        disabled=${order.price === null} aria-invalid=${invalid("price")} onInput=${setLimit}
        onStep=${(steps) => setLimit(fieldPrice(stepped(Number(limit), steps, tick), tick))} />
      <p class="muted">${consequence(order, change)}</p>
      ${error && html`<div class="result bad" role="alert" data-testid="amend-result"><b>✕ Refused</b> ${error.message}
        <small>${[error.reason, error.rule && `rule ${error.rule}`].filter(Boolean).join(" · ")}</small></div>`}
      <div class="dialog-actions"><button ...${button("")} onClick=${onClose}>Keep as it is</button>
        <button class="button primary" data-testid="amend-submit" disabled=${Object.keys(change).length === 0}>
          Amend</button></div>
    </form>
  <//>`;
}
