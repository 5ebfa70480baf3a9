// The operator's dialog that busts a trade, or gives it another price or a smaller quantity.

import { useState } from "preact/hooks";

import { api } from "../lib/api.js";
import { stepped } from "../lib/estimate.js";
import { clock, fieldPrice, price, quantity } from "../lib/format.js";
import { button, html } from "../lib/html.js";
import { tell } from "../lib/notices.js";
import { instruments, tickOf } from "../lib/store.js";
import { Dialog, Segments, Stepper } from "./parts.js";
import { RefusedLine } from "./refusal.js";

const LONGEST = 200;

/** Only what differs from the trade is sent. */
function changeOf(trade, { qty, at }) {
  return {
    ...(Number(qty) !== trade.quantity && { quantity: Number(qty) }),
    ...(Number(at) !== trade.price && { price: Number(at) }),
  };
}

function Terms({ trade, terms, onChange, invalid }) {
  const tick = tickOf(trade.symbol);
  const lot = instruments.value.find(({ symbol }) => symbol === trade.symbol)?.lot ?? 1;
  const step = (steps) => Math.min(trade.quantity, Math.max(lot, Number(terms.qty) + steps * lot));
  return html`<${Stepper} label=${`Quantity, at most ${quantity(trade.quantity)}`} field="quantity" testid="undo-qty"
      value=${terms.qty} aria-invalid=${invalid("quantity")} onInput=${(qty) => onChange({ ...terms, qty })}
      onStep=${(steps) => onChange({ ...terms, qty: String(step(steps)) })} />
    <${Stepper} label=${`Price (tick ${tick})`} field="price" testid="undo-price" value=${terms.at}
      aria-invalid=${invalid("price")} onInput=${(at) => onChange({ ...terms, at })}
      onStep=${(steps) => onChange({ ...terms, at: fieldPrice(stepped(Number(terms.at), steps, tick), tick) })} />`;
}

const ABOUT = {
  bust: "Cash and shares go back, and orders that they covered end. Prices stay. This cannot be taken back.",
  correct: "The difference in cash and shares moves, and orders that it covered end. Prices stay.",
};

export function Undo({ trade, onClose }) {
  const [kind, setKind] = useState("bust");
  const [terms, setTerms] = useState({
    qty: String(trade.quantity), at: fieldPrice(trade.price, tickOf(trade.symbol)),
  });
  const [text, setText] = useState("");
  const [error, setError] = useState(null);
  const change = changeOf(trade, terms);
  const isNothing = kind === "correct" && Object.keys(change).length === 0;
  const send = async (event) => {
    event.preventDefault();
    try {
      const { count } = kind === "bust" ? await api.bust(trade.trade_id, text)
        : await api.correct(trade.trade_id, { ...change, text });
      tell(`${kind === "bust" ? "Busted" : "Corrected"}: ${trade.symbol} trade ${trade.trade_id}`, {
        tone: "good", detail: count > 0 ? `${count} uncovered ${count === 1 ? "order" : "orders"} cancelled` : "",
      });
      onClose();
    } catch (refusal) {
      setError(refusal);
    }
  };
  const invalid = (field) => (error?.field === field ? "true" : undefined);
  return html`<${Dialog} title="Undo a trade" onClose=${onClose} testid="undo-dialog">
    <p class="muted">${quantity(trade.quantity)} ${trade.symbol} at ${price(trade.price, tickOf(trade.symbol))},
      ${" "}${clock(trade.timestamp)}, trade ${trade.trade_id}</p>
    <form class="ticket" onSubmit=${send} novalidate>
      <${Segments} label="What to do" value=${kind} onSelect=${setKind} choices=${[
        ["bust", "Bust", { "data-testid": "undo-bust" }], ["correct", "Correct", { "data-testid": "undo-correct" }]]} />
      ${kind === "correct" && html`<${Terms} trade=${trade} terms=${terms} onChange=${setTerms} invalid=${invalid} />`}
      <label class="field"><span class="label">Reason, for everybody to read</span>
        <input class="input" maxlength=${LONGEST} autocomplete="off" data-testid="undo-text" value=${text}
          onInput=${(event) => setText(event.target.value)} /></label>
      <p class="muted">${ABOUT[kind]}</p>
      <${RefusedLine} error=${error} testid="undo-result" />
      <div class="dialog-actions"><button ...${button("")} onClick=${onClose}>Keep as it is</button>
        <button class="button ${kind === "bust" ? "danger" : "primary"}" data-testid="undo-submit"
          disabled=${isNothing}>${kind === "bust" ? "Bust the trade" : "Correct the trade"}</button></div>
    </form>
  <//>`;
}
