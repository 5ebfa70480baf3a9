// The strip under the top bar: the operator's controls of session and calls, or how to get them in a demo.

import { useState } from "preact/hooks";

import { api } from "../lib/api.js";
import { button, html } from "../lib/html.js";
import { tell } from "../lib/notices.js";
import { applyEvents } from "../lib/reducers.js";
import { instruments, isCalled, isDemo, isOperator, selected, session } from "../lib/store.js";
import { Confirm } from "./parts.js";

async function act(action) {
  try {
    applyEvents([["session", await api.session(action)]]);
  } catch (error) {
    tell(error.message, { tone: "bad", detail: error.reason ?? "" });
  }
}

async function turn(to, symbol) {
  const [text, at] = [to === "call" ? "Call auction" : "Uncrossed", symbol || "all symbols"];
  try {
    applyEvents((await api.phase(to, symbol)).map((ticker) => ["snapshot", ticker]));
    tell(`${text}: ${at}`, { tone: "good" });
  } catch (error) {
    tell(error.message, { tone: "bad", detail: error.reason ?? "" });
  }
}

/** Begin or end a call in the selected symbol or in all: each button can be used while it changes something. */
function Calls({ isTrading }) {
  const [isAll, setAll] = useState(false);
  const chosen = isAll ? instruments.value.map(({ symbol }) => symbol) : [selected.value];
  const called = chosen.filter(isCalled).length;
  const control = (to, text, isAllowed, tone) => html`<button ...${button(`small ${isAllowed ? tone : ""}`)}
    data-testid=${`phase-${to}`} disabled=${!isAllowed}
    onClick=${() => turn(to, isAll ? null : selected.value)}>${text}</button>`;
  return html`<span class="phase" role="group" aria-label="Call auctions">
    <select class="input" aria-label="Symbols of the auction" data-testid="phase-scope" value=${isAll ? "all" : "one"}
      onChange=${(event) => setAll(event.target.value === "all")}>
      <option value="one">${selected.value}</option><option value="all">All symbols</option></select>
    ${control("call", "Call auction", isTrading && called < chosen.length, "")}
    ${control("uncross", "Uncross", isTrading && called > 0, "primary")}</span>`;
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
    <${Calls} isTrading=${isActive && !isSuspended} />
    ${isEnding && html`<${Confirm} title="End the trading day?" action="End the day" testid="session-end-confirm"
      text="DAY orders expire, positions settle at the closing prices, and the market closes."
      onClose=${() => setEnding(false)} onConfirm=${() => act("end")} />`}
  </section>`;
}

export function DemoHint() {
  if (!isDemo || isOperator.value) return null;
  return html` · Log in as <b>OPERATOR</b> to control the session.`;
}
