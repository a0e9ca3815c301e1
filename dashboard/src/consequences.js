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
    ...ofSeries(state, changed, before),
    ...ofFilter(changed),
    ...ofRow(state, changed, before),
    ...ofAlert(state, changed, before),
    ...ofQuantity(state, changed),
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
  const current = state.series?.run === state.run && state.series?.output === state.output;
  const compared = state.compared.filter((run) => run !== state.run);
  /** @type {Partial<State>} */
  const left = compared.length < state.compared.length ? { compared } : {};
  if (current) return left;
  return { ...left, series: null, words: null, alerts: null, detail: null, confusion: null, pairHistory: null };
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
    return { split, position: last, settled: last, row: null, rows: null, filter: "", show: "all", alert: null, pair: null, cells: null, expanded: [] };
  }
  const follows = before.position === old.epochs.length - 1;
  const position = follows ? last : nearestPosition(series, old.epochs[before.position]);
  const index = before.row === null ? -1 : series.class_indices.indexOf(old.class_indices[before.row]);
  return { split, position, settled: position, row: index < 0 ? null : index };
}

/**
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
 * A quantity that the task does not have gives way to the cross-entropy.
 * @param {State} state
 * @param {Changed} changed
 * @returns {Partial<State>}
 */
function ofQuantity(state, changed) {
  const { series, quantity } = state;
  if (!series || !(changed.has("series") || changed.has("quantity"))) return {};
  return quantitiesOf(series.task).some((known) => known.key === quantity) ? {} : { quantity: "class_cross_entropy" };
}
