// What the analyst said: each insight with who said it, and below every sentence the figures and commands behind it.

import { useEffect } from "preact/hooks";

import { dayClock, quantity } from "../lib/format.js";
import { html } from "../lib/html.js";
import { insights, instruments, select, unread } from "../lib/store.js";
import { Empty } from "./parts.js";

const CAUSES = {
  interval: ["Regular", ""],
  big_move: ["Big move", "warn"],
  halt: ["Halt", "bad"],
  resumed: ["Resumed", "good"],
  volatility: ["Volatility", "warn"],
  auction: ["Auction", "info"],
  session_start: ["Session start", "good"],
  session_end: ["Session end", "info"],
};

/** Who said it: the rules, or a model by its name; the title says why a model that was asked did not. */
function Source({ insight }) {
  const isRules = insight.source === "rules";
  const title = insight.note || (isRules ? "Computed from the facts" : "Words of a language model over these figures");
  return html`<span class="badge small" title=${title}>${isRules ? "Rules" : insight.source}</span>`;
}

const commandsOf = ({ first, last }) => (first === last ? `command ${first}` : `commands ${first} to ${last}`);

function Sentence({ statement }) {
  const { symbol, text, figures } = statement;
  const isListed = symbol && instruments.value.some((each) => each.symbol === symbol);
  const said = figures.map(({ name, value, unit }) => `${name} ${value}${unit === name ? "" : ` ${unit}`}`.trim());
  return html`<li>${text}
    <small class="muted">${[...said, commandsOf(statement)].join(" · ")}</small>
    ${isListed && html`<button type="button" class="link-button muted" onClick=${() => select(symbol)}>Show
      ${" "}${symbol}</button>`}</li>`;
}

function Insight({ insight, isNewest }) {
  const [cause, tone] = CAUSES[insight.cause] ?? [insight.cause, ""];
  const count = insight.statements.length;
  return html`<li class="insight" data-testid="insight">
    <div class="insight-head"><time class="strong">${dayClock(insight.timestamp)}</time>
      <span class="badge small ${tone}">${cause}</span><${Source} insight=${insight} />
      <span class="muted">Day ${insight.day}</span></div>
    <p>${insight.text}</p>
    <details open=${isNewest && insight.source !== "rules"}><summary>${quantity(count)}
      ${" "}${count === 1 ? "sentence" : "sentences"} with figures</summary>
      <ul class="sentences">${insight.statements.map((each) => html`<${Sentence} key=${each.text}
        statement=${each} />`)}</ul></details></li>`;
}

/** The newest insights; what is on screen counts as read. */
export function Insights() {
  useEffect(() => { unread.value = 0; }, [insights.value]);
  if (insights.value.length === 0) {
    return html`<${Empty} title="Nothing said yet">The analyst comments on trading every few minutes, and when
      something happens.<//>`;
  }
  return html`<ul class="insights" data-testid="insights">${insights.value.map((insight, at) => html`<${Insight}
    key=${`${insight.timestamp}-${insight.last}`} insight=${insight} isNewest=${at === 0} />`)}</ul>`;
}
