// The order ticket. What is typed here survives every event; a new symbol, a new side or a click in the book sets the
// price.

import { useEffect, useRef, useState } from "preact/hooks";

import { api } from "../lib/api.js";
import { stepped } from "../lib/estimate.js";
import { fieldPrice, quantity as quantityText, signedPrice } from "../lib/format.js";
import { html } from "../lib/html.js";
import { tell } from "../lib/notices.js";
import { TIFS, TYPES, isTimed, tifsOf } from "../lib/order-types.js";
import { PHASES } from "../lib/phases.js";
import { applyEvents } from "../lib/reducers.js";
import * as store from "../lib/store.js";
import {
  FRESH, NEW_LEG, estimateOf, laterText, legsOf, numberOf, orderOf, problem, settled, sizeOf, touch,
} from "../lib/ticket-form.js";
import { Bounds } from "./call.js";
import { Control } from "./control.js";
import { LoginInvite, Panel, Stepper } from "./parts.js";
import { QuickLine } from "./quick-line.js";
import { Advanced } from "./ticket-advanced.js";
import { Expiry, Offset, QuickPrices, Shares, StopPrice, SymbolSelect, Trail } from "./ticket-fields.js";
import { Hints, Preview, Result } from "./ticket-parts.js";

/** Keep the price in step with the symbol, the side and clicks in the book: `set` merges into the form. */
function usePrice(form, set) {
  const { selected, instrument, ticketFill } = store;
  const isTyped = useRef(false);
  const held = useRef(null);
  const hasLine = store.tickerOf(selected.value).value !== null;
  const suggest = (side) => fieldPrice(touch(side), instrument.peek()?.tick);
  useEffect(() => {
    if (!instrument.value || instrument.value.symbol === held.current) return;
    held.current = null;
    isTyped.current = false;
    if (hasLine) set({ price: suggest(form.side) });
  }, [instrument.value?.symbol, hasLine]);
  useEffect(() => {
    const { price, side } = ticketFill.value ?? {};
    if (price !== undefined) isTyped.current = true;
    if (price !== undefined) {
      set(({ type }) => ({
        type: TYPES[type].price === "limit" ? type : "LIMIT", price: fieldPrice(price, instrument.peek()?.tick),
      }));
    }
    if (side) set({ side });
  }, [ticketFill.value]);
  return {
    typed: (price) => { isTyped.current = true; set({ price }); },
    /** Take a whole form, and a symbol if one is named, whose quotes then do not change the price that came with it. */
    take: (symbol, form) => {
      if (symbol) store.select(symbol);
      set((now) => {
        const next = form(now);
        isTyped.current = next.price !== undefined;
        held.current = isTyped.current ? store.selected.peek() : null;
        return { ...next, price: next.price ?? suggest(next.side) };
      });
    },
    sided: (side) => set(isTyped.current ? { side } : { side, price: suggest(side) }),
    step: (steps) => {
      const tick = instrument.peek()?.tick ?? 0.01;
      isTyped.current = true;
      set((now) => ({ price: fieldPrice(stepped(numberOf(now.price) ?? touch(now.side) ?? 0, steps, tick), tick) }));
    },
  };
}

async function place(order) {
  const answer = await api.place(order);
  applyEvents([["order", answer.order], ...answer.fills.map((fill) => ["fill", fill])]);
  return answer;
}

/** Send both legs of a pair: one that is refused takes the other along. Returns the answer to the form's own leg. */
async function placePair(form) {
  const [first, second] = legsOf(form);
  const stop = await place(first);
  if (!stop.order.is_waiting) return { ...stop, note: "The stop was reached at once; no limit was sent" };
  try {
    const limit = await place({ ...second, oco: stop.order.cl_ord_id });
    return { ...(TYPES[form.type].isStop ? stop : limit), note: "The other leg stands too: one cancels the other" };
  } catch (error) {
    applyEvents([["order", (await api.cancel(stop.order.cl_ord_id)).order]]);
    error.message = `${error.message} No leg of the pair stands.`;
    throw error;
  }
}

