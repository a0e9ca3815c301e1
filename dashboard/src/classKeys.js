/** Keys that choose a class, in the heatmap and in the table alike. */

/** By how many classes a key moves. */
const STEPS = { ArrowUp: -1, ArrowDown: 1, PageUp: -10, PageDown: 10, Home: -Infinity, End: Infinity };

/**
 * The class that is chosen after a key: up and down by one, Page up and Page down by ten, Home and End; Enter chooses the
 * first class in sight, or clears the choice.
 *
 * @param {string} key as in `KeyboardEvent.key`
 * @param {number[]} order rows of the series, in the page's order
 * @param {number | null} row that is chosen now
 * @param {number} first place in the order of the first class in sight: where to begin when none is chosen
 * @returns {number | null | undefined} undefined where the key means nothing here
 */
export function rowAfterKey(key, order, row, first) {
  if (!order.length) return undefined;
  const place = row === null ? -1 : order.indexOf(row);
  if (key === "Enter") return place < 0 ? order[first] : null;
  if (!Object.hasOwn(STEPS, key)) return undefined;
  const step = STEPS[/** @type {keyof typeof STEPS} */ (key)];
  if (place < 0 && Number.isFinite(step)) return order[first];
  return order[Math.max(0, Math.min(order.length - 1, place + step))];
}
