/** The colours of a class quantity: one scale for all epochs, so that a colour means the same whichever is chosen. */

import { css, parse, ramp } from "../palette.js";
import { colourScale } from "../scales.js";
import { scalarValues } from "../passes.js";
import { colourTable, pixel } from "./raster.js";

/** @typedef {import("../types.js").Series} Series */
/** @typedef {ReturnType<typeof colourScale>} Scale */

/**
 * @typedef {Object} Colours
 * @property {Scale} scale
 * @property {(value: number) => number} at
 * @property {Uint32Array} table
 * @property {number} missing
 */

/** @type {WeakMap<Series, Map<string, Scale>>} */
const scales = new WeakMap();

/**
 * @param {import("./scene.js").Scene} scene
 * @param {boolean} dark
 * @returns {Colours}
 */
export function coloursOf(scene, dark) {
  const scale = scaleOf(scene);
  return {
    scale,
    at: scale.at,
    table: colourTable(ramp(scene.quantity.ramp, dark)),
    missing: pixel(parse(css("missing"))),
  };
}

/**
 * The scale of a quantity over a run; kept, as it takes a look at every value.
 *
 * @param {import("./scene.js").Scene} scene
 * @returns {Scale}
 */
function scaleOf({ series, split, quantity, values }) {
  const known = scales.get(series) ?? new Map();
  scales.set(series, known);
  const key = `${split} ${quantity.key}`;
  if (!known.has(key)) known.set(key, colourScale(values, quantity, yardstick(series, split)));
  return known.get(key);
}

/**
 * What a cross-entropy is measured by: that of knowing the base rates alone.
 *
 * @param {Series} series
 * @param {import("../types.js").Split} split
 */
function yardstick(series, split) {
  return Array.from(scalarValues(series, split, "prior_entropy")).findLast(Number.isFinite) ?? NaN;
}
