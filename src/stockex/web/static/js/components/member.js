// The slide-out of one member: money, holdings, last trades, and what it decided and why.

import { useEffect, useState } from "preact/hooks";

import { api } from "../lib/api.js";
import { clock, money, price, quantity, signedMoney } from "../lib/format.js";
import { html } from "../lib/html.js";
import { leaderboard, tickOf } from "../lib/store.js";
import { Holdings } from "./account.js";
import { Obligation, TypeBadge } from "./member-badges.js";
import { Dialog, Empty, SideTag, Signed, TradeMark, useEvery } from "./parts.js";

const REFRESH_MS = 3_000;
const SOURCES = { rule: "Rule", rl: "Neural net", llm: "Language model" };

function Trades({ trades }) {
  if (trades.length === 0) return html`<${Empty} title="No trades today" />`;
  return html`<table><caption>Last trades</caption>
    <thead><tr><th scope="col">Time</th><th scope="col">Symbol</th><th scope="col">Side</th>
      <th scope="col" class="num">Qty</th><th scope="col" class="num">Price</th></tr></thead>
    <tbody>${trades.slice(0, 20).map((trade) => html`<tr key=${`${trade.trade_id}${trade.side}`}
      class=${trade.status === "BUSTED" ? "busted" : ""}>
      <td class="muted">${clock(trade.timestamp)}</td><td class="strong">${trade.symbol}</td>
      <td><${SideTag} side=${trade.side} /></td><td class="num">${quantity(trade.quantity)}</td>
      <td class="num">${price(trade.price, tickOf(trade.symbol))} <${TradeMark} trade=${trade} isShort /></td>
    </tr>`)}</tbody></table>`;
}

function Decision({ decision }) {
  const { side, symbol, quantity: qty, price: limit } = decision;
  const source = SOURCES[decision.source] ?? decision.source;
  return html`<li class="decision"><p><span class="badge small info">${source}</span>
    ${decision.cl_ord_id && side ? html`<${SideTag} side=${side} /><b>
      ${quantity(qty)} ${symbol} at ${price(limit, tickOf(symbol))}</b>` : html`<span class="badge small">Hold</span>`}
    <time class="muted">${clock(decision.timestamp)}</time></p><p>${decision.text}</p></li>`;
}

function Details({ row, trades, decisions }) {
  const tile = (name, text) => html`<div class="tile"><dt>${name}</dt><dd>${text}</dd></div>`;
  return html`<dl class="tiles">${tile("Cash", money(row.capital))}${tile("Total value", money(row.total_value))}
      ${tile("P&L", html`<${Signed} value=${row.pnl}>${signedMoney(row.pnl)}<//>`)}
      ${tile("Securities today", html`${quantity(row.total_securities)} <${Obligation} row=${row} />`)}</dl>
    <section><h3>Holdings</h3><div class="scroll">
      <${Holdings} holdings=${row.holdings} isOwn=${false} /></div></section>
    <section><h3>Last decisions</h3>${decisions.length === 0 ? html`<${Empty} title="No decisions yet" />`
      : html`<ul class="decisions">${decisions.slice(0, 10).map((decision) => html`<${Decision}
        key=${`${decision.timestamp}${decision.cl_ord_id}`} decision=${decision} />`)}</ul>`}</section>
    <section><h3>Last trades</h3><div class="scroll"><${Trades} trades=${trades} /></div></section>`;
}

export function MemberDrawer({ name, onClose }) {
  const [details, setDetails] = useState(null);
  const [error, setError] = useState("");
  const load = () => api.member(name).then(setDetails, (refusal) => setError(refusal.message));
  useEffect(() => { load(); }, []);
  useEvery(REFRESH_MS, load);
  const row = leaderboard.value.find(({ member_id: id }) => id === name) ?? details?.row;
  return html`<${Dialog} class="drawer" onClose=${onClose} testid="member-dialog"
    title=${html`${name} ${row && html`<${TypeBadge} row=${row} />`}`}>
    ${error && !details ? html`<${Empty} title=${error} />` : details && row
      ? html`<${Details} row=${row} trades=${details.trades} decisions=${details.decisions} />`
      : html`<${Empty} title="Loading" />`}
  <//>`;
}
