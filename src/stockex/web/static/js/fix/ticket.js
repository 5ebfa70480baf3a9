// The ticket: orders of all kinds, requests about many orders, and messages typed by hand.

import { useEffect, useState } from "preact/hooks";

import { Panel, Segments, Tabs } from "../components/parts.js";
import { html } from "../lib/html.js";
import { tell } from "../lib/notices.js";
import { TYPES } from "../lib/order-types.js";
import { FRESH, TIF_CHOICES, TYPE_CHOICES, askOf, chosenOf, fieldsOf } from "./order-form.js";
import { Powers } from "./powers.js";
import { Raw } from "./raw.js";
import { api, isUp, place, tab } from "./store.js";
import { piped } from "./words.js";

const PAUSE_MS = 150;

export const send = (ask) => api.send(ask).catch((error) => tell(error.message, { tone: "bad" }));

export const Symbols = () => html`<datalist id="fix-symbols">${place.symbols.map((symbol) => html`<option key=${symbol}
  value=${symbol} />`)}</datalist>`;

function Text({ label, name, form, set, ...rest }) {
  return html`<label class="field"><span class="label">${label}</span>
    <input class="input" data-testid=${`fix-order-${name}`} autocomplete="off" value=${form[name]}
      onInput=${(event) => set({ [name]: event.target.value })} ...${rest} /></label>`;
}

function Choice({ label, name, choices, form, set }) {
  return html`<label class="field"><span class="label">${label}</span>
    <select class="input" data-testid=${`fix-order-${name}`} value=${form[name]}
      onChange=${(event) => set({ [name]: event.target.value })}>
      ${choices.map(([value, text]) => html`<option key=${value} value=${value}
        selected=${value === form[name]}>${text}</option>`)}</select></label>`;
}

function Check({ label, name, form, set }) {
  return html`<label class="check"><input type="checkbox" data-testid=${`fix-order-${name}`} checked=${form[name]}
    onChange=${(event) => set({ [name]: event.target.checked })} />${label}</label>`;
}

/** The message that the form makes, as it will go out; or what keeps it from being one. */
function usePreview(ask) {
  const [preview, setPreview] = useState({ lines: [] });
  const text = JSON.stringify(ask);
  useEffect(() => {
    let isLast = true;
    const timer = window.setTimeout(() => {
      api.preview(JSON.parse(text)).then((found) => isLast && setPreview(found),
        (fault) => isLast && setPreview({ lines: [], fault }));
    }, PAUSE_MS);
    return () => {
      isLast = false;
      window.clearTimeout(timer);
    };
  }, [text]);
  return preview;
}

/** The message in the making; each field says its name and meaning when it is pointed at. */
export function Preview({ preview: { lines, fault } }) {
  if (fault) return html`<p class="result bad" data-testid="fix-preview"><b>No message yet.</b> ${fault.message}</p>`;
  const about = ([, name, , meaning]) => (meaning ? `${name}: ${meaning}` : name);
  return html`<div class="preview-raw" tabindex="0" role="group" aria-label="The message" data-testid="fix-preview">
    ${lines.map((line, at) => html`<span key=${at} title=${about(line)}><b>${line[0]}</b>=${piped(line[2])}<i
      aria-hidden="true">|</i></span>`)}</div>`;
}

function More({ form, set, has }) {
  return html`<details class="advanced"><summary data-testid="fix-order-more">More${chosenOf(form)
    && html` <span class="muted">${chosenOf(form)}</span>`}</summary><div class="advanced-body">
    <div class="options" role="group" aria-label="Options">
      <${Check} label="Post-only" name="postOnly" form=${form} set=${set} />
      <${Check} label="Hidden" name="hidden" form=${form} set=${set} />
      <${Check} label="Cancel on disconnect" name="endsWithSession" form=${form} set=${set} /></div>
    <div class="pair">
      <${Text} label="MaxFloor (111), iceberg" name="display" form=${form} set=${set} inputmode="numeric" />
      <${Text} label="MinQty (110)" name="minQty" form=${form} set=${set} inputmode="numeric" /></div>
    <div class="pair">
      <${Text} label="ClOrdID (11)" name="clOrdId" form=${form} set=${set} placeholder="Made for you" />
      ${has.leg && html`<${Text} label=${`OCO: ${form.type === "STOP" ? "limit" : "stop"} of the other leg`} name="leg"
        form=${form} set=${set} inputmode="decimal" />`}</div>
    <${Text} label="Extra tags, such as 58=hello|528=P" name="extra" form=${form} set=${set} /></div></details>`;
}

