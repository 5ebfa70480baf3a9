// The theme in force, and the button's action. `theme-now.js` sets it before the first paint.

import { signal } from "@preact/signals";

const KEPT = "stockex.theme";
const root = document.documentElement;
const prefersLight = window.matchMedia("(prefers-color-scheme: light)");

export const theme = signal(root.dataset.theme);

function kept() {
  try {
    return window.localStorage.getItem(KEPT);
  } catch {
    return null;
  }
}

function show(name) {
  root.dataset.theme = name;
  theme.value = name;
}

export function toggleTheme() {
  const next = theme.value === "dark" ? "light" : "dark";
  show(next);
  try {
    window.localStorage.setItem(KEPT, next);
  } catch {
    // The choice then lasts as long as the page.
  }
}

prefersLight.addEventListener("change", ({ matches }) => {
  if (!kept()) show(matches ? "light" : "dark");
});

/** The value of a design token now, for what is drawn on a canvas. */
export const token = (name) => window.getComputedStyle(root).getPropertyValue(name).trim();
