/**
 * What follows from a change of the state, whoever made it.
 *
 * Each rule looks at the state and at what has changed so far, and returns what has to change too; the store applies them
 * until nothing follows any more.
 */

import { alertKey, instanceOfClass } from "./alerts.js";
import { classOrder, revealed, windowOf } from "./order.js";
import { nearestPosition } from "./passes.js";
import { quantitiesOf } from "./quantities.js";
import { INITIAL } from "./store.js";

/** @typedef {import("./types.js").State} State */
/** @typedef {import("./types.js").Series} Series */
/** @typedef {ReadonlySet<keyof State>} Changed */

/**
 * @param {State} state after the change
 * @param {Changed} changed
 * @param {State} before the state before it
 * @returns {Partial<State>}
 */
export function consequences(state, changed, before) {
  return {
    ...ofRun(state, changed),
    ...ofCompared(state, changed),
    ...ofPosition(state, changed),
    ...ofSeries(state, changed, before),
    ...ofRow(state, changed, before),
    ...ofFilter(changed),
    ...ofAlert(state, changed, before),
    ...ofTask(state, changed),
  };
}

/**
 * Another run: nothing of what was fetched for the one before is shown for it.
 * @param {State} state
 * @param {Changed} changed
 * @returns {Partial<State>}
 */
function ofRun(state, changed) {
  if (!changed.has("run") && !changed.has("output")) return {};
  if (state.series?.run === state.run && state.series?.output === state.output) return {};
  return { series: null, words: null, alerts: null, detail: null, confusion: null, pairHistory: null };
}

/**
 * A run is compared with others, each once.
 * @param {State} state
 * @param {Changed} changed
 * @returns {Partial<State>}
 */
function ofCompared({ run, compared }, changed) {
  if (!changed.has("run") && !changed.has("compared")) return {};
  const others = [...new Set(compared)].filter((other) => other !== run);
  return others.length < compared.length ? { compared: others } : {};
}

/**
 * An epoch is one of those there are.
 * @param {State} state
 * @param {Changed} changed
 * @returns {Partial<State>}
 */
function ofPosition({ series, position, settled }, changed) {
  if (!series || !(changed.has("position") || changed.has("settled"))) return {};
  const within = (/** @type {number} */ wanted) => Math.max(0, Math.min(series.epochs.length - 1, wanted));
  return { position: within(position), settled: within(settled) };
}

/**
 * Another series: a run that was opened is shown from its last epoch; one that has grown stays where it was, or follows.
 * @param {State} state
 * @param {Changed} changed
 * @param {State} before
 * @returns {Partial<State>}
 */
function ofSeries(state, changed, before) {
  const { series } = state;
  if (!changed.has("series") || !series) return {};
  const old = before.series;
  if (old === series) return {};
  const last = series.epochs.length - 1;
  const split = series.splits.includes(state.split) ? state.split : series.splits[0];
  if (!old || old.run !== series.run || old.output !== series.output) {
    const { row, rows, filter, show, alert, pair, cells, expanded } = INITIAL;
    return { split, position: last, settled: last, row, rows, filter, show, alert, pair, cells, expanded };
  }
  const follows = before.position === old.epochs.length - 1;
  const position = follows ? last : nearestPosition(series, old.epochs[before.position]);
  const index = before.row === null ? -1 : series.class_indices.indexOf(old.class_indices[before.row]);
  return { split, position, settled: position, row: index < 0 ? null : index };
}

/**
 * Other classes in the list: all of them are in sight.
 * @param {Changed} changed
 * @returns {Partial<State>}
 */
function ofFilter(changed) {
  return changed.has("filter") || changed.has("show") ? { rows: null } : {};
}

/**
 * Another class: its row is brought into sight, and its alert is chosen if it has one.
 * @param {State} state
 * @param {Changed} changed
 * @param {State} before
 * @returns {Partial<State>}
 */
function ofRow(state, changed, before) {
  const { series, row } = state;
  if (!changed.has("row") || row === before.row || !series) return {};
  /** @type {Partial<State>} */
  const follows = { pair: changed.has("pair") ? state.pair : null, scope: "class" };
  if (row === null) return { ...follows, detail: null };
  const instance = instanceOfClass(state.alerts, series.class_indices[row]);
  if (instance && !changed.has("alert")) follows.alert = alertKey(instance);
  if (state.rows) {
    const order = classOrder(state);
    follows.rows = revealed(windowOf(state, order.length), order.length, order.indexOf(row));
  }
  return follows;
}

/**
 * An alert about a class chooses the class.
 * @param {State} state
 * @param {Changed} changed
 * @param {State} before
 * @returns {Partial<State>}
 */
function ofAlert(state, changed, before) {
  const { series, alert } = state;
  if (!changed.has("alert") || alert === before.alert || alert === null || changed.has("row") || !series) return {};
  const instance = state.alerts?.instances.find((one) => alertKey(one) === alert);
  const row = instance?.class == null ? -1 : series.class_indices.indexOf(instance.class);
  return row < 0 ? {} : { row };
}

/**
 * A quantity that the task does not have gives way to the cross-entropy, and an order by it to the worst first.
 * @param {State} state
 * @param {Changed} changed
 * @returns {Partial<State>}
 */
function ofTask({ series, quantity, sort }, changed) {
  if (!series || !(changed.has("series") || changed.has("quantity"))) return {};
  const has = (/** @type {string} */ key) => quantitiesOf(series.task).some((known) => known.key === key);
  return {
    ...(!has(quantity) && { quantity: INITIAL.quantity }),
    ...(sort.key.startsWith("class_") && !has(sort.key) && { sort: INITIAL.sort }),
  };
}
