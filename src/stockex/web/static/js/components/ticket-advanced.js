// The advanced part of the ticket: the further terms of an order, only those that its type and time in force take.

import { useEffect, useState } from "preact/hooks";

import { stepped } from "../lib/estimate.js";
import { fieldPrice } from "../lib/format.js";
import { html } from "../lib/html.js";
import { SELF_TRADES, TYPES } from "../lib/order-types.js";
import { kindOf, orderPrice } from "../lib/order-words.js";
import * as store from "../lib/store.js";
import { NEW_LEG, numberOf, partnersOf, sizeOf, touch } from "../lib/ticket-form.js";
import { Stepper } from "./parts.js";

const FIELDS = new Set(["post_only", "display_quantity", "hidden", "min_exec", "cancel_below_min", "min_qty",
  "self_trade", "cancel_on_disconnect", "oco"]);

/** What is chosen, in a few words, for when the part is closed. */
function chosen(form) {
  return [
    form.postOnly && "post-only", form.isIceberg && "iceberg", form.isHidden && "hidden",
    form.minExec && "minimum a trade", form.minQty && "minimum at once", form.pair && "OCO",
    form.selfTrade && "own orders", form.endsWithSession && "ends at logout",
  ].filter(Boolean).join(", ");
}

function Check({ name, text, title, isOn, onChange }) {
  return html`<label class="check" title=${title}><input type="checkbox" data-testid=${`ticket-${name}`} checked=${isOn}
    onChange=${(event) => onChange(event.target.checked)} />${text}</label>`;
}

function Options({ form, set }) {
  const { can } = form;
  const lot = store.instrument.value?.lot ?? 1;
  const tenth = Math.max(1, Math.ceil(sizeOf(form) / 10 / lot)) * lot;
  return html`<div class="options" role="group" aria-label="Options">
    ${can.postOnly && html`<${Check} name="post-only" text="Post-only" title="Rests, never takes" isOn=${form.postOnly}
      onChange=${(postOnly) => set({ postOnly })} />`}
    ${can.iceberg && html`<${Check} name="iceberg" text="Iceberg" title="The book shows only a part at a time"
      isOn=${form.isIceberg} onChange=${(isIceberg) => set({
        isIceberg, isHidden: false, display: form.display || String(tenth),
      })} />`}
    ${can.hidden && html`<${Check} name="hidden" text="Hidden" title="The book shows nothing of it"
      isOn=${form.isHidden} onChange=${(isHidden) => set({ isHidden, isIceberg: false })} />`}
    <${Check} name="ends" text="Cancel when I log out" title="Also when the login runs out"
      isOn=${form.endsWithSession} onChange=${(endsWithSession) => set({ endsWithSession })} /></div>`;
}

function Sizes({ form, set, invalid }) {
  const { can } = form;
  const lot = store.instrument.value?.lot ?? 1;
  const size = (key, text, { field, testid, hint }) => html`<${Stepper} label=${text} field=${field} testid=${testid}
    value=${form[key]} placeholder=${hint} aria-invalid=${invalid(field)} onInput=${(typed) => set({ [key]: typed })}
    onStep=${(steps) => set((now) => ({ [key]: String(Math.max(lot, (numberOf(now[key]) ?? 0) + steps * lot)) }))} />`;
  return html`${form.isIceberg && size("display", "Quantity shown at a time", {
      field: "display_quantity", testid: "ticket-display", hint: "",
    })}
    <div class="pair">
      ${can.minExec && !form.isIceberg && size("minExec", "Minimum of each trade", {
        field: "min_exec", testid: "ticket-min-exec", hint: "Any size",
      })}
      ${can.minQty && !form.postOnly && size("minQty", "Minimum at once", {
        field: "min_qty", testid: "ticket-min-qty", hint: "Any size",
      })}</div>
    ${form.minExec && html`<${Check} name="ends-below" text="Cancel it when less than the minimum is left"
      isOn=${form.endsBelow} onChange=${(endsBelow) => set({ endsBelow })} />`}`;
}

/** One cancels the other: with a leg that is sent along, or with an open order. */
function Pair({ form, set, invalid }) {
  const { isStop } = TYPES[form.type];
  const tick = store.instrument.value?.tick ?? 0.01;
  const last = () => store.tickerOf(store.selected.value).peek()?.last ?? touch(form.side) ?? 0;
  const step = (steps) => set((now) => ({ leg: fieldPrice(stepped(numberOf(now.leg) ?? last(), steps, tick), tick) }));
  return html`<div class="pair"><label class="field"><span class="label">One cancels the other</span>
      <select class="input" data-testid="ticket-oco" value=${form.pair} aria-invalid=${invalid("oco")}
        onChange=${(event) => set({ pair: event.target.value })}>
        <option value="">No other leg</option>
        <option value=${NEW_LEG} selected=${form.pair === NEW_LEG}>With a new ${isStop ? "limit" : "stop"}</option>
        ${partnersOf(form).map((order) => html`<option key=${order.cl_ord_id} value=${order.cl_ord_id}
          selected=${form.pair === order.cl_ord_id}>${kindOf(order, tick)}${isStop && ` ${orderPrice(order, tick)}`}
          ${" "}(open)</option>`)}</select></label>
    ${form.pair === NEW_LEG && html`<${Stepper} label=${isStop ? "Limit of the other leg" : "Stop of the other leg"}
      field="oco" testid="ticket-leg" value=${form.leg} aria-invalid=${invalid("oco")}
      onInput=${(leg) => set({ leg })} onStep=${step} />`}</div>`;
}

function OwnOrders({ form, set, invalid }) {
  return html`<label class="field"><span class="label">When it meets an own order</span>
    <select class="input" data-testid="ticket-self-trade" value=${form.selfTrade} aria-invalid=${invalid("self_trade")}
      onChange=${(event) => set({ selfTrade: event.target.value })}>
      <option value="">As the market does</option>
      ${Object.entries(SELF_TRADES).map(([mode, text]) => html`<option key=${mode} value=${mode}
        selected=${mode === form.selfTrade}>${text}</option>`)}</select></label>`;
}

/** Closed until somebody opens it, or a refusal names a field of it. */
export function Advanced({ form, set, invalid, error }) {
  const [isOpen, setOpen] = useState(false);
  useEffect(() => { if (FIELDS.has(error?.field)) setOpen(true); }, [error]);
  const summary = chosen(form);
  return html`<details class="advanced" open=${isOpen} onToggle=${(event) => setOpen(event.target.open)}>
    <summary data-testid="ticket-advanced">Advanced${summary && html` <span class="muted">${summary}</span>`}</summary>
    <div class="advanced-body"><${Options} form=${form} set=${set} />
      <${Sizes} form=${form} set=${set} invalid=${invalid} />
      ${form.can.pair && html`<${Pair} form=${form} set=${set} invalid=${invalid} />`}
      <${OwnOrders} form=${form} set=${set} invalid=${invalid} /></div></details>`;
}
