/** What lies on the heatmap and does not move with the chosen epoch: the axis of epochs, and where alerts of classes began. */

import { s, text } from "../dom.js";
import { epochTicks } from "../scales.js";

/** @typedef {import("../types.js").Alerts} Alerts */
/** @typedef {import("./scene.js").Scene} Scene */

/** Rows lower than this have no room for a mark. */
const ROOM_FOR_MARK = 5;
const TICK_LENGTH = 4;
const ROOM_FOR_NUMBER = 48;
/** Distance of the numbers below the axis, to their baseline. */
const NUMBERS_BELOW = 16;

/**
 * @param {SVGSVGElement} svg
 * @param {Scene} scene
 * @param {Alerts | null} alerts
 */
export function drawMarks(svg, scene, alerts) {
  svg.replaceChildren(...axis(scene), ...onsets(scene, alerts).map(({ x, y, severity }) => triangle(x, y, severity)));
}

/** @param {Scene} scene */
function axis({ series, passes, grid }) {
  const epochs = passes.map((position) => series.epochs[position]);
  const pitch = grid.width / passes.length;
  return labelledPasses(epochs, grid.width).flatMap((index) => {
    const x = (index + 0.5) * pitch;
    return [
      s("line", { class: "tick", x1: x, x2: x, y1: grid.height, y2: grid.height + TICK_LENGTH }),
      text(x, grid.height + NUMBERS_BELOW, String(epochs[index]), { "text-anchor": "middle" }),
    ];
  });
}

/**
 * Which passes are labelled: round epochs where every epoch has a pass, else every second, fifth, tenth, ... pass.
 *
 * @param {number[]} epochs of the passes
 * @param {number} width pixels
 * @returns {number[]} indices of passes
 */
export function labelledPasses(epochs, width) {
  const gapless = epochs[epochs.length - 1] - epochs[0] === epochs.length - 1;
  if (gapless) return epochTicks(epochs, width);
  const room = Math.max(1, Math.floor(width / ROOM_FOR_NUMBER));
  const step = roundUp(epochs.length / room);
  return [...epochs.keys()].filter((index) => index % step === 0);
}

/**
 * The least of 1, 2, 5, 10, 20, ... that is not below a number.
 * @param {number} least
 */
function roundUp(least) {
  for (let power = 1; ; power *= 10) {
    const found = [1, 2, 5].find((factor) => factor * power >= least);
    if (found) return found * power;
  }
}

/**
 * Where alerts of the classes in sight began to fire.
 *
 * @param {Scene} scene
 * @param {Alerts | null} alerts
 * @returns {{x: number, y: number, severity: string}[]}
 */
export function onsets(scene, alerts) {
  const { series, order, passes, grid, rowHeight } = scene;
  if (rowHeight < ROOM_FOR_MARK || !alerts) return [];
  const pitch = grid.width / passes.length;
  const places = new Map();
  for (let place = grid.first; place < grid.end; place++) places.set(series.class_indices[order[place]], place);
  return alerts.instances
    .filter((alert) => alert.class !== null && places.has(alert.class))
    .flatMap((alert) =>
      alert.events
        .filter((event) => event.state === "firing")
        .map((event) => ({
          x: (passOfEpoch(scene, event.epoch) + 0.5) * pitch,
          y: (places.get(alert.class) - grid.first + 0.5) * rowHeight,
          severity: alert.severity,
        })),
    );
}

/**
 * Index among the passes of the last one at or before an epoch; 0 where all are later.
 *
 * @param {Scene} scene
 * @param {number} epoch number of the epoch
 */
function passOfEpoch({ series, passes }, epoch) {
  return Math.max(0, passes.findLastIndex((position) => series.epochs[position] <= epoch));
}

/**
 * @param {number} x
 * @param {number} y
 * @param {string} severity
 */
function triangle(x, y, severity) {
  return s("path", { class: `class-onset ${severity}`, d: `M${x} ${y - 5}l5.4 9.4h-10.8Z` });
}
