// The strip under the top bar: the operator's session controls, or how to get them in a demo.

import { useState } from "preact/hooks";

import { api } from "../lib/api.js";
import { button, html } from "../lib/html.js";
import { tell } from "../lib/notices.js";
import { applyEvents } from "../lib/reducers.js";
import { isDemo, isOperator, session } from "../lib/store.js";
import { Confirm } from "./parts.js";

async function act(action) {
  try {
    applyEvents([["session", await api.session(action)]]);
  } catch (error) {
    tell(error.message, { tone: "bad", detail: error.reason ?? "" });
  }
}

export function OperatorStrip() {
  const [isEnding, setEnding] = useState(false);
  if (!isOperator.value) return null;
  const view = session.value;
  const [isActive, isSuspended] = [Boolean(view?.active), Boolean(view?.suspended)];
  const control = (action, text, isAllowed, tone = "") => html`<button ...${button(`small ${tone}`)}
    data-testid=${`session-${action}`} disabled=${!isAllowed}
    onClick=${() => (action === "end" ? setEnding(true) : act(action))}>${text}</button>`;
  return html`<section class="strip operator" aria-label="Session control">
    <span class="strong">Session control</span>
    ${control("start", "Start of day", view && !isActive, isActive ? "" : "primary")}
    ${control("suspend", "Suspend", isActive && !isSuspended)}
    ${control("resume", "Resume", isActive && isSuspended, isSuspended ? "primary" : "")}
    ${control("end", "End of day", isActive)}
    ${isEnding && html`<${Confirm} title="End the trading day?" action="End the day" testid="session-end-confirm"
      text="DAY orders expire, positions settle at the closing prices, and the market closes."
      onClose=${() => setEnding(false)} onConfirm=${() => act("end")} />`}
  </section>`;
}

export function DemoHint() {
  if (!isDemo || isOperator.value) return null;
  return html` · Log in as <b>OPERATOR</b> to control the session.`;
}