function Order() {
  const [form, setForm] = useState(FRESH);
  const set = (change) => setForm((now) => ({ ...now, ...change }));
  const has = fieldsOf(form);
  const ask = askOf(form);
  const preview = usePreview(ask);
  const isBuy = form.side === "BUY";
  const submit = async (event) => {
    event.preventDefault();
    if (await send(ask)) set({ clOrdId: "" });
  };
  const side = (name, text) => html`<button type="button" class="side ${name.toLowerCase()}"
    data-testid=${`fix-side-${name.toLowerCase()}`} aria-pressed=${String(form.side === name)}
    onClick=${() => set({ side: name })}>${text}</button>`;
  return html`<form class="ticket" onSubmit=${submit} novalidate>
    <div class="sides" role="group" aria-label="Side (54)">${side("BUY", "Buy")}${side("SELL", "Sell")}</div>
    <div class="pair">
      <${Text} label="Symbol (55)" name="symbol" form=${form} set=${set} list="fix-symbols" />
      <${Text} label="OrderQty (38)" name="quantity" form=${form} set=${set} inputmode="numeric" /></div>
    <div class="pair">
      <${Choice} label="Order type" name="type" choices=${TYPE_CHOICES} form=${form} set=${set} />
      <${Choice} label="Time in force" name="tif" choices=${TIF_CHOICES} form=${form} set=${set} /></div>
    <div class="pair flow">
      ${has.price && html`<${Text} label=${has.isBound ? "Price (44), optional" : "Price (44)"} name="price" form=${form}
        set=${set} inputmode="decimal" />`}
      ${has.trail && html`<${Text} label="Distance (211)" name="trail" form=${form} set=${set} inputmode="decimal" />`}
      ${has.stop && html`<${Text} label=${has.trail ? "First stop (99), optional" : "StopPx (99)"} name="stop"
        form=${form} set=${set} inputmode="decimal" />`}
      ${has.offset && html`<${Text} label="Offset (211)" name="offset" form=${form} set=${set} inputmode="decimal" />`}
      ${has.expiry && html`<${Text} label="Expires, your time" name="expiry" form=${form} set=${set}
        type="datetime-local" />`}</div>
    <p class="about">${TYPES[form.type].about(isBuy)}</p>
    <${More} form=${form} set=${set} has=${has} />
    <${Preview} preview=${preview} />
    <button class="button large ${isBuy ? "buy" : "sell"}" data-testid="fix-send"
      disabled=${!isUp.value}>${isUp.value ? `Send ${ask.orders.length > 1 ? "NewOrderList" : "NewOrderSingle"}`
    : "Connect to send"}</button></form>`;
}

const SIDES = [["", "Both"], ["BUY", "Buy"], ["SELL", "Sell"]];

/** Requests about many orders: cancel them, ask for their state. */
function Mass() {
  const [symbol, setSymbol] = useState("");
  const [side, setSide] = useState("");
  const cancel = (event) => {
    event.preventDefault();
    send({ kind: "mass_cancel", symbol: symbol.trim() || null, side: side || null });
  };
  return html`<form class="ticket" onSubmit=${cancel} novalidate>
    <label class="field"><span class="label">Symbol (55), empty for all</span>
      <input class="input" data-testid="fix-mass-symbol" autocomplete="off" list="fix-symbols" value=${symbol}
        onInput=${(event) => setSymbol(event.target.value)} /></label>
    <div class="field"><span class="label">Side (54)</span>
      <${Segments} label="Side" choices=${SIDES} value=${side} onSelect=${setSide} /></div>
    <button class="button danger large" data-testid="fix-mass-cancel" disabled=${!isUp.value}
      >Send OrderMassCancelRequest</button>
    <p class="about">Cancels your open orders; each has its own report, and r (OrderMassCancelReport) counts them.</p>
    <button type="button" class="button" data-testid="fix-mass-status" disabled=${!isUp.value}
      onClick=${() => send({ kind: "status" })}>Send OrderMassStatusRequest</button>
    <p class="about">Asks for an execution report of every open order.</p></form>`;
}

const TABS = [["order", "Order"], ["mass", "Mass"], ["raw", "Raw"], ["powers", "Powers"]];
const VIEWS = { order: Order, mass: Mass, raw: Raw, powers: Powers };

export function Ticket() {
  const head = html`<${Tabs} label="What to send" tabs=${TABS} value=${tab.value} panel="fix-ticket"
    onSelect=${(name) => { tab.value = name; }} />`;
  return html`<${Panel} title="Send" name="ticket" head=${head}><${Symbols} />
    <div class="scroll" id="fix-ticket" role="tabpanel" aria-label="What to send" tabindex="0">
      <${VIEWS[tab.value]} /></div><//>`;
}
