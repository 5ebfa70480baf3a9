// The ranking of the ten members by total value, live, with the market's tiles above it.

import { useState } from "preact/hooks";

import { money, quantity, signedMoney } from "../lib/format.js";
import { html } from "../lib/html.js";
import { leaderboard, me } from "../lib/store.js";
import { MemberDrawer } from "./member.js";
import { Obligation, TypeBadge } from "./member-badges.js";
import { Empty, Panel, Signed } from "./parts.js";

function Line({ row, onOpen }) {
  const open = () => onOpen(row.member_id);
  return html`<tr class=${row.member_id === me.value.user ? "selected" : ""} onClick=${open}
    data-testid=${`member-${row.member_id}`}>
    <td class="num rank">${row.rank}</td>
    <th scope="row"><button type="button" class="link-button" aria-haspopup="dialog"
      onClick=${(event) => { event.stopPropagation(); open(); }}>${row.member_id}</button></th>
    <td><${TypeBadge} row=${row} /></td>
    <td class="num">${money(row.capital)}</td>
    <td class="num">${money(row.holdings_value)}</td>
    <td class="num strong">${money(row.total_value)}</td>
    <td class="num"><${Signed} value=${row.pnl}>${signedMoney(row.pnl)}<//></td>
    <td class="num">${quantity(row.buy_count)}</td>
    <td class="num">${quantity(row.sell_count)}</td>
    <td class="num">${quantity(row.total_securities)}</td>
    <td><${Obligation} row=${row} /></td>
  </tr>`;
}

function MarketTiles({ rows }) {
  const sum = (key) => rows.reduce((total, row) => total + row[key], 0);
  const pnl = sum("pnl");
  const met = rows.filter((row) => row.obligation_met).length;
  const tile = (name, text, note) => html`<div class="tile"><dt>${name}</dt><dd>${text}</dd>
    <dd class="note">${note}</dd></div>`;
  return html`<dl class="tiles big">
    ${tile("Members", rows.length, `${rows.filter((row) => row.is_human).length} traded by hand`)}
    ${tile("Obligation met", `${met}/${rows.length}`, "20 securities a day each")}
    ${tile("Total value", money(sum("total_value")), "cash and holdings")}
    ${tile("Profit and loss", html`<${Signed} value=${pnl}>${signedMoney(pnl)}<//>`, "of all members together")}
  </dl>`;
}

export function Leaderboard() {
  const [opened, setOpened] = useState(null);
  const rows = leaderboard.value;
  const num = (text) => html`<th scope="col" class="num">${text}</th>`;
  const hint = html`<span class="muted">Choose a member to see why it trades</span>`;
  return html`<${MarketTiles} rows=${rows} />
    <${Panel} title="Ranking" name="ranking" head=${hint}>
      <div class="scroll"><table class="ranking" data-testid="leaderboard">
        <caption>Members by total value</caption>
        <thead><tr><th scope="col" class="num"><abbr title="Rank">#</abbr></th><th scope="col">Member</th>
          <th scope="col">Type</th>${num("Cash")}${num("Holdings")}${num("Total")}${num("P&L")}
          ${num("Buys")}${num("Sells")}${num("Securities")}<th scope="col">Obligation</th></tr></thead>
        <tbody>${rows.map((row) => html`<${Line} key=${row.member_id} row=${row} onOpen=${setOpened} />`)}</tbody>
      </table>${rows.length === 0 && html`<${Empty} title="Waiting for the ranking" />`}</div>
    <//>
    ${opened && html`<${MemberDrawer} key=${opened} name=${opened} onClose=${() => setOpened(null)} />`}`;
}
