// An order as one line of words: "b 100 alpha 24.95 ioc". What is not said is as in a fresh ticket.

import { fieldPrice } from "./format.js";
import { selected, tickOf, tickerOf } from "./store.js";
import { FRESH, laterText, numberOf } from "./ticket-form.js";

const SIDES = { b: "BUY", buy: "BUY", s: "SELL", sell: "SELL" };
const TYPE_WORDS = {
  limit: "LIMIT", lmt: "LIMIT", market: "MARKET", mkt: "MARKET", m: "MARKET", mtl: "MARKET_TO_LIMIT",
  stop: "STOP", trail: "TRAILING_STOP", peg: "PEG_PRIMARY", mid: "PEG_MID",
};
const TIF_WORDS = {
  day: "DAY", gtc: "GTC", ioc: "IOC", fok: "FOK", gfa: "GFA", gtd: "GTD", gtt: "GTT", open: "AT_OPEN", close: "AT_CLOSE",
};
const FLAGS = { post: { postOnly: true }, hidden: { isHidden: true }, logout: { endsWithSession: true } };

/** The word after which a figure is expected, and the field of the form that it becomes. */
const FIGURES = { stop: "stop", trail: "trail", ice: "display", iceberg: "display", at: "price", "@": "price" };
const WITH_LIMIT = { STOP: "STOP_LIMIT", TRAILING_STOP: "TRAILING_STOP_LIMIT" };
const UNPRICED = new Set(["MARKET", "MARKET_TO_LIMIT"]);

/** "1,500" and "1.5k" as the text of a field, or null where it is no figure above zero. */
function figure(word) {
  const isThousands = /^[\d.,]+k$/.test(word);
  const value = numberOf(isThousands ? word.slice(0, -1) : word);
  if (value === null || !(value > 0)) return null;
  return isThousands ? String(Number((value * 1000).toFixed(4))) : word.replaceAll(",", "");
}

/** The one symbol that a word means, or null; `isGuess` where the word is only its beginning. */
function symbolOf(word, symbols) {
  const wanted = word.toUpperCase();
  if (symbols.includes(wanted)) return { symbol: wanted, isGuess: false };
  const found = symbols.filter((each) => each.startsWith(wanted));
  return found.length === 1 ? { symbol: found[0], isGuess: true } : null;
}

const isOf = (table, word) => Object.hasOwn(table, word);

/** Take in one word; false where it means nothing here. */
function take(word, line, symbols) {
  const { form } = line;
  const expected = line.expects;
  line.expects = null;
  const number = figure(word.replace(/^@(?=.)/, ""));
  if (expected || (number !== null && word.startsWith("@"))) {
    if (number === null) return false;
    form[expected ?? "price"] = number;
    return true;
  }
  if (number !== null) {
    const place = ["quantity", "price"].find((field) => form[field] === undefined);
    if (place) form[place] = number;
    return Boolean(place);
  }
  if (isOf(FIGURES, word)) line.expects = FIGURES[word];
  if (word.startsWith("ice") && isOf(FIGURES, word)) form.isIceberg = true;
  if (isOf(SIDES, word)) form.side = SIDES[word];
  else if (isOf(TYPE_WORDS, word)) form.type = TYPE_WORDS[word];
  else if (isOf(TIF_WORDS, word)) form.tif = TIF_WORDS[word];
  else if (isOf(FLAGS, word)) Object.assign(form, FLAGS[word]);
  else if (word === "bid" || word === "ask") line.best = word;
  else if (!isOf(FIGURES, word)) {
    const found = symbolOf(word, symbols);
    if (!found || line.symbol) return false;
    Object.assign(line, found, { word });
  }
  return true;
}

/** What keeps a line from being an order, in one sentence; null when it is one. */
function faultOf(line, unknown) {
  if (unknown.length > 0) return `“${unknown[0]}” is not understood here.`;
  if (line.expects) return "A figure is missing at the end.";
  if (line.form.price !== undefined && UNPRICED.has(line.form.type)) return "An order at market has no price.";
  return null;
}

/**
 * Read a line: `form` is what it says of the ticket's form, `symbol` the security or null, `isGuess` whether its name
 * is only begun by `word`, `best` the quote whose price it names, `fault` the sentence that says what is wrong, or null.
 */
export function read(text, symbols) {
  const line = { form: {}, symbol: null, isGuess: false, word: "", best: null, expects: null };
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  const unknown = words.filter((word) => !take(word, line, symbols));
  const fault = faultOf(line, unknown);
  const { form } = line;
  if (form.price !== undefined || line.best) form.type = WITH_LIMIT[form.type] ?? form.type ?? "LIMIT";
  if (form.type?.startsWith("PEG")) Object.assign(form, { cap: form.price ?? "", price: undefined });
  if (form.tif === "GTD" || form.tif === "GTT") form.expiry = laterText(form.tif);
  return { ...line, fault };
}

/** The whole form that a line makes of the one before: side and quantity stay unless they are said, all else is fresh. */
export function formOf({ form, best, symbol, isGuess }, before) {
  const { side, quantity } = before;
  const next = { ...FRESH, side, quantity, ...form };
  if (!best) return { ...next, price: form.price };
  const of = isGuess ? selected.peek() : symbol ?? selected.peek();
  const line = tickerOf(of).peek();
  const at = (best === "bid" ? line?.best_bid : line?.best_ask) ?? null;
  return { ...next, price: form.price ?? (fieldPrice(at, tickOf(of)) || undefined) };
}