function useSending(form) {
  const [isSending, setSending] = useState(false);
  const [result, setResult] = useState(null);
  const isBusy = useRef(false);
  const refuse = (error) => {
    setResult({ error });
    tell(error.message, { tone: "bad", detail: "Order refused", isHeardOnly: true });
  };
  const send = async (event) => {
    event.preventDefault();
    if (isBusy.current) return;
    const fault = problem(form);
    if (fault) {
      setResult({ error: fault });
      return;
    }
    isBusy.current = true;
    setSending(true);
    try {
      setResult(await (form.pair === NEW_LEG ? placePair(form) : place(orderOf(form))));
    } catch (error) {
      refuse(error);
    }
    isBusy.current = false;
    setSending(false);
  };
  return { isSending, result, send };
}

function Kind({ form, set }) {
  const choose = (tif) => set(({ expiry }) => ({ tif, expiry: isTimed(tif) && !expiry ? laterText(tif) : expiry }));
  return html`<div class="pair"><div class="field"><span class="label">Type</span>
      <select class="input" aria-label="Order type" aria-describedby="ticket-about" data-testid="ticket-type"
        value=${form.type} onChange=${(event) => set({ type: event.target.value })}>
        ${Object.entries(TYPES).map(([type, { name }]) => html`<option key=${type} value=${type}
          selected=${type === form.type}>${name}</option>`)}</select></div>
    <div class="field"><span class="label">Time in force</span>
      <select class="input" aria-label="Time in force" aria-describedby="ticket-about" data-testid="ticket-tif"
        value=${form.tif} onChange=${(event) => choose(event.target.value)}>
        ${tifsOf(form.type, form.phase).map((tif) => html`<option key=${tif} value=${tif}
          selected=${tif === form.tif} title=${TIFS[tif][1]}>${TIFS[tif][0]}</option>`)}</select></div></div>
    <p class="about" id="ticket-about">${TYPES[form.type].about(form.side === "BUY")}${form.tif !== "DAY"
      && ` ${TIFS[form.tif][1]}`}</p>`;
}

/** The limit, or for a peg the bound that it may have. */
function LimitPrice({ form, set, prices, invalid }) {
  const tick = store.instrument.value?.tick ?? 0.01;
  if (TYPES[form.type].price === "none") return null;
  if (TYPES[form.type].price === "cap") {
    const step = (steps) => set((now) => ({
      cap: fieldPrice(stepped(numberOf(now.cap) ?? touch(now.side) ?? 0, steps, tick), tick),
    }));
    return html`<${Stepper} label=${form.side === "BUY" ? "At most (optional)" : "At least (optional)"} field="price"
      testid="ticket-price" value=${form.cap} placeholder="No bound" aria-invalid=${invalid("price")}
      onInput=${(cap) => set({ cap })} onStep=${step} />`;
  }
  return html`<${Stepper} label=${`Limit price (tick ${tick})`} field="price" testid="ticket-price" value=${form.price}
      aria-invalid=${invalid("price")} onInput=${prices.typed} onStep=${prices.step} />
    <${QuickPrices} onPick=${prices.typed} /><${Bounds} symbol=${store.selected.value} />`;
}

/** The order in a few words, as the button says it. */
function inWords(form) {
  const { price, isStop, isTrailing, isPeg } = TYPES[form.type];
  if (isTrailing) return `at stop ${form.trail || "–"} away`;
  if (isStop) return `at stop ${form.stop || "–"}`;
  if (isPeg) {
    const followed = form.type === "PEG_MID" ? "at mid" : `at best ${form.side === "BUY" ? "bid" : "ask"}`;
    return `${followed} ${signedPrice(numberOf(form.offset) || null, store.instrument.value?.tick)}`.replace(" –", "");
  }
  return price === "none" ? "at market" : `@ ${form.price || "–"}`;
}

