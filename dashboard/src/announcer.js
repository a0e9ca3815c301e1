/** What screen readers are told of a change that happens elsewhere on the page. */

import { h } from "./dom.js";

/** Milliseconds for which nothing may change before anything is said: a key that is held would have them talk without end. */
const REST = 600;

/**
 * A region of its own, that nobody sees.
 * @returns {{element: HTMLElement, say: (words: string) => void, wait: () => void}} `say` says what is not said already,
 *   once it has rested; `wait` takes back what is still to be said
 */
export function announcer() {
  const element = h("div", { class: "spoken", role: "status" });
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let resting;
  const wait = () => clearTimeout(resting);
  const say = (/** @type {string} */ words) => {
    wait();
    resting = setTimeout(() => {
      if (element.textContent !== words) element.textContent = words;
    }, REST);
  };
  return { element, say, wait };
}
