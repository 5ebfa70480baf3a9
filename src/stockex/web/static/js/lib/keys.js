// The keys of the order entry. Each needs Alt or Ctrl, so that none is pressed by typing or by speech (WCAG 2.1.4).

import { useEffect } from "preact/hooks";

import { instruments, select, selected } from "./store.js";

const ticket = () => document.querySelector("#ticket form");
const focus = (field) => ticket()?.elements[field]?.focus();
const press = (selector) => ticket()?.querySelector(selector)?.click();

function walk(step) {
  const symbols = instruments.value.map(({ symbol }) => symbol);
  const at = symbols.indexOf(selected.value);
  if (at >= 0) select(symbols[(at + step + symbols.length) % symbols.length]);
}

/** What stands on the screen, the key's code, and what it does. */
export const KEYS = [
  ["Alt L", "KeyL", "quick line", () => focus("line")],
  ["Alt B", "KeyB", "buy", () => press(".side.buy")],
  ["Alt S", "KeyS", "sell", () => press(".side.sell")],
  ["Alt Q", "KeyQ", "quantity", () => focus("quantity")],
  ["Alt P", "KeyP", "price", () => focus("price")],
  ["Alt ↑", "ArrowUp", "symbol above", () => walk(-1)],
  ["Alt ↓", "ArrowDown", "symbol below", () => walk(1)],
  ["Ctrl Enter", "Enter", "send", () => ticket()?.requestSubmit()],
];

function keyed(event) {
  const wanted = event.code === "Enter" ? event.ctrlKey || event.metaKey : event.altKey && !event.ctrlKey;
  const [, , , act] = KEYS.find(([, code]) => code === event.code) ?? [];
  const isDone = event.defaultPrevented || (event.code === "Enter" && event.repeat);
  if (!act || !wanted || isDone || document.querySelector("dialog[open]")) return;
  event.preventDefault();
  act();
}

/** Obey the keys while the component is on screen. */
export function useKeys() {
  useEffect(() => {
    document.addEventListener("keydown", keyed);
    return () => document.removeEventListener("keydown", keyed);
  }, []);
}
