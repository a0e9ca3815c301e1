/** The chosen alert in full: what was seen, what it means, what to try, and when it was said. */

import { stateAt } from "../alerts.js";
import { announcer } from "../announcer.js";
import { button } from "../controls.js";
import { h } from "../dom.js";
import { refill } from "../focus.js";
import { fixed } from "../format.js";
import { glyph } from "../marks.js";
import { nearestPosition } from "../passes.js";
import { messageParts } from "../timeline/messageParts.js";
import { shownInstance } from "../timeline/rows.js";

/** @typedef {import("../types.js").AlertInstance} AlertInstance */
/** @typedef {import("../types.js").Series} Series */
/** @typedef {import("../types.js").Store} Store */
/** @typedef {AlertInstance["events"][number]} AlertEvent */

/** Events that are listed before the rest is folded away. */
const LISTED = 4;
const NEVER_FIRED = "It has been pending: the condition held, but not for long enough to fire.";

/**
 * @param {Store} store
 * @returns {import("../types.js").View}
 */
export function message(store) {
  const body = h("div", { class: "message" });
  const spoken = announcer();
  const element = h("div", {}, body, spoken.element);

  /** @param {ReadonlySet<keyof import("../types.js").State>} changed */
  function draw(changed) {
    const { series, position } = store.state;
    const instance = shownInstance(store.state);
    body.hidden = !instance;
    body.className = instance ? `message ${instance.severity}` : "message";
    if (!instance || !series) return body.replaceChildren();
    const epoch = series.epochs[position];
    const event = eventAt(instance, epoch);
    const where = `${instance.severity}, ${instance.split} split; ${situation(instance, epoch, event)} `;
    const unfolded = body.querySelector("details")?.open ?? false;
    refill(body, [
      heading(instance),
      h("p", { class: "muted" }, where, goTo(store, series, event, epoch) ?? ""),
      ...(event ? sayingOf(instance, event) : [h("p", {}, NEVER_FIRED)]),
      ...others(store, series, instance, event, { epoch, unfolded: unfolded && !changed.has("alert") }),
    ]);
    // Who chooses an alert in the list hears what it says; who goes through the epochs does not hear it again and again.
    if (changed.has("alert") && document.activeElement?.closest("#alerts")) spoken.say(event?.message ?? NEVER_FIRED);
  }

  return { element, keys: ["series", "alerts", "alert", "position"], draw };
}

/** @param {AlertInstance} instance */
function heading({ severity, rule, class_name: name }) {
  return h("h3", {}, glyph(severity, 15), h("span", {}, name === null ? rule : `${rule}: ${name}`));
}

/**
 * The last event at or before an epoch, else the first of all; undefined where it never fired.
 *
 * @param {AlertInstance} instance
 * @param {number} epoch
 * @returns {AlertEvent | undefined}
 */
function eventAt({ events }, epoch) {
  return events.findLast((event) => event.epoch <= epoch) ?? events[0];
}

/**
 * State at the chosen epoch, and when the message was written.
 *
 * @param {AlertInstance} instance
 * @param {number} epoch
 * @param {AlertEvent | undefined} event
 */
function situation(instance, epoch, event) {
  const state = stateAt(instance, epoch);
  if (!event) return `${state} at epoch ${epoch}`;
  if (event.epoch > epoch) return `${state} at epoch ${epoch}, and ${event.state} at epoch ${event.epoch}`;
  const still = event.state === "firing" ? state === "firing" : state === "inactive";
  return `${still ? "" : `${state} at epoch ${epoch}, `}${event.state} at epoch ${event.epoch}`;
}

/**
 * The way to the epoch of an event, unless it is the chosen one.
 *
 * @param {Store} store
 * @param {Series} series
 * @param {AlertEvent | undefined} event
 * @param {number} epoch
 */
function goTo(store, series, event, epoch) {
  if (!event || event.epoch === epoch) return null;
  return button(`go to ${event.epoch}`, () => choose(store, series, event), { small: true });
}

/**
 * @param {Store} store
 * @param {Series} series
 * @param {AlertEvent} event
 */
function choose(store, series, event) {
  const position = nearestPosition(series, event.epoch);
  store.set({ position, settled: position });
}

/**
 * The message of an event; that an alert is over is told together with what it was.
 *
 * @param {AlertInstance} instance
 * @param {AlertEvent} event
 */
function sayingOf({ events }, event) {
  if (event.state === "firing") return saying(event);
  const before = events.slice(0, events.indexOf(event)).findLast((one) => one.state === "firing");
  return [...saying(event), ...(before ? [h("h4", {}, `What it said at epoch ${before.epoch}`), ...saying(before)] : [])];
}

/**
 * The message, in its parts where it has the form of the built-in ones.
 * @param {AlertEvent} event
 */
function saying({ message: words }) {
  const { seen, means, advice } = messageParts(words);
  if (!advice.length) return [...seen, ...means].map((sentence) => h("p", {}, ...withCode(sentence)));
  const parts = /** @type {[string, string[]][]} */ ([["Seen", seen], ["Means", means], ["Try", advice]]);
  return [
    h(
      "dl",
      {},
      ...parts
        .filter(([, sentences]) => sentences.length)
        .flatMap(([name, sentences]) => [h("dt", {}, name), h("dd", {}, ...withCode(sentences.join(" ")))]),
    ),
  ];
}

/**
 * A text in which what stands between backticks is code.
 * @param {string} words
 */
function withCode(words) {
  const pieces = words.split("`");
  if (pieces.length % 2 === 0) return [words];
  return pieces.map((piece, index) => (index % 2 ? h("code", {}, piece) : piece));
}

/**
 * The other events of the instance, the latest first, with the value and its threshold.
 *
 * @param {Store} store
 * @param {Series} series
 * @param {AlertInstance} instance
 * @param {AlertEvent | undefined} shown
 * @param {{epoch: number, unfolded: boolean}} options the chosen epoch; whether those that are folded away are in sight
 */
function others(store, series, { events }, shown, { epoch, unfolded }) {
  const rest = events.filter((event) => event !== shown).reverse();
  if (!rest.length) return [];
  const rows = rest.map((event) =>
    h(
      "li",
      {},
      event.epoch === epoch
        ? h("span", { class: "muted" }, `epoch ${event.epoch}`)
        : button(`epoch ${event.epoch}`, () => choose(store, series, event), { small: true, label: `Go to epoch ${event.epoch}` }),
      h("span", {}, event.state),
      h("span", { class: "muted" }, againstThreshold(event)),
    ),
  );
  const list = (/** @type {HTMLElement[]} */ items) => h("ul", { class: "events" }, ...items);
  return [
    h("h4", {}, "Other events"),
    list(rows.slice(0, LISTED)),
    ...(rows.length > LISTED ? [h("details", { open: unfolded }, h("summary", {}, `${rows.length - LISTED} more`), list(rows.slice(LISTED)))] : []),
  ];
}

/** @param {AlertEvent} event */
function againstThreshold({ value, threshold }) {
  if (value === null) return "";
  return `value ${plain(value)}${threshold === null ? "" : `, threshold ${plain(threshold)}`}`;
}

/**
 * A number of any magnitude, with about four digits.
 * @param {number} value
 */
function plain(value) {
  const decimals = Number.isInteger(value) ? 0 : Math.max(0, Math.min(6, 3 - Math.floor(Math.log10(Math.abs(value) || 1))));
  return fixed(value, decimals);
}
