/** The page of the "Cross-entropy" tab. TensorBoard imports this module into a frame and calls `render`. */

import { choiceOf, remember, remembered } from "./address.js";
import { alertAnswer } from "./alertAnswer.js";
import { consequences } from "./consequences.js";
import { h } from "./dom.js";
import { wordsAreOutdated } from "./freshness.js";
import { listen, watchDarkness } from "./host.js";
import { Loading } from "./loading.js";
import { Server } from "./server.js";
import { INITIAL, Store } from "./store.js";
import base from "./style/base.css";
import classes from "./style/classes.css";
import proof from "./style/proof.css";
import story from "./style/story.css";
import { classControls } from "./views/classControls.js";
import { classTable } from "./views/classTable.js";
import { comparable, comparison } from "./views/comparison.js";
import { confusion } from "./views/confusion.js";
import { empty } from "./views/empty.js";
import { head } from "./views/head.js";
import { heatmap } from "./views/heatmap.js";
import { histogram } from "./views/histogram.js";
import { lines } from "./views/lines.js";
import { message } from "./views/message.js";
import { phase } from "./views/phase.js";
import { problem } from "./views/problem.js";
import { reliability } from "./views/reliability.js";
import { runs } from "./views/runs.js";
import { scope } from "./views/scope.js";
import { timeline } from "./views/timeline.js";
import { choose, toolbar } from "./views/toolbar.js";

/** @typedef {import("./types.js").State} State */

/** Milliseconds for which the width has to rest before everything is drawn anew. */
const REST = 80;

/** Build the page, and fill it. */
export async function render() {
  document.documentElement.lang = "en";
  document.title = "Cross-entropy";
  document.head.append(h("style", {}, [base, story, classes, proof].join("\n")));
  const choice = remembered();
  const store = new Store(consequences, { inSight, later });
  const darkness = followDarkness(store, choice.dark);
  document.body.replaceChildren(...page(store, darkness.toggle));
  store.subscribe((changed) => {
    if (["run", "output", "row", "position", "split", "quantity", "compared"].some((key) => changed.has(/** @type {keyof State} */ (key)))) {
      remember(choiceOf(store.state, darkness.chosen()));
    }
  });
  watchWidth(store);
  addEventListener("keydown", (event) => onKey(store, event));
  const loading = new Loading(store, new Server(), choice);
  listen(() => loading.refresh());
  await loading.start();
}

/**
 * Whether an element is on the screen. What is hidden counts too: it has no place yet, and nothing to draw.
 * @param {HTMLElement} element
 */
function inSight(element) {
  const { top, bottom } = element.getBoundingClientRect();
  return top === bottom || (bottom > 0 && top < innerHeight);
}

/**
 * Run a task after the next picture. A hidden page has none.
 * @param {() => void} task
 */
function later(task) {
  if (document.hidden) setTimeout(task);
  else requestAnimationFrame(() => setTimeout(task));
}

/**
 * @param {Store} store
 * @param {() => void} toggleDark
 */
function page(store, toggleDark) {
  // First, so that what is drawn after it is in sight and has a width.
  store.add({
    element: document.body,
    keys: ["list", "series"],
    draw() {
      document.body.classList.toggle("with-runs", Boolean(store.state.list?.runs.length));
      document.body.classList.toggle("with-series", store.state.series !== null);
    },
  });
  const body = h(
    "main",
    {},
    store.add(empty(store)),
    labelled("runs", "Runs", store.add(runs(store))),
    labelled("head", "State of the run", store.add(head(store))),
    question(store, "story", "Do loss and accuracy tell the same story?", inWords("story"), [
      h("div", { class: "story-grid" }, store.add(lines(store)), store.add(phase(store))),
    ]),
    question(store, "classes", ({ series }) => `Which ${noun(series)} carry the loss?`, inWords("classes"), [
      store.add(classControls(store)),
      h("div", { class: "classes-grid" }, h("figure", {}, store.add(heatmap(store))), h("figure", {}, store.add(classTable(store)))),
    ]),
    h(
      "div",
      { class: "pair-grid" },
      question(store, "confidences", "Are the confidences honest?", inWords("confidences", true), [
        h("div", { class: "two-grid" }, store.add(histogram(store)), store.add(reliability(store))),
      ], store.add(scope(store))),
      question(store, "mistakes", "What is mistaken for what?", inWords("mistakes", true), [store.add(confusion(store))]),
    ),
    comparisonSection(store),
    question(store, "alerts", "What fired, when, and why?", (state) => ({ text: alertAnswer(state) }), [
      h("div", { class: "alerts-grid" }, h("figure", {}, store.add(timeline(store))), store.add(message(store))),
    ]),
    h("footer", { class: "page-foot" }, "Cross-entropy in nats; epochs from 0. Keys: \u2190 \u2192 epoch, / filter, Esc all classes."),
  );
  return [store.add(toolbar(store, toggleDark)), store.add(problem(store)), body];
}

