// The operator's market control, where a trader has the ticket: kill switches, and the cancel of others' orders.

import { useState } from "preact/hooks";

import { api } from "../lib/api.js";
import { button, html } from "../lib/html.js";
import { tell } from "../lib/notices.js";
import { applyEvents } from "../lib/reducers.js";
import { instruments, kills } from "../lib/store.js";
import { Confirm, Panel } from "./parts.js";
import { RefusedLine } from "./refusal.js";

// All that may trade, from the page; they are there for an operator only.
const ACCOUNTS = JSON.parse(document.body.dataset.accounts || "[]");
const SIDES = [["BUY", "Buy orders"], ["SELL", "Sell orders"]];

const counted = (count) => `${count} ${count === 1 ? "order" : "orders"} cancelled`;
const present = (fields) => Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== ""));

function Choice({ name, all, choices, value, onSelect, testid }) {
  return html`<label class="field"><span class="label">${name}</span>
    <select class="input" data-testid=${testid} value=${value} onChange=${(event) => onSelect(event.target.value)}>
      <option value="">${all}</option>
      ${choices.map(([key, text]) => html`<option key=${key} value=${key} selected=${key === value}>${text}</option>`)}
    </select></label>`;
}

const accounts = ACCOUNTS.map((name) => [name, name]);

/** Run an action of the operator; its refusal is kept to be shown. */
function useAction() {
  const [error, setError] = useState(null);
  const run = async (action) => {
    setError(null);
    try {
      await action();
    } catch (refusal) {
      setError(refusal);
    }
  };
  return [error, run];
}

async function turn(account, isOn) {
  const answer = await api.kill({ on: isOn, ...present({ account }) });
  applyEvents([["kills", answer.kills]]);
  const who = account || "everybody";
  tell(isOn ? `Stopped: ${who}` : `Released: ${who}`, { tone: "good", detail: isOn ? counted(answer.count) : "" });
}

/** What is stopped now, each with its release. */
function Stopped({ onRelease }) {
  const { everybody, accounts: stopped } = kills.value;
  const lines = [...(everybody ? [["", "Everybody"]] : []), ...stopped.map((name) => [name, name])];
  if (lines.length === 0) return html`<p class="muted" data-testid="kills">Nobody is stopped.</p>`;
  return html`<ul class="kills" data-testid="kills">${lines.map(([account, text]) => html`<li key=${account}>
    <span class="badge small bad">stopped</span> <b>${text}</b>
    <button ...${button("small")} data-testid=${`release-${account || "all"}`} aria-label=${`Release ${text}`}
      onClick=${() => onRelease(account)}>Release</button></li>`)}</ul>`;
}

function KillSwitches() {
  const [account, setAccount] = useState("");
  const [isAsking, setAsking] = useState(false);
  const [error, run] = useAction();
  const who = account || "everybody";
  return html`<section class="ticket" aria-label="Kill switches"><h3>Kill switches</h3>
    <p class="muted">Stops an account: all its open orders end, and it enters no new ones until it is released.</p>
    <${Stopped} onRelease=${(each) => run(() => turn(each, false))} />
    <${Choice} name="Account" all="Everybody" choices=${accounts} value=${account} onSelect=${setAccount}
      testid="kill-account" />
    <button ...${button("danger")} data-testid="kill" onClick=${() => setAsking(true)}>Stop ${who}</button>
    <${RefusedLine} error=${error} testid="kill-result" />
    ${isAsking && html`<${Confirm} title=${`Stop ${who}?`} action=${`Stop ${who}`} testid="kill-confirm"
      text="All open orders end at once and lose their place; new ones are refused."
      onClose=${() => setAsking(false)} onConfirm=${() => run(() => turn(account, true))} />`}
  </section>`;
}

function CancelOrders() {
  const [of, setOf] = useState({ account: "", symbol: "", side: "" });
  const [isAsking, setAsking] = useState(false);
  const [error, run] = useAction();
  const choose = (field) => (value) => setOf((now) => ({ ...now, [field]: value }));
  const what = [of.account || "everybody", of.symbol || "all symbols", of.side ? `${of.side.toLowerCase()} side`
    : "both sides"].join(", ");
  const cancel = async () => tell(counted((await api.cancelOrders(present(of))).count), { tone: "good", detail: what });
  return html`<section class="ticket" aria-label="Cancel orders"><h3>Cancel orders</h3>
    <p class="muted">Ends open orders for their owners, who may enter new ones.</p>
    <${Choice} name="Account" all="Everybody" choices=${accounts} value=${of.account} onSelect=${choose("account")}
      testid="cancel-account" />
    <div class="pair"><${Choice} name="Symbol" all="All symbols" value=${of.symbol} onSelect=${choose("symbol")}
        choices=${instruments.value.map(({ symbol }) => [symbol, symbol])} testid="cancel-symbol" />
      <${Choice} name="Side" all="Both sides" choices=${SIDES} value=${of.side} onSelect=${choose("side")}
        testid="cancel-side" /></div>
    <button ...${button("")} data-testid="cancel-orders" onClick=${() => setAsking(true)}>Cancel the orders</button>
    <${RefusedLine} error=${error} testid="cancel-result" />
    ${isAsking && html`<${Confirm} title="Cancel others' orders?" action="Cancel the orders" testid="cancel-confirm"
      text=${`Open orders of ${what} end and lose their place.`} onClose=${() => setAsking(false)}
      onConfirm=${() => run(cancel)} />`}
  </section>`;
}

export function Control() {
  return html`<${Panel} title="Market control" name="ticket"><${KillSwitches} /><${CancelOrders} /><//>`;
}
