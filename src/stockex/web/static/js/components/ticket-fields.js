// The ticket's own fields: symbol, parts of the cash, quick prices, stop price, distance, and expiry.

import { affordable, shifted, stepped } from "../lib/estimate.js";
import { fieldPrice, price as priceText } from "../lib/format.js";
import { button, html } from "../lib/html.js";
import { TYPES } from "../lib/order-types.js";
import * as store from "../lib/store.js";
import { numberOf, touch } from "../lib/ticket-form.js";
import { Stepper } from "./parts.js";

export function SymbolSelect() {
  return html`<label class="field"><span class="label">Symbol</span>
    <select class="input" data-testid="ticket-symbol" value=${store.selected.value}
      onChange=${(event) => store.select(event.target.value)}>
      ${store.instruments.value.map(({ symbol, name }) => html`<option key=${symbol} value=${symbol}
        selected=${symbol === store.selected.value}>${symbol} · ${name}</option>`)}
    </select></label>`;
}

export function Shares({ form, set }) {
  const { portfolio, selected, instrument } = store;
  const holding = portfolio.value?.holdings.find(({ symbol }) => symbol === selected.value);
  const free = (holding?.quantity ?? 0) - (holding?.reserved ?? 0);
  const stop = TYPES[form.type].isStop ? numberOf(form.stop) : null;
  const fill = (share) => set({
    quantity: String(affordable({
      side: form.side, share, cash: portfolio.value?.available ?? 0, held: free,
      price: form.limit ?? stop ?? touch(form.side), lot: instrument.value?.lot ?? 1,
    })),
  });
  const of = form.side === "BUY" ? "available cash" : "free shares";
  return html`<div class="quick" role="group" aria-label=${`Part of the ${of}`}>
    ${[10, 25, 50, 100].map((part) => html`<button key=${part} ...${button("small")}
      title=${`${part}% of the ${of}`} onClick=${() => fill(part / 100)}>${part}%</button>`)}
  </div>`;
}

export function QuickPrices({ onPick }) {
  const line = store.tickerOf(store.selected.value).value;
  const tick = store.instrument.value?.tick;
  const pick = (name, value) => html`<button ...${button("small")} disabled=${value === null || value === undefined}
    title=${`Use the best ${name.toLowerCase()}`} onClick=${() => onPick(fieldPrice(value, tick))}>
    <span class="muted">${name}</span> ${priceText(value, tick)}</button>`;
  return html`<div class="quick two">${pick("Bid", line?.best_bid)}${pick("Ask", line?.best_ask)}</div>`;
}

export function StopPrice({ form, set, invalid }) {
  const line = store.tickerOf(store.selected.value).value;
  const tick = store.instrument.value?.tick ?? 0.01;
  const last = line?.last ?? line?.reference ?? null;
  const step = (steps) => set((now) => ({
    stop: fieldPrice(stepped(numberOf(now.stop) ?? last ?? 0, steps, tick), tick),
  }));
  const { isTrailing } = TYPES[form.type];
  const name = isTrailing ? "First stop (optional)" : `Stop price (last ${priceText(last, tick)})`;
  const hint = isTrailing ? "Auto" : form.side === "BUY" ? "Higher" : "Lower";
  return html`<${Stepper} label=${name} field="stop_price" testid="ticket-stop" value=${form.stop} placeholder=${hint}
    aria-invalid=${invalid("stop_price")} onInput=${(stop) => set({ stop })} onStep=${step} />`;
}

/** How far a trailing stop keeps from the last price. */
export function Trail({ form, set, invalid }) {
  const tick = store.instrument.value?.tick ?? 0.01;
  const step = (steps) => set((now) => ({ trail: fieldPrice(stepped(numberOf(now.trail) ?? 0, steps, tick), tick) }));
  return html`<${Stepper} label="Distance, in euro" field="trail" testid="ticket-trail" value=${form.trail}
    aria-invalid=${invalid("trail")} onInput=${(trail) => set({ trail })} onStep=${step} />`;
}

/** How far a peg keeps from what it follows: it is added, so that the sign says to which side. */
export function Offset({ form, set, invalid }) {
  const tick = store.instrument.value?.tick ?? 0.01;
  const step = (steps) => set((now) => ({ offset: fieldPrice(shifted(numberOf(now.offset) ?? 0, steps, tick), tick) }));
  return html`<${Stepper} label="Offset, in euro (optional)" field="peg_offset" testid="ticket-offset"
    value=${form.offset} placeholder=${form.side === "BUY" ? "-0.05" : "0.05"} aria-invalid=${invalid("peg_offset")}
    onInput=${(offset) => set({ offset })} onStep=${step} />`;
}

/** When a GTD or GTT order ends, in the reader's own time zone. */
export function Expiry({ form, set, invalid }) {
  return html`<label class="field"><span class="label">Expires at (your time)</span>
    <input class="input" type="datetime-local" name="expire_at" data-testid="ticket-expiry" value=${form.expiry}
      aria-invalid=${invalid("expire_at")} onInput=${(event) => set({ expiry: event.target.value })} /></label>`;
}
