// One message, field by field, with the names and meanings of the standard.

import { Empty, Panel } from "../components/parts.js";
import { button, html } from "../lib/html.js";
import { copy } from "./log.js";
import { draft, shown, tab } from "./store.js";
import { bodyOf, piped, stampOf } from "./words.js";

const HEADER = new Set([8, 9, 35, 34, 43, 49, 50, 52, 56, 57, 97, 115, 116, 122, 128, 129, 144, 145]);

/** In which part of the message a field stands: shown, so that the body is found at a glance. */
const partOf = ([tag]) => (HEADER.has(tag) ? "header" : tag === 10 ? "trailer" : "body");

function Line({ line }) {
  const [tag, name, value, meaning, depth] = line;
  return html`<tr data-part=${partOf(line)} data-tag=${tag} class=${depth > 0 ? `deep deep-${Math.min(depth, 3)}` : ""}>
    <th scope="row">${tag || "–"}</th><td class="name">${name || html`<span class="muted">not of FIX 4.4</span>`}</td>
    <td class="value">${piped(value)}${meaning && html` <span class="meaning">${meaning}</span>`}</td></tr>`;
}

function edit(entry) {
  draft.value = { msgType: entry.msg_type, text: bodyOf(entry) };
  tab.value = "raw";
  document.getElementById("ticket")?.scrollIntoView({ block: "nearest" });
}

export function Detail() {
  const entry = shown.value;
  if (!entry) {
    return html`<${Panel} title="Message" name="detail"><${Empty} title="No message yet">
      Tags, names and meanings of the one that you choose stand here.<//><//>`;
  }
  const head = html`<button ...${button("small")} data-testid="fix-copy-one"
      onClick=${() => copy(piped(entry.raw), "The message")}>Copy</button>
    <button ...${button("small")} data-testid="fix-edit" title="Take it over into the Raw tab"
      onClick=${() => edit(entry)}>Edit and send</button>`;
  return html`<${Panel} title=${entry.name || "Garbled bytes"} name="detail" head=${head}>
    <p class="about-message"><span class="type">${entry.msg_type || "?"}</span>
      ${" "}${entry.way === "out" ? "Sent" : "Received"} ${stampOf(entry.at)}${entry.number && `, number ${entry.number}`}
      ${entry.fault && html`<b class="down"> ${entry.fault}</b>`}</p>
    <div class="scroll" tabindex="0" role="group" aria-label="Fields of the message">
      <table class="fields" data-testid="fix-detail"><caption>Fields of the message</caption>
        <thead><tr><th scope="col">Tag</th><th scope="col">Name</th><th scope="col">Value</th></tr></thead>
        <tbody>${entry.lines.map((line, at) => html`<${Line} key=${at} line=${line} />`)}</tbody></table></div><//>`;
}
