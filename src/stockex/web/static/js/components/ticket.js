// The order ticket. What is typed here survives every event; a new symbol, a new side or a click in the book sets the
// price.

import { useEffect, useRef, useState } from "preact/hooks";

import { api } from "../lib/api.js";
import { affordable, estimate, stepped } from "../lib/estimate.js";
import { fieldPrice, price as priceText, quantity as quantityText } from "../lib/format.js";
import { button, html } from "../lib/html.js";
import { tell } from "../lib/notices.js";
import { applyEvents } from "../lib/reducers.js";
import * as store from "../lib/store.js";
import { LoginInvite, Panel, Segments, Stepper } from "./parts.js";
import { Preview, Result } from "./ticket-parts.js";

const FRESH = { side: "BUY", type: "LIMIT", tif: "DAY", quantity: "10", price: "", postOnly: false };
const TIFS = [
  ["DAY", "DAY: until the end of the day"],
  ["GTC", "GTC: until cancelled"],
  ["IOC", "IOC: what trades at once"],
  ["FOK", "FOK: all at once or nothing"],
];

/** Number of the text of a field, or null where it is none: "1,000" is 1000. */
function numberOf(text) {
  const value = Number(text.replaceAll(",", "").trim());
  return text.trim() === "" || Number.isNaN(value) ? null : value;
}

const sizeOf = (form) => numberOf(form.quantity) ?? 0;

/** The other side's best price: where an order of `side` would trade now. */
function touch(side) {
  const line = store.tickerOf(store.selected.value).peek();
  const best = side === "BUY" ? line?.best_ask : line?.best_bid;
  return best ?? line?.last ?? line?.reference ?? null;
}

function problem(form) {
  if (numberOf(form.quantity) === null) return { field: "quantity", message: "Enter a quantity." };
  if (form.type === "LIMIT" && numberOf(form.price) === null) return { field: "price", message: "Enter a price." };
  return null;
}

function orderOf(form) {
  const order = {
    symbol: store.selected.value, side: form.side, quantity: numberOf(form.quantity), ord_type: form.type,
    time_in_force: form.tif,
  };
  if (form.type === "LIMIT") order.price = numberOf(form.price);
  if (form.postOnly && form.type === "LIMIT") order.post_only = true;
  return order;
}

/** Keep the price in step with the symbol, the side and clicks in the book: `set` merges into the form. */
function usePrice(form, set) {
  const { selected, instrument, ticketFill } = store;
  const isTyped = useRef(false);
  const hasLine = store.tickerOf(selected.value).value !== null;
  const suggest = (side) => fieldPrice(touch(side), instrument.peek()?.tick);
  useEffect(() => {
    isTyped.current = false;
    if (instrument.value && hasLine) set({ price: suggest(form.side) });
  }, [instrument.value?.symbol, hasLine]);
  useEffect(() => {
    const { price, side } = ticketFill.value ?? {};
    if (price !== undefined) isTyped.current = true;
    if (price !== undefined) set({ type: "LIMIT", price: fieldPrice(price, instrument.peek()?.tick) });
    if (side) set({ side });
  }, [ticketFill.value]);
  return {
    typed: (price) => { isTyped.current = true; set({ price }); },
    sided: (side) => set(isTyped.current ? { side } : { side, price: suggest(side) }),
    step: (steps) => {
      const tick = instrument.peek()?.tick ?? 0.01;
      isTyped.current = true;
      set((now) => ({ price: fieldPrice(stepped(numberOf(now.price) ?? touch(now.side) ?? 0, steps, tick), tick) }));
    },
  };
}

function useSending(form) {
  const [isSending, setSending] = useState(false);
  const [result, setResult] = useState(null);
  const refuse = (error) => {
    setResult({ error });
    tell(error.message, { tone: "bad", detail: "Order refused", isHeardOnly: true });
  };
  const send = async (event) => {
    event.preventDefault();
    const fault = problem(form);
    if (fault) return setResult({ error: fault });
    setSending(true);
    try {
      const answer = await api.place(orderOf(form));
      applyEvents([["order", answer.order], ...answer.fills.map((fill) => ["fill", fill])]);
      setResult(answer);
    } catch (error) {
      refuse(error);
    }
    return setSending(false);
  };
  return { isSending, result, send };
}

function Shares({ form, limit, set }) {
  const { portfolio, selected, instrument } = store;
  const holding = portfolio.value?.holdings.find(({ symbol }) => symbol === selected.value);
  const free = (holding?.quantity ?? 0) - (holding?.reserved ?? 0);
  const fill = (share) => set({
    quantity: String(affordable({
      side: form.side, share, cash: portfolio.value?.available ?? 0, held: free, price: limit ?? touch(form.side),
      lot: instrument.value?.lot ?? 1,
    })),
  });
  const of = form.side === "BUY" ? "available cash" : "free shares";
  return html`<div class="quick" role="group" aria-label=${`Part of the ${of}`}>
    ${[10, 25, 50, 100].map((part) => html`<button key=${part} ...${button("small")}
      title=${`${part}% of the ${of}`} onClick=${() => fill(part / 100)}>${part}%</button>`)}
  </div>`;
}

