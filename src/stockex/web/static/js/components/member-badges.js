// What a member is, and whether it has met its duty for the day.

import { html } from "../lib/html.js";

const TYPE_TONES = { Human: "info", LLM: "warn", NN1: "good", NN2: "good" };

export const TypeBadge = ({ row }) => html`<span class="badge small ${TYPE_TONES[row.ai_type] ?? ""}">
  ${row.is_human ? "● " : ""}${row.ai_type}</span>`;

export function Obligation({ row }) {
  const [text, tone] = row.obligation_met ? ["✓ Met", "good"] : ["○ Open", ""];
  return html`<span class="badge small ${tone}">${text}</span>`;
}
