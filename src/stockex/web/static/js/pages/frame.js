// What every page starts: status bar, operator strip, notices, the stream, the live title.

import { effect } from "@preact/signals";
import { render } from "preact";

import { Status } from "../components/header.js";
import { Notices } from "../components/notices.js";
import { DemoHint, OperatorStrip } from "../components/operator.js";
import { Why } from "../components/why.js";
import { arrow, price } from "../lib/format.js";
import { html } from "../lib/html.js";
import { selected, tickerOf, tickOf } from "../lib/store.js";
import { startStream } from "../lib/stream.js";

const mount = (component, id) => {
  const host = document.getElementById(id);
  if (host) render(html`<${component} />`, host);
};

/** Draw `page` into the main part and start the stream. `isPriced` shows the last price in the title. */
export function start(page, { isPriced = false } = {}) {
  mount(Status, "status");
  mount(OperatorStrip, "operator");
  mount(DemoHint, "demo-hint");
  mount(Notices, "notices");
  mount(Why, "why");
  if (page) mount(page, "page");
  const title = document.title;
  if (isPriced) {
    effect(() => {
      const line = tickerOf(selected.value).value;
      const last = line?.last ?? null;
      document.title = last === null ? title
        : `${price(last, tickOf(selected.value))} ${arrow(line.move)} ${selected.value} · StockEx`;
    });
  }
  startStream();
}
