// The ticket's quick line: a whole order typed as words. The ticket below shows at once what was understood.

import { useEffect, useId, useRef, useState } from "preact/hooks";

import { html } from "../lib/html.js";
import { formOf, read } from "../lib/quick-line.js";
import * as store from "../lib/store.js";

const KEPT = 30;

/** `take` gives the ticket a form and a symbol; `result` is what became of the order that `isSending` sent last. */
export function QuickLine({ take, result, isSending }) {
  const id = useId();
  const [text, setText] = useState("");
  const [isTold, setTold] = useState(false);
  const sent = useRef({ lines: [], at: 0, line: "" });
  const symbols = store.instruments.value.map(({ symbol }) => symbol);
  const line = read(text, symbols);
  useEffect(() => {
    if (isSending) sent.current.line = text;
  }, [isSending]);
  useEffect(() => {
    const { line: last, lines: before } = sent.current;
    if (!result?.order || last.trim() === "") return;
    const lines = [...before.filter((each) => each !== last), last].slice(-KEPT);
    sent.current = { lines, at: lines.length, line: "" };
    if (text === last) setText("");
  }, [result]);
  const type = (typed) => {
    const next = read(typed, symbols);
    setText(typed);
    setTold(false);
    if (typed.trim() !== "") take(next.isGuess ? null : next.symbol, (before) => formOf(next, before));
  };
  const recall = (step) => {
    const { lines, at } = sent.current;
    const to = Math.max(0, Math.min(lines.length, at + step));
    sent.current.at = to;
    type(lines[to] ?? "");
  };
  /** Enter completes a symbol that is only begun, and stops at what is not understood or empty; else the form is sent. */
  const keyed = (event) => {
    const steps = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (steps) recall(steps);
    else if (event.key === "Escape") type("");
    else if (event.key !== "Enter") return;
    else if (line.fault) setTold(true);
    else if (line.isGuess) type(text.replace(new RegExp(`(^|\\s)${line.word}(?=\\s|$)`, "i"), `$1${line.symbol}`));
    else if (text.trim() !== "" || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
  };
  const fault = line.fault && (isTold || text.endsWith(" ")) ? line.fault : "";
  const guess = line.isGuess ? `Enter: ${line.symbol}` : "";
  return html`<div class="field quick-line"><label class="label" for=${id}>Quick line</label>
    <input class="input" id=${id} name="line" autocomplete="off" autocapitalize="off" spellcheck="false"
      placeholder="b 100 alpha 24.95 ioc" value=${text} data-testid="quick-line" aria-describedby=${`${id}-said`}
      aria-invalid=${fault ? "true" : undefined} onInput=${(event) => type(event.target.value)} onKeyDown=${keyed} />
    <p class="about ${fault ? "down" : ""}" id=${`${id}-said`} data-testid="quick-said">${fault || guess
      || "Side, quantity, symbol, price; then: mkt, stop 24, gtc, post, ice 10. Enter sends."}</p></div>`;
}
