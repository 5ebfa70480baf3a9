// The settled days of who is logged in.

import { useEffect, useState } from "preact/hooks";

import { api } from "../lib/api.js";
import { money, quantity, signedMoney } from "../lib/format.js";
import { html } from "../lib/html.js";
import { session } from "../lib/store.js";
import { Empty, Panel, Signed } from "./parts.js";

export function Settlements() {
  const [days, setDays] = useState([]);
  const isActive = session.value?.active;
  useEffect(() => {
    api.settlements().then(setDays, () => null);
  }, [isActive]);
  const num = (text) => html`<th scope="col" class="num">${text}</th>`;
  return html`<${Panel} title="Settlements" name="settlements">
    <div class="scroll" tabindex="0" role="group" aria-label="Settled days">
      ${days.length === 0 ? html`<${Empty} title="No settled day yet">Days settle when the operator ends them.<//>`
        : html`<table data-testid="settlements"><caption>Settled days, newest first</caption>
          <thead><tr><th scope="col">Day</th>${num("Opening")}${num("Closing")}${num("Realised")}${num("Unrealised")}
            ${num("Securities")}<th scope="col">Obligation</th></tr></thead>
          <tbody>${days.map((day) => html`<tr key=${day.day}><th scope="row">${day.day}</th>
            <td class="num">${money(day.opening_capital)}</td><td class="num">${money(day.closing_capital)}</td>
            <td class="num"><${Signed} value=${day.realized_pnl}>${signedMoney(day.realized_pnl)}<//></td>
            <td class="num"><${Signed} value=${day.unrealized_pnl}>${signedMoney(day.unrealized_pnl)}<//></td>
            <td class="num">${quantity(day.total_securities)}</td>
            <td><span class="badge small ${day.obligation_met ? "good" : "bad"}">
              ${day.obligation_met ? "✓ Met" : "✕ Missed"}</span></td></tr>`)}</tbody></table>`}
    </div>
  <//>`;
}
