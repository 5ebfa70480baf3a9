// The ticket's own fields: symbol, parts of the cash, quick prices, the stop price, and how much the book shows.

import { affordable, stepped } from "../lib/estimate.js";
import { fieldPrice, price as priceText } from "../lib/format.js";
import { button, html } from "../lib/html.js";
import { TYPES } from "../lib/order-types.js";
import * as store from "../lib/store.js";
import { numberOf, sizeOf, touch } from "../lib/ticket-form.js";
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
  return html`<${Stepper} label=${`Stop price (last ${priceText(last, tick)})`} field="stop_price" testid="ticket-stop"
    value=${form.stop} placeholder=${form.side === "BUY" ? "Higher" : "Lower"}
    aria-invalid=${invalid("stop_price")} onInput=${(stop) => set({ stop })} onStep=${step} />`;
}

/** Post-only, iceberg, hidden: shown where they apply; what an option needs opens below it. */
export function Extras({ form, set, invalid }) {
  const { can } = form;
  const lot = store.instrument.value?.lot ?? 1;
  const tenth = Math.max(1, Math.ceil(sizeOf(form) / 10 / lot)) * lot;
  if (!can.postOnly && !can.iceberg && !can.hidden) return null;
  const option = (name, text, { title, isOn, change }) => html`<label class="check" title=${title}>
    <input type="checkbox" data-testid=${`ticket-${name}`} checked=${isOn}
      onChange=${(event) => set(change(event.target.checked))} />${text}</label>`;
  const step = (field) => (steps) => set((now) => ({
    [field]: String(Math.max(lot, (numberOf(now[field]) ?? 0) + steps * lot)),
  }));
  return html`<div class="options" role="group" aria-label="Options">
      ${can.postOnly && option("post-only", "Post-only", {
        title: "Rests, never takes", isOn: form.postOnly, change: (postOnly) => ({ postOnly }),
      })}
      ${can.iceberg && option("iceberg", "Iceberg", {
        title: "The book shows only a part at a time", isOn: form.isIceberg,
        change: (isIceberg) => ({ isIceberg, isHidden: false, display: form.display || String(tenth) }),
      })}
      ${can.hidden && option("hidden", "Hidden", {
        title: "The book shows nothing of it", isOn: form.isHidden,
        change: (isHidden) => ({ isHidden, isIceberg: false }),
      })}</div>
    ${form.isIceberg && html`<${Stepper} label="Quantity shown at a time" field="display_quantity" value=${form.display}
      testid="ticket-display" aria-invalid=${invalid("display_quantity")} onInput=${(display) => set({ display })}
      onStep=${step("display")} />`}
    ${form.isHidden && html`<${Stepper} label="Minimum execution (optional)" field="min_exec" value=${form.minExec}
      testid="ticket-min-exec" placeholder="Any size" aria-invalid=${invalid("min_exec")}
      onInput=${(minExec) => set({ minExec })} onStep=${step("minExec")} />`}`;
}
