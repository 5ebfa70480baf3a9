// Orders and executions, as the reports told them.

import { useState } from "preact/hooks";

import { Confirm, Dialog, Empty, Panel, SideTag, Tabs } from "../components/parts.js";
import { button, html } from "../lib/html.js";
import { allExecutions, allOrders, isOpen, isUp, onlyOrder, openOrders } from "./store.js";
import { send } from "./ticket.js";
import { STATUSES, extrasOf, sideOf, stampOf, tookOf, typeOf } from "./words.js";

const SHOWN = 100;
const CHANGEABLE = {
  38: "OrderQty (38)", 44: "Price (44)", 99: "StopPx (99)", 211: "Offset (211)", 110: "MinQty (110)",
  126: "ExpireTime (126)", 432: "ExpireDate (432)",
};

const nameOf = ({ terms }) => `${sideOf(terms)} ${terms[38] ?? ""} ${terms[55] ?? ""}`.trim();

/** What the venue calls an order, and how long its first report took. */
const factsOf = (line) => [
  line.order_id && line.order_id !== "NONE" && `#${line.order_id}`, tookOf(line),
].filter(Boolean).join(" · ");

function Replace({ line, onClose }) {
  const changeable = Object.entries(CHANGEABLE).filter(([tag]) => tag === "38" || line.terms[tag] !== undefined);
  const [terms, setTerms] = useState(Object.fromEntries(changeable.map(([tag]) => [tag, line.terms[tag] ?? ""])));
  const submit = async (event) => {
    event.preventDefault();
    const given = Object.fromEntries(Object.entries(terms).filter(([, value]) => value.trim()));
    if (await send({ kind: "replace", key: line.key, terms: given })) onClose();
  };
  return html`<${Dialog} title=${`Replace ${nameOf(line)}`} testid="fix-replace" onClose=${onClose}>
    <form class="ticket" onSubmit=${submit} novalidate><p class="muted">35=G, of ${line.cl_ord_id}</p>
      ${changeable.map(([tag, label]) => html`<label key=${tag} class="field"><span class="label">${label}</span>
        <input class="input" data-testid=${`fix-replace-${tag}`} autocomplete="off" value=${terms[tag]}
          onInput=${(event) => setTerms({ ...terms, [tag]: event.target.value })} /></label>`)}
      <div class="dialog-actions"><button class="button primary" data-testid="fix-replace-send">Send replace</button></div>
    </form><//>`;
}

function Status({ line }) {
  const [text, tone] = STATUSES[line.status] ?? [line.status, ""];
  return html`<span class="badge small ${tone}" data-testid="fix-status" title=${line.text}>${text}</span>
    ${line.pending && html` <span class="badge small warn">${line.pending} pending</span>`}
    ${line.text && html`<small title=${line.text}>${line.text}</small>`}`;
}

function OrderRow({ line, onReplace }) {
  const { terms } = line;
  const part = Number(terms[38]) > 0 ? Number(line.cum) / Number(terms[38]) : 0;
  const act = (text, name, onClick) => html`<button ...${button("small")} data-testid=${`fix-${text.toLowerCase()}`}
    aria-label=${`${name}, ${nameOf(line)}`} disabled=${!isUp.value} onClick=${onClick}>${text}</button>`;
  return html`<tr data-key=${line.key} data-status=${line.status}>
    <th scope="row">${terms[55]}</th><td><${SideTag} side=${sideOf(terms)} /></td>
    <td class="wide">${typeOf(terms)}<small>${extrasOf(terms)}</small></td>
    <td class="num" data-label="Quantity">${terms[38]}</td>
    <td class="num" data-label="Price">${terms[44] ?? "–"}</td>
    <td class="num" data-label="Filled">${line.cum} <span class="progress" aria-hidden="true">
      <i style=${{ width: `${Math.round(Math.min(part, 1) * 100)}%` }}></i></span></td>
    <td class="num" data-label="Average">${Number(line.average) ? line.average : "–"}</td>
    <td class="state"><${Status} line=${line} /></td>
    <td class="ids muted">${line.cl_ord_id}<small title="OrderID, and how long the first report took"
      >${factsOf(line)}</small></td>
    <td class="actions">
      ${isOpen(line) && html`${act("Cancel", "Cancel", () => send({ kind: "cancel", key: line.key }))}
      ${act("Replace", "Replace", () => onReplace(line))}
      ${act("Status", "Ask for the status", () => send({ kind: "status", key: line.key }))}`}
      <button ...${button("small")} data-testid="fix-show-log" aria-pressed=${String(onlyOrder.value === line.key)}
        aria-label=${`Messages of ${nameOf(line)}`}
        onClick=${() => { onlyOrder.value = onlyOrder.value === line.key ? "" : line.key; }}>Log</button></td></tr>`;
}

