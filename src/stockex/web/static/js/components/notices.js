// The toast stack. It is also the page's one polite live region.

import { html } from "../lib/html.js";
import { notices } from "../lib/notices.js";
import { WhyRefused } from "./why.js";

export function Notices() {
  return html`<div class="toasts" role="log" aria-live="polite" aria-label="Notices" data-testid="notices">
    ${notices.value.map(({ key, text, detail, tone, isHeardOnly, error }) => html`<div key=${key}
      class=${isHeardOnly ? "sr-only" : `toast ${tone}`}>
      <span>${text}</span>${detail && html`<small>${detail}</small>`}
      ${error && html`<${WhyRefused} error=${error} />`}
    </div>`)}
  </div>`;
}
