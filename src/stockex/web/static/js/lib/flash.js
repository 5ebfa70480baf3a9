// A short flash of a cell whose value went up or down. Honours prefers-reduced-motion.

import { useEffect, useRef } from "preact/hooks";

const calm = window.matchMedia("(prefers-reduced-motion: reduce)");

/** Return a ref for the element that flashes when `value` changes. */
export function useFlash(value) {
  const element = useRef(null);
  const before = useRef(value);
  useEffect(() => {
    const was = before.current;
    before.current = value;
    if (was === null || was === undefined || value === null || was === value || calm.matches) return;
    const colour = `var(--${value > was ? "up" : "down"}-flash)`;
    element.current?.animate([{ backgroundColor: colour }, {}], { duration: 650, easing: "ease-out" });
  }, [value]);
  return element;
}
