/** The tip at the pointer. It repeats what is reachable otherwise too, so screen readers are spared it. */

import { h, shown } from "./dom.js";

/** @typedef {import("./dom.js").Child} Child */

/** Pixels between the pointer and the tip, and between the tip and the edge of the page. */
const DISTANCE = 14;
const MARGIN = 8;

/** @type {HTMLElement | null} */
let tip = null;

/**
 * @param {{clientX: number, clientY: number}} event where the pointer is, or what the tip is about
 * @param {string} title
 * @param {...Child} lines
 */
export function showTip(event, title, ...lines) {
  tip ??= document.body.appendChild(h("div", { class: "tip", "aria-hidden": "true" }));
  tip.replaceChildren(h("b", {}, title), ...shown(lines).map((line) => h("div", {}, line)));
  tip.hidden = false;
  const { width, height } = tip.getBoundingClientRect();
  const below = event.clientY + DISTANCE;
  tip.style.left = `${Math.max(MARGIN, Math.min(innerWidth - width - MARGIN, event.clientX + DISTANCE))}px`;
  tip.style.top = `${below + height > innerHeight ? event.clientY - height - DISTANCE : below}px`;
}

export function hideTip() {
  if (tip) tip.hidden = true;
}
