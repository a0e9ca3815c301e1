/** One pair of classes over the epochs, in one line under the matrix. */

import { button } from "../controls.js";
import { h } from "../dom.js";
import { named } from "../format.js";
import { sparkline } from "../sparkline.js";
import { followedInWords, followedPair, sharesOf } from "./followed.js";

const SIZE = { width: 130, height: 34 };

/**
 * @param {import("../types.js").Store} store
 * @param {number} epoch number of the epoch of the pass
 * @returns {HTMLElement | null} null where there is no pair to follow
 */
export function pairLine(store, epoch) {
  const followed = followedPair(store.state);
  if (!followed) return null;
  const all = store.state.pair && button("×", () => store.set({ pair: null }), { label: "No longer follow this pair", small: true });
  if ("missing" in followed) return h("div", { class: "pair-line" }, h("span", { class: "muted" }, followed.missing), all);
  const shares = sharesOf(followed);
  return h(
    "div",
    { class: "pair-line" },
    h("span", { class: "pair-names" }, ...pairNames(followed.trueName, followed.predictedName)),
    sparkline(shares, { ...SIZE, colour: "var(--wrong)", position: followed.epochs.indexOf(epoch) }),
    h("span", { class: "muted" }, followedInWords(followed, epoch)),
    all,
  );
}

/**
 * @param {string} trueName
 * @param {string} predictedName
 */
export function pairNames(trueName, predictedName) {
  return [
    h("b", { title: trueName }, named(trueName)),
    h("span", { class: "arrow", role: "img", "aria-label": "taken for" }, "→"),
    h("b", { title: predictedName }, named(predictedName)),
  ];
}
