// Small parts that several panels share: panel, tabs, dialog, confirmation, empty state, stepper.

import { useEffect, useId, useLayoutEffect, useRef } from "preact/hooks";

import { useFlash } from "../lib/flash.js";
import { arrow, trend } from "../lib/format.js";
import { button, html } from "../lib/html.js";
import { isOperator } from "../lib/store.js";

export function Panel({ title, name, head, class: extra = "", children }) {
  const id = useId();
  return html`<section class="panel ${extra}" id=${name} aria-labelledby=${id}>
    <div class="panel-head"><h2 id=${id}>${title}</h2>${head}</div>
    <div class="panel-body">${children}</div>
  </section>`;
}

/** Tabs by the ARIA pattern: `tabs` is `[key, text, count?]`; arrows move, the panel is the caller's. */
export function Tabs({ label, tabs, value, onSelect, panel }) {
  const list = useRef(null);
  const move = (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    const next = (tabs.findIndex(([key]) => key === value) + step + tabs.length) % tabs.length;
    onSelect(tabs[next][0]);
    list.current.children[next].focus();
  };
  return html`<div class="tabs" role="tablist" aria-label=${label} ref=${list} onKeyDown=${move}>
    ${tabs.map(([key, text, count]) => html`<button key=${key} type="button" role="tab" data-testid=${`tab-${key}`}
      aria-selected=${String(key === value)} aria-controls=${panel} tabindex=${key === value ? 0 : -1}
      onClick=${() => onSelect(key)}>${text}${count > 0 && html`<span class="count">${count}</span>`}</button>`)}
  </div>`;
}

/** A row of choices of which one is pressed. */
export function Segments({ label, choices, value, onSelect, class: extra = "" }) {
  return html`<div class="segments ${extra}" role="group" aria-label=${label}>
    ${choices.map(([key, text, props]) => html`<button key=${key} type="button" aria-pressed=${String(key === value)}
      onClick=${() => onSelect(key)} ...${props}>${text}</button>`)}
  </div>`;
}

/** A native modal dialog, open for as long as it is drawn. */
export function Dialog({ title, onClose, class: extra = "", testid, children }) {
  const element = useRef(null);
  const id = useId();
  useLayoutEffect(() => {
    const dialog = element.current;
    dialog.showModal();
    return () => dialog.close();
  }, []);
  const close = () => element.current?.close();
  return html`<dialog ref=${element} class=${extra} aria-labelledby=${id} data-testid=${testid} onClose=${onClose}
    onClick=${(event) => event.target === element.current && close()}>
    <div class="dialog-head"><h2 id=${id}>${title}</h2>
      <button ...${button("ghost icon")} aria-label="Close" onClick=${close}>✕</button></div>
    <div class="dialog-body">${children}</div>
  </dialog>`;
}

/** Ask before doing what cannot be undone. */
export function Confirm({ title, text, action, testid, onConfirm, onClose }) {
  return html`<${Dialog} title=${title} onClose=${onClose}>
    <p>${text}</p>
    <div class="dialog-actions">
      <button ...${button("")} autofocus onClick=${onClose}>Keep</button>
      <button ...${button("danger")} data-testid=${testid}
        onClick=${() => { onClose(); onConfirm(); }}>${action}</button>
    </div>
  <//>`;
}

export function Empty({ title, children }) {
  return html`<div class="empty"><p class="strong">${title}</p>${children && html`<p>${children}</p>`}</div>`;
}

export const loginAddress = () => `/ch/login?next=${encodeURIComponent(window.location.pathname)}`;

/** What stands where an account's own things would: for visitors the way in, for the operator the reason. */
export function LoginInvite({ title, text, children }) {
  if (isOperator.value) return html`<${Empty} title="The operator does not trade">Log in as a member or a client.<//>`;
  return html`<${Empty} title=${title}>${text}<br />
    <a class="button primary" href=${loginAddress()}>Log in</a>${children}<//>`;
}

/** A text field with minus and plus, for figures on a grid. Arrow keys step too. */
export function Stepper({ label, value, onInput, onStep, field, testid, ...rest }) {
  const id = useId();
  const keyed = (event) => {
    const steps = { ArrowUp: 1, ArrowDown: -1, PageUp: 10, PageDown: -10 }[event.key];
    if (!steps) return;
    event.preventDefault();
    onStep(steps);
  };
  const step = (text, steps, name) => html`<button ...${button("")} tabindex="-1" disabled=${rest.disabled}
    aria-label=${`${label}: ${name}`} onClick=${() => onStep(steps)}>${text}</button>`;
  return html`<div class="field"><label class="label" for=${id}>${label}</label><div class="stepper">
    ${step("−", -1, "less")}
    <input class="input" id=${id} inputmode="decimal" autocomplete="off" name=${field} data-testid=${testid}
      value=${value} onInput=${(event) => onInput(event.target.value)} onKeyDown=${keyed} ...${rest} />
    ${step("+", 1, "more")}
  </div></div>`;
}

/** A table cell that flashes when `value` changes. */
export function FlashCell({ value, class: extra = "", children }) {
  return html`<td class="num ${extra}" ref=${useFlash(value)}>${children}</td>`;
}

/** A figure with its sign as colour and as arrow. */
export function Signed({ value, children }) {
  return html`<span class=${trend(value)}>
    <span class="arrow" aria-hidden="true">${arrow(value)}</span>${children}</span>`;
}

export const SideTag = ({ side }) => html`<span class="badge small ${side === "BUY" ? "good" : "bad"}">${side}</span>`;

const MARKS = { BUSTED: ["busted", "✕", "bad"], CORRECTED: ["corrected", "✎", "warn"] };

/** What stands beside a trade that was undone after it was done: a word, or where there is little room a glyph. */
export function TradeMark({ trade, isShort = false }) {
  if (!MARKS[trade.status]) return null;
  const [text, glyph, tone] = MARKS[trade.status];
  const title = trade.note ? `${text}: ${trade.note}` : text;
  return html`<span class="badge small ${tone}" data-testid="trade-mark" title=${title}>
    ${isShort ? html`<span aria-hidden="true">${glyph}</span><span class="sr-only">${text}</span>` : text}</span>`;
}

/** Run `action` every `ms` while the component is on screen. */
export function useEvery(ms, action) {
  const latest = useRef(action);
  latest.current = action;
  useEffect(() => {
    const timer = window.setInterval(() => latest.current(), ms);
    return () => window.clearInterval(timer);
  }, [ms]);
}
