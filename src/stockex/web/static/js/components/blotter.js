// Own orders and fills: open ones with amend and cancel, those that ended, and every fill.

import { useState } from "preact/hooks";

import { api } from "../lib/api.js";
import { clock, dayClock, label, money, price, quantity } from "../lib/format.js";
import { button, html } from "../lib/html.js";
import { tell } from "../lib/notices.js";
import { allTermsOf, kindOf, lifeOf, orderPrice, termsOf, waitsFor } from "../lib/order-words.js";
import { applyEvents } from "../lib/reducers.js";
import { endedOrders, fills, isTrader, openOrders, partnerOf, select, tickOf } from "../lib/store.js";
import { askOrder, askTrade } from "../lib/why.js";
import { Amend } from "./amend.js";
import { Confirm, Empty, LoginInvite, Panel, SideTag, Tabs, TradeMark } from "./parts.js";

const SHOWN = 100;

async function cancel({ cl_ord_id: id }) {
  try {
    applyEvents([["order", (await api.cancel(id)).order]]);
  } catch (error) {
    tell(error.message, { tone: "bad", detail: "Cancel refused", error });
  }
}

async function cancelAll() {
  try {
    const { count } = await api.cancelAll();
    tell(`${count} open ${count === 1 ? "order" : "orders"} cancelled`);
  } catch (error) {
    tell(error.message, { tone: "bad", detail: "Cancel refused" });
  }
}

const SymbolLink = ({ symbol }) => html`<th scope="row"><button type="button" class="link-button"
  onClick=${() => select(symbol)}>${symbol}</button></th>`;
const priceOf = (order) => orderPrice(order, tickOf(order.symbol));

/** The type of an order, with a mark while it waits outside the book; below, how long it lives and its other terms. */
function Kind({ order }) {
  const tick = tickOf(order.symbol);
  const wait = order.is_waiting && waitsFor(order, tick);
  const other = partnerOf(order);
  const pair = other && `OCO with ${kindOf(other, tick)}${other.is_waiting ? "" : ` at ${orderPrice(other, tick)}`}`;
  const terms = [lifeOf(order), pair, ...termsOf(order)].filter(Boolean).join(" · ");
  return html`<td data-col="type">${kindOf(order, tick)}${wait && html` <span class="badge small info"
    data-testid="waiting" title=${wait}>waiting<span class="sr-only">: ${wait}</span></span>`}
    <small data-testid="terms" title=${allTermsOf(order)}>${terms}</small></td>`;
}

function Progress({ order }) {
  const part = order.quantity > 0 ? order.cum / order.quantity : 0;
  return html`<span class="progress" title=${`${order.cum} of ${order.quantity} filled`}>
    <i style=${{ width: `${Math.round(part * 100)}%` }}></i></span>`;
}

function OpenLine({ order, onAmend }) {
  const name = `${order.side} ${order.quantity} ${order.symbol}`;
  return html`<tr data-cl-ord-id=${order.cl_ord_id} data-status=${order.status} title=${order.cl_ord_id}>
    <${SymbolLink} symbol=${order.symbol} /><td><${SideTag} side=${order.side} /></td>
    <${Kind} order=${order} />
    <td class="num" data-col="quantity">${quantity(order.quantity)}</td>
    <td class="num" data-col="price">${priceOf(order)}</td>
    <td class="num" data-col="filled">${quantity(order.cum)} <${Progress} order=${order} /></td>
    <td class="num" data-col="leaves">${quantity(order.leaves)}</td>
    <td class="muted">${clock(order.timestamp)}</td>
    <td class="muted id">${order.cl_ord_id}</td>
    <td class="actions">
      <button ...${button("small")} data-testid="why-order" aria-label=${`Why, ${name}`}
        onClick=${() => askOrder(order)}>Why</button>
      <button ...${button("small")} data-testid="amend-button" aria-label=${`Amend ${name}`}
        onClick=${() => onAmend(order)}>Amend</button>
      <button ...${button("small")} data-testid="cancel-button" aria-label=${`Cancel ${name}`}
        onClick=${() => cancel(order)}>Cancel</button></td>
  </tr>`;
}

function HistoryLine({ order }) {
  return html`<tr data-cl-ord-id=${order.cl_ord_id} data-status=${order.status}>
    <${SymbolLink} symbol=${order.symbol} /><td><${SideTag} side=${order.side} /></td>
    <${Kind} order=${order} />
    <td class="num">${quantity(order.quantity)}</td><td class="num">${priceOf(order)}</td>
    <td class="num">${quantity(order.cum)}</td>
    <td class="num">${price(order.average_price, tickOf(order.symbol))}</td>
    <td><span class="badge small ${order.status === "FILLED" ? "good" : ""}">${label(order.status)}</span>
      ${order.reason && html` <span class="muted">${label(order.reason)}</span>`}</td>
    <td class="muted">${dayClock(order.updated)}</td><td class="muted id">${order.cl_ord_id}</td>
    <td class="actions"><button ...${button("small")} data-testid="why-order"
      aria-label=${`Why, ${order.side} ${order.quantity} ${order.symbol}`}
      onClick=${() => askOrder(order)}>Why</button></td>
  </tr>`;
}