/** Let a key that is held down send once. */
const held = (event) => {
  if (event.key === "Enter" && event.repeat) event.preventDefault();
};

function Form({ isQuick }) {
  const [typed, setForm] = useState(FRESH);
  const set = (change) => setForm((now) => ({ ...now, ...(typeof change === "function" ? change(now) : change) }));
  const form = settled(typed, store.phaseOf(store.selected.value));
  const prices = usePrice(form, set);
  const { isSending, result, send } = useSending(form);
  const lot = store.instrument.value?.lot ?? 1;
  const isBuy = form.side === "BUY";
  const { isPeg, isStop, isTrailing, price } = TYPES[form.type];
  const invalid = (field) => (result?.error?.field === field ? "true" : undefined);
  const side = (name, text) => html`<button type="button" class="side ${name.toLowerCase()}"
    data-testid=${`ticket-side-${name.toLowerCase()}`} aria-pressed=${String(form.side === name)}
    onClick=${() => prices.sided(name)}>${text}</button>`;
  const preview = estimateOf(form);
  return html`<form class="ticket" onSubmit=${send} onKeyDown=${held} novalidate data-side=${form.side}>
    ${isQuick && html`<${QuickLine} take=${prices.take} result=${result} isSending=${isSending} />`}
    <div class="sides" role="group" aria-label="Side">${side("BUY", "Buy")}${side("SELL", "Sell")}</div>
    <${SymbolSelect} />
    <${Kind} form=${form} set=${set} />
    <${Stepper} label="Quantity" field="quantity" testid="ticket-qty" value=${form.quantity}
      aria-invalid=${invalid("quantity")} onInput=${(quantity) => set({ quantity })}
      onStep=${(steps) => set((now) => ({ quantity: String(Math.max(lot, sizeOf(now) + steps * lot)) }))} />
    <${Shares} form=${form} set=${set} />
    <div class=${isPeg || (isStop && (isTrailing || price === "limit")) ? "pair" : "prices"}>
      ${isPeg && html`<${Offset} form=${form} set=${set} invalid=${invalid} />`}
      ${isTrailing && html`<${Trail} form=${form} set=${set} invalid=${invalid} />`}
      ${isStop && html`<${StopPrice} form=${form} set=${set} invalid=${invalid} />`}
      <${LimitPrice} form=${form} set=${set} prices=${prices} invalid=${invalid} /></div>
    ${isTimed(form.tif) && html`<${Expiry} form=${form} set=${set} invalid=${invalid} />`}
    <${Advanced} form=${form} set=${set} invalid=${invalid} error=${result?.error} />
    <${Hints} form=${form} preview=${preview} /><${Preview} form=${form} preview=${preview} />
    <button class="button large ${isBuy ? "buy" : "sell"}" data-testid="ticket-submit" disabled=${isSending}>
      ${isBuy ? "Buy" : "Sell"} ${quantityText(sizeOf(form))} ${store.selected.value} ${inWords(form)}</button>
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

/** `isQuick`: with the line for orders in words. */
export function Ticket({ isQuick = false }) {
  const trades = store.isTrader.value;
  const isShut = store.isReady.value && !store.isOpen.value;
  if (store.isOperator.value) return html`<${Control} />`;
  const notice = store.isStopped.value ? "Stopped: cancel only" : isShut ? "Market not open" : PHASES[store.ownPhase(store.selected.value)]?.ticket ?? "";
  const head = notice && html`<span class="badge small warn">${notice}</span>`;
  const body = trades ? html`<${Form} isQuick=${isQuick} />` : html`<${LoginInvite} title="Trade this market"
    text="Log in to place orders, see your fills and your position.">${store.isDemo && html`<${DemoLogin} />`}<//>`;
  return html`<${Panel} title="Order ticket" name="ticket" head=${head}>${body}<//>`;
}