/** @param {import("./types.js").Series | null} series */
function noun(series) {
  return series?.task === "multilabel" ? "labels" : "classes";
}

/**
 * An answer that the server gave in words.
 * @param {"story" | "classes" | "confidences" | "mistakes"} name
 * @param {boolean} [ofClass] whether it speaks of the chosen class
 * @returns {(state: State) => Answer}
 */
function inWords(name, ofClass = false) {
  return (state) => ({ text: state.words?.[name] ?? "", outdated: wordsAreOutdated(state, ofClass) });
}

/** @typedef {{text: string, outdated?: boolean}} Answer `outdated` while the one to what is chosen now is on its way */

/**
 * A section without a question.
 * @param {string} id
 * @param {string} label
 * @param {HTMLElement} content
 */
function labelled(id, label, content) {
  return h("section", { id, "aria-label": label }, content);
}

/**
 * A section: the question as heading, the answer beside it, the proof below.
 *
 * @param {Store} store
 * @param {string} id
 * @param {string | ((state: State) => string)} title
 * @param {(state: State) => Answer} answerOf
 * @param {HTMLElement[]} content
 * @param {HTMLElement | null} [beside] at the right of the heading
 */
function question(store, id, title, answerOf, content, beside = null) {
  const heading = h("h2", { id: `${id}-question` });
  const answer = h("p", { class: "answer" });
  const section = h("section", { id, "aria-labelledby": `${id}-question` }, h("header", {}, heading, answer, beside), ...content);
  store.add({
    element: section,
    keys: ["series", "words", "alerts", "position", "row", "split", "compared"],
    draw() {
      const { state } = store;
      heading.textContent = typeof title === "string" ? title : title(state);
      const { text, outdated = false } = answerOf(state);
      answer.textContent = text;
      answer.classList.toggle("outdated", outdated);
    },
  });
  return section;
}

/** @param {State} state */
function comparisonAnswer({ series, compared, split }) {
  if (!series) return "";
  if (compared.length) return `${series.run} beside ${compared.join(", ")}: the ${split} passes, each at the chosen epoch or its last before.`;
  return `Its ${split} pass beside its other pass, class by class. Choose runs with "compare" at the top.`;
}

/** @param {Store} store */
function comparisonSection(store) {
  const view = comparison(store);
  const section = question(store, "comparison", "What is different, and beyond noise?", (state) => ({ text: comparisonAnswer(state) }), [store.add(view)]);
  store.add({
    element: section,
    keys: ["series", "others", "split", "against"],
    draw() {
      section.hidden = !store.state.series || !comparable(store.state);
    },
  });
  return section;
}

/**
 * Light or dark as TensorBoard is, until the user chooses.
 * @param {Store} store
 * @param {boolean | undefined} wanted
 */
function followDarkness(store, wanted) {
  let chosen = wanted;
  const apply = (/** @type {boolean} */ dark) => {
    // Before the views draw: they read the colours from the body.
    document.body.classList.toggle("dark", dark);
    store.set({ dark });
  };
  watchDarkness((dark) => {
    if (chosen === undefined) apply(dark);
  });
  if (chosen !== undefined) apply(chosen);
  return {
    chosen: () => chosen,
    toggle: () => {
      chosen = !store.state.dark;
      apply(chosen);
      remember(choiceOf(store.state, chosen));
    },
  };
}

/**
 * Draw anew when the page has another width. A hidden tab has none: what was drawn meanwhile is drawn again once it is seen.
 * @param {Store} store
 */
function watchWidth(store) {
  let width = document.documentElement.clientWidth;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let resting;
  new ResizeObserver(() => {
    const now = document.documentElement.clientWidth;
    if (now === width) return;
    width = now;
    clearTimeout(resting);
    if (now > 0) resting = setTimeout(() => store.set({ size: store.state.size + 1 }), REST);
  }).observe(document.documentElement);
}

/**
 * Keys that mean the same everywhere on the page, but not while something is typed or a menu is open.
 * @param {Store} store
 * @param {KeyboardEvent} event
 */
function onKey(store, event) {
  const target = /** @type {HTMLElement} */ (event.target);
  if (event.altKey || event.ctrlKey || event.metaKey) return;
  const slider = target instanceof HTMLInputElement && target.type === "range"; // it has arrow keys of its own
  if (["INPUT", "SELECT", "TEXTAREA"].includes(target.tagName) && !(slider && !event.key.startsWith("Arrow"))) {
    if (event.key === "Escape") target.blur();
    return;
  }
  if (event.key === "Escape") store.set({ row: INITIAL.row });
  else if (event.key === "ArrowLeft") choose(store, store.state.position - 1);
  else if (event.key === "ArrowRight") choose(store, store.state.position + 1);
  else if (event.key === "/") document.getElementById("filter")?.focus();
  else return;
  event.preventDefault();
}