function FillLine({ fill }) {
  return html`<tr data-trade-id=${fill.trade_id} class=${fill.status === "BUSTED" ? "busted" : ""}>
    <${SymbolLink} symbol=${fill.symbol} /><td><${SideTag} side=${fill.side} /></td>
    <td class="num">${quantity(fill.quantity)}</td><td class="num">${price(fill.price, tickOf(fill.symbol))}</td>
    <td class="num">${money(fill.quantity * fill.price)}</td>
    <td>${fill.is_aggressor ? "Taker" : "Maker"} <${TradeMark} trade=${fill} /></td>
    <td class="muted">${dayClock(fill.timestamp)}</td><td class="muted id">${fill.cl_ord_id}</td>
    <td class="actions"><button ...${button("small")} data-testid="why-fill"
      aria-label=${`Why, ${fill.side} ${fill.quantity} ${fill.symbol}`}
      onClick=${() => askTrade(fill)}>Why</button></td>
  </tr>`;
}

const col = (text, isNumber, name = "") => html`<th scope="col" class=${isNumber ? "num" : name}>${text}</th>`;
const ACTIONS = html`<th scope="col"><span class="sr-only">Actions</span></th>`;
const HEADS = {
  open: html`${col("Symbol")}${col("Side")}${col("Type")}${col("Quantity", 1)}${col("Price", 1)}${col("Filled", 1)}
    ${col("Open", 1)}${col("Placed")}${col("Order id", 0, "id")}
    ${ACTIONS}`,
  history: html`${col("Symbol")}${col("Side")}${col("Type")}${col("Quantity", 1)}${col("Price", 1)}
    ${col("Filled", 1)}${col("Average", 1)}${col("Status")}${col("Updated")}${col("Order id")}${ACTIONS}`,
  fills: html`${col("Symbol")}${col("Side")}${col("Quantity", 1)}${col("Price", 1)}${col("Value", 1)}${col("Role")}
    ${col("Time")}${col("Order id")}${ACTIONS}`,
};

function Table({ view, onAmend }) {
  const none = { open: "No open orders", history: "No ended orders yet", fills: "No fills yet" }[view];
  const rows = {
    open: () => openOrders.value.map((order) => html`<${OpenLine} key=${order.order_id} order=${order}
      onAmend=${onAmend} />`),
    history: () => endedOrders.value.slice(0, SHOWN).map((order) => html`<${HistoryLine} key=${order.order_id}
      order=${order} />`),
    fills: () => fills.value.slice(0, SHOWN).map((fill) => html`<${FillLine} key=${`${fill.trade_id}${fill.side}`}
      fill=${fill} />`),
  }[view]();
  const testid = { open: "open-orders", history: "order-history", fills: "fills" }[view];
  return html`<table class="blotter ${view}" data-testid=${testid}><caption>${none.replace(/^No /, "Your ")}</caption>
      <thead><tr>${HEADS[view]}</tr></thead><tbody>${rows}</tbody></table>
    ${rows.length === 0 && html`<${Empty} title=${none} />`}`;
}

/** `hasFills`: the fills are a tab here, not a panel of their own. */
export function Blotter({ hasFills = true }) {
  const [view, setView] = useState("open");
  const [amended, setAmended] = useState(null);
  const [isClearing, setClearing] = useState(false);
  const count = openOrders.value.length;
  if (!isTrader.value) {
    return html`<${Panel} title="Orders" name="orders"><${LoginInvite} title="Your orders live here"
      text="Log in to see open orders, amend or cancel them, and follow your fills." /><//>`;
  }
  const head = html`<${Tabs} label="Own orders" value=${view} onSelect=${setView} panel="blotter"
      tabs=${[["open", "Open", count], ["history", "History"],
        ...(hasFills ? [["fills", "Fills", fills.value.length]] : [])]} />
    <button ...${button("small")} data-testid="cancel-all" disabled=${count === 0}
      onClick=${() => setClearing(true)}>Cancel all</button>`;
  return html`<${Panel} title="Orders" name="orders" head=${head}>
    <div class="scroll" id="blotter" role="tabpanel" aria-label="Own orders" tabindex="0">
      <${Table} view=${view} onAmend=${setAmended} /></div>
    ${amended && html`<${Amend} key=${amended.order_id} order=${amended} onClose=${() => setAmended(null)} />`}
    ${isClearing && html`<${Confirm} title="Cancel all open orders?" action="Cancel all" testid="cancel-all-confirm"
      text=${`All ${count} open orders leave the book and lose their place.`}
      onClose=${() => setClearing(false)} onConfirm=${cancelAll} />`}
  <//>`;
}

/** The fills as a panel, for a page that has room for them. */
export function Fills() {
  return html`<${Panel} title="Fills" name="fills" head=${html`<span class="count">${fills.value.length}</span>`}>
    <div class="scroll" tabindex="0" role="group" aria-label="Own fills"><${Table} view="fills" /></div><//>`;
}