function ExecutionRow({ done }) {
  return html`<tr class=${done.status === "busted" ? "busted" : ""}>
    <th scope="row">${done.symbol}</th><td><${SideTag} side=${{ 1: "BUY", 2: "SELL" }[done.side] ?? ""} /></td>
    <td class="num" data-label="LastQty">${done.qty}</td><td class="num" data-label="LastPx">${done.price}</td>
    <td>${done.status && html`<span class="badge small warn">${done.status}</span>`}</td>
    <td class="ids muted">${done.key}<small>ExecID ${done.exec_id}</small></td>
    <td class="muted" data-label="Time">${stampOf(done.at)}</td></tr>`;
}

const col = (text, isNumber) => html`<th scope="col" class=${isNumber ? "num" : ""}>${text}</th>`;
const ORDER_HEAD = html`${col("Symbol")}${col("Side")}${col("Type")}${col("Quantity", 1)}${col("Price", 1)}
  ${col("Filled", 1)}${col("Average", 1)}${col("Status")}${col("ClOrdID")}
  <th scope="col"><span class="sr-only">Actions</span></th>`;
const DONE_HEAD = html`${col("Symbol")}${col("Side")}${col("LastQty", 1)}${col("LastPx", 1)}${col("")}${col("ClOrdID")}
  ${col("Time")}`;

export function Blotter() {
  const [view, setView] = useState("all");
  const [replaced, setReplaced] = useState(null);
  const [isClearing, setClearing] = useState(false);
  const orders = view === "open" ? openOrders.value : allOrders.value;
  const isDone = view === "executions";
  const rows = isDone
    ? allExecutions.value.slice(0, SHOWN).map((done) => html`<${ExecutionRow} key=${done.exec_id} done=${done} />`)
    : orders.slice(0, SHOWN).map((line) => html`<${OrderRow} key=${line.key} line=${line} onReplace=${setReplaced} />`);
  const count = openOrders.value.length;
  const head = html`<${Tabs} label="Own orders" value=${view} onSelect=${setView} panel="fix-blotter"
      tabs=${[["all", "Orders"], ["open", "Open", count], ["executions", "Executions", allExecutions.value.length]]} />
    <button ...${button("small")} data-testid="fix-cancel-all" disabled=${count === 0 || !isUp.value}
      onClick=${() => setClearing(true)}>Cancel all</button>`;
  return html`<${Panel} title="Blotter" name="orders" head=${head}>
    <div class="scroll" id="fix-blotter" role="tabpanel" aria-label="Own orders" tabindex="0">
      <table class="cards" data-testid=${isDone ? "fix-executions" : "fix-orders"}><caption>Own orders</caption>
        <thead><tr>${isDone ? DONE_HEAD : ORDER_HEAD}</tr></thead><tbody>${rows}</tbody></table>
      ${rows.length === 0 && html`<${Empty} title=${isDone ? "No executions yet" : "No orders yet"}>
        ${isUp.value ? "Send one: its life is told here, report by report." : "Connect, then send one."}<//>`}</div>
    ${replaced && html`<${Replace} key=${replaced.key} line=${replaced} onClose=${() => setReplaced(null)} />`}
    ${isClearing && html`<${Confirm} title="Cancel all open orders?" action="Send mass cancel" testid="fix-cancel-confirm"
      text=${`One OrderMassCancelRequest (35=q, 530=7) for ${count} open ${count === 1 ? "order" : "orders"}.`}
      onClose=${() => setClearing(false)} onConfirm=${() => send({ kind: "mass_cancel" })} />`}<//>`;
}
