/** Marks on the axis of epochs where alerts began to fire. */

import { alertKey } from "../alerts.js";
import { h } from "../dom.js";
import { glyph } from "../marks.js";
import { nearestPosition } from "../passes.js";
import { hideTip, showTip } from "../tip.js";

/** @typedef {import("../types.js").AlertInstance} AlertInstance */
/** @typedef {import("../types.js").Series} Series */

/**
 * Add the marks to a plot; alerts of one epoch share the mark of the gravest.
 *
 * @param {import("../types.js").Store} store
 * @param {import("uplot")} plot
 */
export function addOnsets(store, plot) {
  const { alerts, series } = store.state;
  for (const [epoch, begun] of onsets(alerts?.instances ?? [])) {
    const gravest = begun[0];
    // For the pointer only: the timeline has the same alerts within reach of the keyboard and of screen readers.
    const mark = h("span", {
      class: "onset",
      "aria-hidden": "true",
      style: { left: `${plot.valToPos(epoch, "x")}px` },
      onpointerenter: (/** @type {PointerEvent} */ event) =>
        showTip(event, `Begins to fire at epoch ${epoch}`, ...names(begun)),
      onpointerleave: hideTip,
      onclick: (/** @type {MouseEvent} */ event) => {
        event.stopPropagation();
        const position = nearestPosition(/** @type {Series} */ (series), epoch);
        store.set({ alert: alertKey(gravest), position, settled: position });
      },
    });
    mark.append(glyph(gravest.severity, 12));
    plot.over.append(mark);
  }
}

/**
 * Alerts by the epoch at which they began to fire, in the order they come in: the gravest first.
 * @param {AlertInstance[]} instances
 */
function onsets(instances) {
  /** @type {Map<number, AlertInstance[]>} */
  const byEpoch = new Map();
  for (const instance of instances) {
    for (const { state, epoch } of instance.events) {
      if (state === "firing") byEpoch.set(epoch, [...(byEpoch.get(epoch) ?? []), instance]);
    }
  }
  return byEpoch;
}

/**
 * @param {AlertInstance[]} instances
 * @returns {string[]} at most six lines
 */
function names(instances) {
  const all = instances.map(({ rule, split, class_name: name }) =>
    [rule, split, ...(name === null ? [] : [`"${name}"`])].join(", "),
  );
  return all.length > 6 ? [...all.slice(0, 5), `and ${all.length - 5} more`] : all;
}
