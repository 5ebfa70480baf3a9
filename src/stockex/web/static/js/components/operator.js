// The strip under the top bar: the operator's controls of session and phases; for others, that they are stopped.

import { useState } from "preact/hooks";

import { api } from "../lib/api.js";
import { button, html } from "../lib/html.js";
import { tell } from "../lib/notices.js";
import { ACTIONS, ENDS, actionsOf } from "../lib/phases.js";
import { applyEvents } from "../lib/reducers.js";
import { instruments, isDemo, isOperator, isStopped, isTrader, selected, session, tickerOf } from "../lib/store.js";
import { Confirm } from "./parts.js";

async function act(action) {
  try {
    applyEvents([["session", await api.session(action)]]);
  } catch (error) {
    tell(error.message, { tone: "bad", detail: error.reason ?? "" });
  }
}

async function turn(to, symbol, [duration, random]) {
  const end = to.endsWith("call") && duration !== null ? { duration_s: duration, random_s: random } : {};
  try {
    applyEvents((await api.phase({ to, ...(symbol && { symbol }), ...end })).map((ticker) => ["snapshot", ticker]));
    tell(`${ACTIONS[to]}: ${symbol || "all symbols"}`, { tone: "good" });
  } catch (error) {
    tell(error.message, { tone: "bad", detail: error.reason ?? "", error });
  }
}

const endText = ([duration, random]) => (duration === null ? "Call ends by hand" : `Call ends in ${duration} to ${
  duration + random} s`);

/** Change the phase of the selected symbol or of all: there is a button for each action that leads one of them on. */
function Phases({ isTrading }) {
  const [isAll, setAll] = useState(false);
  const [end, setEnd] = useState(0);
  const chosen = isAll ? instruments.value.map(({ symbol }) => symbol) : [selected.value];
  const actions = isTrading ? actionsOf(chosen.map((symbol) => tickerOf(symbol).value?.phase), isAll) : [];
  return html`<span class="phase" role="group" aria-label="Phases">
    <select class="input" aria-label="Symbols of the phase" data-testid="phase-scope" value=${isAll ? "all" : "one"}
      onChange=${(event) => setAll(event.target.value === "all")}>
      <option value="one">${selected.value}</option><option value="all">All symbols</option></select>
    ${actions.some((action) => action.endsWith("call")) && html`<select class="input" aria-label="End of the call"
      data-testid="phase-end" value=${end} onChange=${(event) => setEnd(Number(event.target.value))}>
      ${ENDS.map((each, place) => html`<option key=${place} value=${place}>${endText(each)}</option>`)}</select>`}
    ${actions.map((to) => html`<button key=${to} data-testid=${`phase-${to}`}
      ...${button(`small ${to === "uncross" || to === "resume" ? "primary" : ""}`)}
      onClick=${() => turn(to, isAll ? null : selected.value, ENDS[end])}>${ACTIONS[to]}</button>`)}</span>`;
}

/** What a trader is told whose kill switch is on, or everybody's. */
function StoppedStrip() {
  return isTrader.value && isStopped.value && html`<aside class="strip warn" role="alert" data-testid="stopped">
    <b>Stopped by the operator.</b> Your open orders were cancelled, and new ones are refused.</aside>`;
}

export function OperatorStrip() {
  const [isEnding, setEnding] = useState(false);
  if (!isOperator.value) return html`<${StoppedStrip} />`;
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
    <${Phases} isTrading=${isActive && !isSuspended} />
    ${isEnding && html`<${Confirm} title="End the trading day?" action="End the day" testid="session-end-confirm"
      text="DAY orders expire, positions settle at the closing prices, and the market closes."
      onClose=${() => setEnding(false)} onConfirm=${() => act("end")} />`}
  </section>`;
}

export function DemoHint() {
  if (!isDemo || isOperator.value) return null;
  return html` · Log in as <b>OPERATOR</b> to control the session.`;
}
