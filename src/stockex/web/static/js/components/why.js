// The "Why" panel: sentences with the rules that they cite, and behind an auction price its table.

import { useEffect, useState } from "preact/hooks";

import { label, price, quantity } from "../lib/format.js";
import { button, html } from "../lib/html.js";
import { surplusText } from "../lib/order-words.js";
import { me, tickOf } from "../lib/store.js";
import { askRefusal, asked, forget } from "../lib/why.js";
import { Dialog, Empty, useEvery } from "./parts.js";

const REFRESH_MS = 2_000;
const ABOUT = {
  traded: "Trade", trade_busted: "Bust", trade_corrected: "Correction", uncross: "Auction",
  indicative: "If the call ended now", phase: "Phase",
};

/** What an auction would do at each price, the highest first; the price that was taken is marked. */
function Table({ why, symbol }) {
  const tick = tickOf(symbol);
  return html`<div class="scroll" tabindex="0" role="group" aria-label="Auction table">
    <table class="why-table" data-testid="why-table">
    <caption>What an auction would do at each price</caption>
    <thead><tr>${["Price", "Buy", "Sell", "Trades", "Surplus"].map((text) => html`<th key=${text} scope="col"
      class="num">${text}</th>`)}</tr></thead>
    <tbody>${why.rows.toReversed().map((row) => {
      const isTaken = row.price === why.price;
      return html`<tr key=${row.price} class=${isTaken ? "taken" : ""} aria-current=${isTaken ? "true" : undefined}>
        <th scope="row" class="num">${isTaken && html`<span aria-hidden="true">▸ </span><span
          class="sr-only">auction price </span>`}${price(row.price, tick)}</th>
        <td class="num">${quantity(row.buy)}</td><td class="num">${quantity(row.sell)}</td>
        <td class="num strong">${quantity(row.volume)}</td>
        <td class="num" title=${surplusText(row.surplus)}>${quantity(row.surplus)}</td></tr>`;
    })}</tbody></table></div>`;
}

function Sentence({ why, symbol }) {
  return html`<li class="sentence"><p>${why.text}</p>
    <p class="cited">${why.rules.map((rule) => html`<span key=${rule} class="badge small info">${rule}</span>`)}
      ${why.account && html`<span class="muted">
        ${why.account === me.value.user ? "your own figures" : `figures of ${why.account}`}</span>`}</p>
    ${why.rows?.length > 0 && html`<${Table} why=${why} symbol=${symbol} />`}</li>`;
}

/** The sentences of one part, each fact under its name. */
function Part({ heading, whys, symbol }) {
  const facts = [];
  for (const why of whys) {
    if (facts.at(-1)?.[0].index === why.index) facts.at(-1).push(why);
    else facts.push([why]);
  }
  return html`<section class="why-part">${heading && html`<h3>${heading}</h3>`}
    ${facts.map((sentences) => html`<div key=${sentences[0].index}>
      <h4>${ABOUT[sentences[0].about] ?? label(sentences[0].about.toUpperCase())}</h4>
      <ul>${sentences.map((why, at) => html`<${Sentence} key=${at} why=${why} symbol=${symbol} />`)}</ul></div>`)}
  </section>`;
}

function Story({ question }) {
  const [parts, setParts] = useState(null);
  const [error, setError] = useState("");
  const load = () => question.load().then((found) => { setParts(found); setError(""); },
    (refusal) => setError(refusal.message));
  useEffect(() => { load(); }, []);
  useEvery(REFRESH_MS, () => { if (question.isLive) load(); });
  return html`<${Dialog} class="drawer why" title=${question.title} testid="why-dialog" onClose=${forget}>
    <div aria-live="polite" data-testid="why-story">
      ${error ? html`<${Empty} title=${error} />` : parts === null ? html`<${Empty} title="Looking it up" />`
        : parts.map(([heading, whys]) => html`<${Part} key=${heading} heading=${heading} whys=${whys}
          symbol=${question.symbol} />`)}
    </div>
  <//>`;
}

/** The panel, as long as something is asked. */
export function Why() {
  const question = asked.value;
  return question && html`<${Story} key=${question.title} question=${question} />`;
}

/** The button beside a refusal that opens its story; nothing for a fault that the exchange itself has not refused. */
export function WhyRefused({ error }) {
  if (typeof error.offset !== "number") return null;
  return html` <button ...${button("small")} data-testid="why-refused"
    onClick=${() => askRefusal(error)}>Why?</button>`;
}
