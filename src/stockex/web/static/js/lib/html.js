// htm bound to Preact: every component builds its elements with the tag `html`.

import htm from "htm";
import { h } from "preact";

export const html = htm.bind(h);

/** The props of a button that opens nothing else: keeps `type="button"` out of every line. */
export const button = (className, extra = {}) => ({ type: "button", class: `button ${className}`, ...extra });
