/** How compared runs look and are called, wherever they are shown. */

import { shortNames } from "../lines/names.js";

/** Of the lines of compared runs; with more runs than that, patterns come again in another grey. */
const DASHES = [
  [7, 4],
  [2, 3],
  [12, 3, 2, 3],
  [4, 2],
  [14, 5],
  [2, 6],
];
const TONES = ["ink-3", "ink-2"];

/**
 * How the run at this place among those compared is drawn, everywhere.
 * @param {number} index
 */
export function comparedStyle(index) {
  return { dash: DASHES[index % DASHES.length], colour: TONES[Math.floor(index / DASHES.length + index) % TONES.length] };
}

/**
 * Names of the compared runs for small places.
 * @param {import("../types.js").State} state
 */
export function comparedNames(state) {
  return shortNames(
    state.others.map((other) => other.run),
    state.run === null ? [] : [state.run],
  );
}
