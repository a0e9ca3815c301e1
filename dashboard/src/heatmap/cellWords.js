/** A cell of the heatmap in words: for the tip at the pointer, and for those who listen. */

import { count, named, nats, share } from "../format.js";
import { classValue } from "../passes.js";
import { worstOf } from "./cells.js";
import { valueReader, worstWord } from "./scene.js";

/** @typedef {import("./cells.js").Cell} Cell */
/** @typedef {import("./scene.js").Scene} Scene */

/**
 * The class and the pass that give a cell its colour.
 *
 * @param {Scene} scene
 * @param {Cell} cell
 * @returns {{row: number, position: number}} row of the series, position of the pass
 */
export function shownIn(scene, cell) {
  const { row, pass } = worstOf(cell, valueReader(scene), scene.worst);
  return { row: scene.order[row], position: scene.passes[pass] };
}

/**
 * @param {Scene} scene
 * @param {Cell} cell
 * @returns {string[]} the title, and the lines below it
 */
export function cellWords(scene, cell) {
  const { series, split } = scene;
  const { row, position } = shownIn(scene, cell);
  /** @param {string} name */
  const value = (name) => classValue(series, split, name, position, row);
  const examples = series.task === "multilabel" ? "positive examples" : "examples";
  const lines = [
    `cross-entropy ${nats(value("class_cross_entropy"))} ± ${nats(value("class_standard_error"))} nats`,
    `accuracy ${share(value("class_accuracy"))}, precision ${share(value("class_precision"))}`,
    `${count(value("support"))} ${examples}`,
  ];
  const sharing = sharingWords(scene, cell);
  return [`${named(series.class_names[row])}, epoch ${series.epochs[position]}`, ...lines, ...(sharing ? [sharing] : [])];
}

/**
 * What shares a cell, if anything does: "the worst of 3 classes here".
 *
 * @param {Scene} scene
 * @param {Cell} cell
 */
function sharingWords(scene, { rows, passes }) {
  const parts = [
    rows[1] - rows[0] > 1 && `${rows[1] - rows[0]} classes`,
    passes[1] - passes[0] > 1 && `${passes[1] - passes[0]} epochs`,
  ].filter(Boolean);
  if (!parts.length) return "";
  return `the ${worstWord(scene)} of ${parts.join(" and ")} here`;
}

/**
 * What is chosen, as a screen reader says it: "nine, epoch 39: cross-entropy 1.278 nats, place 1 of 10".
 *
 * @param {Scene} scene
 * @param {{row: number | null, position: number}} chosen the position of a pass, or -1
 */
export function spokenChoice(scene, { row, position }) {
  const { series, split, quantity, order } = scene;
  if (position < 0) return `No pass of the ${split} split so far.`;
  const epoch = `epoch ${series.epochs[position]}`;
  if (row === null) return `${epoch}, no class chosen`;
  const value = classValue(series, split, quantity.key, position, row);
  const words = Number.isNaN(value) ? "undefined" : `${quantity.format(value)} ${quantity.unit}`.trim();
  const name = quantity.name.toLowerCase();
  const place = order.indexOf(row);
  const rank = place < 0 ? "not among the classes shown" : `place ${place + 1} of ${order.length}`;
  return `${named(series.class_names[row])}, ${epoch}: ${name} ${words}, ${rank}`;
}