function QuickPrices({ onPick }) {
  const line = store.tickerOf(store.selected.value).value;
  const tick = store.instrument.value?.tick;
  const pick = (name, value) => html`<button ...${button("small")} disabled=${value === null || value === undefined}
    title=${`Use the best ${name.toLowerCase()}`} onClick=${() => onPick(fieldPrice(value, tick))}>
    <span class="muted">${name}</span> ${priceText(value, tick)}</button>`;
  return html`<div class="quick two">${pick("Bid", line?.best_bid)}${pick("Ask", line?.best_ask)}</div>`;
}

function SymbolSelect() {
  return html`<label class="field"><span class="label">Symbol</span>
    <select class="input" data-testid="ticket-symbol" value=${store.selected.value}
      onChange=${(event) => store.select(event.target.value)}>
      ${store.instruments.value.map(({ symbol, name }) => html`<option key=${symbol} value=${symbol}
        selected=${symbol === store.selected.value}>${symbol} · ${name}</option>`)}
    </select></label>`;
}

function Form() {
  const [form, setForm] = useState(FRESH);
  const set = (change) => setForm((now) => ({ ...now, ...(typeof change === "function" ? change(now) : change) }));
  const prices = usePrice(form, set);
  const { isSending, result, send } = useSending(form);
  const isMarket = form.type === "MARKET";
  const limit = isMarket ? null : numberOf(form.price);
  const qty = sizeOf(form);
  const lot = store.instrument.value?.lot ?? 1;
  const isBuy = form.side === "BUY";
  const invalid = (field) => (result?.error?.field === field ? "true" : undefined);
  const at = isMarket ? "at market" : `@ ${form.price || "–"}`;
  const side = (name, text) => html`<button type="button" class="side ${name.toLowerCase()}"
    data-testid=${`ticket-side-${name.toLowerCase()}`} aria-pressed=${String(form.side === name)}
    onClick=${() => prices.sided(name)}>${text}</button>`;
  return html`<form class="ticket" onSubmit=${send} novalidate data-side=${form.side}>
    <div class="sides" role="group" aria-label="Side">${side("BUY", "Buy")}${side("SELL", "Sell")}</div>
    <${SymbolSelect} />
    <div class="pair"><div class="field"><span class="label">Type</span>
      <select class="input" aria-label="Order type" data-testid="ticket-type" value=${form.type}
        onChange=${(event) => set({ type: event.target.value })}>
        <option value="LIMIT">Limit</option><option value="MARKET">Market</option></select></div>
      <div class="field"><span class="label">Time in force</span>
      <select class="input" aria-label="Time in force" data-testid="ticket-tif" value=${form.tif}
        onChange=${(event) => set({ tif: event.target.value })}>
        ${TIFS.map(([tif, title]) => html`<option key=${tif} value=${tif} title=${title}>${tif}</option>`)}
      </select></div></div>
    <${Stepper} label="Quantity" field="quantity" testid="ticket-qty" value=${form.quantity}
      aria-invalid=${invalid("quantity")} onInput=${(quantity) => set({ quantity })}
      onStep=${(steps) => set((now) => ({ quantity: String(Math.max(lot, sizeOf(now) + steps * lot)) }))} />
    <${Shares} form=${form} limit=${limit} set=${set} />
    <${Stepper} label=${`Limit price (tick ${store.instrument.value?.tick ?? "–"})`} field="price" testid="ticket-price"
      value=${isMarket ? "" : form.price} placeholder=${isMarket ? "Market" : ""} disabled=${isMarket}
      aria-invalid=${invalid("price")} onInput=${prices.typed} onStep=${prices.step} />
    ${!isMarket && html`<${QuickPrices} onPick=${prices.typed} />`}
    <label class="check"><input type="checkbox" data-testid="ticket-post-only" checked=${form.postOnly && !isMarket}
      disabled=${isMarket} onChange=${(event) => set({ postOnly: event.target.checked })} />
      Post-only: rest, never take</label>
    <${Preview} side=${form.side} preview=${estimate(store.book.value, { side: form.side, quantity: qty, limit })} />
    <button class="button large ${isBuy ? "buy" : "sell"}" data-testid="ticket-submit" disabled=${isSending}>
      ${isBuy ? "Buy" : "Sell"} ${quantityText(qty)} ${store.selected.value} ${at}</button>
    <${Result} result=${result} />
  </form>`;
}

/** One click to a demo account; a real form, as the login page has it. */
function DemoLogin() {
  const hidden = { member_id: "USR01", password: "USR01", next: window.location.pathname };
  return html`<form method="post" action="/ch/login">
    ${Object.entries(hidden).map(([name, value]) => html`<input key=${name} type="hidden" name=${name}
      value=${value} />`)}
    <button class="button" data-testid="demo-login">Trade as USR01, no account needed</button>
  </form>`;
}

export function Ticket() {
  const trades = store.isTrader.value;
  const isShut = store.isReady.value && !store.isOpen.value;
  const head = isShut && html`<span class="badge small warn">Market not open</span>`;
  const body = trades ? html`<${Form} />` : html`<${LoginInvite} title="Trade this market"
    text="Log in to place orders, see your fills and your position.">${store.isDemo && html`<${DemoLogin} />`}<//>`;
  return html`<${Panel} title="Order ticket" name="ticket" head=${head}>${body}<//>`;
}
