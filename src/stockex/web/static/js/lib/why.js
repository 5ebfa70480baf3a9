// What the "Why" panel is asked for: the story of a trade, an order, a refusal, or the auction of a running call.

import { signal } from "@preact/signals";

import { api } from "./api.js";

/** `{title, symbol, load, isLive}`, or null while nothing is asked. `load` gives parts: `[heading, sentences]`. */
export const asked = signal(null);

export const forget = () => { asked.value = null; };

const isOf = (index) => (why) => why.index === index;

/** What concerns one trade of a command; before the trade of an auction, why the auction had its price. */
function aboutTrade(whys, index) {
  const auctions = whys.filter(({ about, index: at }) => about === "uncross" && at < index);
  const held = auctions.at(-1)?.index;
  const auction = whys.filter(isOf(held));
  const isAuctions = whys.some((why) => why.index === index && why.rules.includes("AUC-03"));
  return [...(isAuctions ? auction : []), ...whys.filter(isOf(index))];
}

/** What concerns one's own order among all that a command caused: the facts in which it is spoken of as one's own. */
function aboutOrder(whys, id) {
  const own = new Set(whys.filter(({ text }) => text.toLowerCase().includes(`your ${id}`.toLowerCase()))
    .map(({ index }) => index));
  return own.size === 0 ? whys : whys.filter(({ index }) => own.has(index));
}

/** A trade on the tape, or an own fill: a trade's id is its command and its place among the facts. */
export function askTrade({ trade_id: id, symbol, changed_by: undone, status }) {
  const [offset, index] = id.split("-").map(Number);
  const load = async () => {
    const done = aboutTrade((await api.explain(offset)).whys, index);
    if (typeof undone !== "number") return [["", done]];
    return [[status === "BUSTED" ? "Why it was busted" : "Its correction", (await api.explain(undone)).whys],
      ["When it was done", done]];
  };
  asked.value = { title: `Why this trade in ${symbol}?`, symbol, load };
}

/** An own order: what became of it at once, and what changed it last. */
export function askOrder({ order_id: placed, cause, cl_ord_id: id, symbol, side, quantity }) {
  const load = async () => {
    const offsets = [...new Set([placed, cause])];
    const stories = await Promise.all(offsets.map((offset) => api.explain(offset)));
    const headings = offsets.length > 1 ? ["When it was placed", "Its last change"] : [""];
    return stories.map(({ whys }, at) => [headings[at], aboutOrder(whys, id)]);
  };
  asked.value = { title: `Why: ${side} ${quantity} ${symbol}`, symbol, load };
}

/** A command that the exchange refused. */
export function askRefusal({ offset }) {
  const load = async () => [["", (await api.explain(offset)).whys]];
  asked.value = { title: "Why was it refused?", load };
}

/** The auction that would be held now; it is asked again and again while the panel is open. */
export function askAuction(symbol) {
  const load = async () => [["", (await api.auction(symbol)).whys]];
  asked.value = { title: `Why this indicative price in ${symbol}?`, symbol, load, isLive: true };
}
