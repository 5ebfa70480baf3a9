// A refusal, the same wherever something is asked for: the sentence, then reason, rule and field, and the way to why.

import { html } from "../lib/html.js";
import { WhyRefused } from "./why.js";

/** What stands inside a line of refusal. */
export function Refusal({ error }) {
  const { message, reason, rule, field } = error;
  const facts = [reason, rule && `rule ${rule}`, field && `field ${field}`].filter(Boolean).join(" · ");
  return html`<b><span aria-hidden="true">✕ </span>Refused</b> ${message}<small>${facts}</small>
    <${WhyRefused} error=${error} />`;
}

/** The line of a dialog; read out at once. */
export function RefusedLine({ error, testid }) {
  return error && html`<div class="result bad" role="alert" data-testid=${testid}><${Refusal} error=${error} /></div>`;
}
