/**
 * Where the cross-entropy stands between 0, the prior entropy and ln K, on one axis. Solid up to the tempered value,
 * hatched from there: that much is not worse decisions, but confidence that is too high or too low.
 */

import { s, text } from "../dom.js";
import { nats } from "../format.js";
import { hatch } from "../marks.js";

/** @typedef {import("../types.js").Split} Split */

/**
 * @typedef {Object} Levels all in nats; NaN what is not known
 * @property {Split} split
 * @property {number} crossEntropy
 * @property {number} tempered NaN where no temperature could be fitted
 * @property {number} [temperature] that it is reached with: above 1 the model is over-confident
 * @property {number} train NaN where there is no training pass beside
 * @property {number} prior
 * @property {number} uniform ln K; multi-label: ln 2
 */

/** Room beyond ln K, where no honest value is, as a share of the axis. */
const BEYOND = 0.04;

/** Nats that would be shown as 0. */
const NOTHING = 0.0005;

/** The large gauge, pixels from its top: the bar, and the baselines of the words around it. */
const LARGE = { height: 74, above: 14, bar: 22, thick: 16, below: 54, lowest: 69 };

/** Width of a letter at most, on average, pixels, above and below the bar: to keep words apart without measuring them. */
const LETTER = { above: 6, below: 5.4 };

let patterns = 0;

/**
 * What the gauge is as a sentence.
 * @param {Levels} levels
 */
export function gaugeWords(levels) {
  const { split, crossEntropy, train, prior, uniform } = levels;
  const misplaced = misplacedConfidence(levels);
  return [
    `Cross-entropy of the ${split} pass ${nats(crossEntropy)} nats, between 0 (perfect) and ${nats(prior)} (knows only base rates)`,
    misplaced && `of which ${misplaced}`,
    !alike(prior, uniform) && `an even guess would score ${nats(uniform)}`,
    crossEntropy > uniform && "it is worse than an even guess",
    Number.isFinite(train) && `training ${nats(train)}`,
  ].filter(Boolean).join("; ") + ".";
}

/**
 * The part of the cross-entropy that another temperature takes away, in words; empty where there is none to speak of.
 * @param {Levels} levels
 */
function misplacedConfidence({ crossEntropy, tempered, temperature = NaN }) {
  if (!(crossEntropy - tempered > NOTHING)) return "";
  return `${temperature < 1 ? "under-confidence" : "over-confidence"} ${nats(crossEntropy - tempered)}`;
}

/**
 * Whether two ends of the axis fall together, as where all classes are equally frequent.
 * @param {number} prior
 * @param {number} uniform
 */
function alike(prior, uniform) {
  return uniform - prior < 0.005 * uniform;
}

/**
 * The bar alone, for a line of the list of runs.
 * @param {Levels} levels
 * @param {number} width
 */
export function smallGauge(levels, width) {
  const height = 16;
  const svg = s("svg", { class: "gauge", width, height, "aria-hidden": "true" });
  drawBar(svg, levels, scaleOf(levels, width), 3, height - 6);
  return svg;
}

/**
 * The bar with its words: the values above it, what they are measured against below.
 * @param {Levels} levels
 * @param {number} width
 */
export function largeGauge(levels, width) {
  const { split, crossEntropy, tempered, train } = levels;
  const x = scaleOf(levels, width);
  const svg = s("svg", { class: "gauge", width, height: LARGE.height, role: "img", "aria-label": gaugeWords(levels) });
  drawBar(svg, levels, x, LARGE.bar, LARGE.thick);
  const values = [{ name: split, value: crossEntropy }, { name: "train", value: train }].filter(({ value }) => Number.isFinite(value));
  const named = values.map(({ name, value }) => ({ words: `${name} ${nats(value)}`, middle: x(value), name }));
  for (const label of apart(named, width, LETTER.above)) {
    svg.append(written(label, LARGE.above, width, { class: "level", style: { fill: `var(--${label.name})` } }));
  }
  const below = apart(yardsticks(levels, x), width, LETTER.below);
  svg.append(...below.map((label) => written(label, LARGE.below, width)));
  const words = misplacedConfidence(levels);
  if (words && x(crossEntropy) - x(tempered) > 3) {
    const [label] = apart([{ words, middle: (x(tempered) + x(crossEntropy)) / 2 }], width, LETTER.below);
    const crowded = below.some(({ left, size }) => left < label.left + label.size && label.left < left + size);
    const edge = LARGE.bar + LARGE.thick + 3;
    svg.append(
      s("path", { d: `M${x(tempered)} ${edge}v3H${x(crossEntropy)}v-3`, fill: "none", stroke: "var(--ink-3)" }),
      written(label, crowded ? LARGE.lowest : LARGE.below, width, { class: "mid" }),
    );
  }
  return svg;
}

/**
 * A label in the middle of its place, or flush with the end of the bar that it is at.
 * @param {{words: string, left: number, size: number}} label
 * @param {number} y
 * @param {number} width of the gauge
 * @param {Record<string, any>} [attributes]
 */
function written({ words, left, size }, y, width, attributes = {}) {
  if (left <= 0) return text(0, y, words, attributes);
  const flush = left + size >= width;
  return text(flush ? width : left + size / 2, y, words, { "text-anchor": flush ? "end" : "middle", ...attributes });
}

/**
 * What the values are measured against.
 * @param {Levels} levels
 * @param {(value: number) => number} x
 */
function yardsticks({ crossEntropy, prior, uniform }, x) {
  const even = `even guess ${nats(uniform)}${crossEntropy > uniform ? ", beyond it worse" : ""}`;
  const ends = alike(prior, uniform)
    ? [{ words: `base rates alone ${nats(prior)} \u00b7 ${even}`, middle: x(uniform) }]
    : [{ words: `base rates alone ${nats(prior)}`, middle: x(prior) }, { words: even, middle: x(uniform) }];
  // Where no row could be judged there is no prior.
  return [{ words: "0 perfect", middle: 0 }, ...ends.filter(({ middle }) => Number.isFinite(middle))];
}

/**
 * Places for labels: each as near to its middle as the width allows and the others, none over another.
 *
 * @template {{words: string, middle: number}} T
 * @param {T[]} labels
 * @param {number} width
 * @param {number} letter pixels
 * @returns {(T & {left: number, size: number})[]} from left to right; `size` is the most that the words may take
 */
export function apart(labels, width, letter) {
  let end = 0;
  const placed = [...labels]
    .sort((a, b) => a.middle - b.middle)
    .map((label) => {
      const size = label.words.length * letter;
      const left = Math.max(end, label.middle - size / 2);
      end = left + size + letter;
      return { ...label, left, size };
    });
  // What was pushed out at the right is pushed back, and what is before it with it.
  let limit = width;
  for (const label of placed.reverse()) {
    label.left = Math.min(label.left, limit - label.size);
    limit = label.left - letter;
  }
  return placed.reverse();
}

/**
 * @param {Levels} levels
 * @param {number} width
 * @returns {(value: number) => number} pixels of a value
 */
function scaleOf({ crossEntropy, train, uniform }, width) {
  const known = [uniform, crossEntropy, train].filter(Number.isFinite);
  const end = Math.max(...known, 1e-9) * (1 + BEYOND);
  return (value) => (Math.max(0, Math.min(value, end)) / end) * (width - 2) + 1;
}

/**
 * @param {SVGSVGElement} svg
 * @param {Levels} levels
 * @param {(value: number) => number} x
 * @param {number} top
 * @param {number} height
 */
function drawBar(svg, { split, crossEntropy, tempered, train, prior, uniform }, x, top, height) {
  const colour = `var(--${split})`;
  const id = `gauge-hatch-${patterns++}`;
  const solid = Number.isFinite(tempered) ? Math.min(tempered, crossEntropy) : crossEntropy;
  const box = (/** @type {number} */ from, /** @type {number} */ to, /** @type {Record<string, any>} */ style) =>
    s("rect", { x: from, y: top, width: Math.max(0, to - from), height, ...style });
  const tick = (/** @type {number} */ value, /** @type {string} */ stroke, extra = 3, width = 2) =>
    Number.isFinite(value) ? s("line", { x1: x(value), x2: x(value), y1: top - extra, y2: top + height + extra, stroke, "stroke-width": width }) : null;
  svg.append(s("defs", {}, hatch(id, colour)), box(x(0), x(uniform), { class: "axis" }));
  if (Number.isFinite(crossEntropy)) {
    svg.append(box(x(0), x(solid), { fill: colour, opacity: 0.85 }), box(x(solid), x(crossEntropy), { fill: `url(#${id})` }));
  }
  const ticks = [tick(prior, "var(--ink)", 2, 1.5), tick(uniform, "var(--ink-3)", 2, 1), tick(train, "var(--train)"), tick(crossEntropy, colour)];
  svg.append(...ticks.filter((line) => line !== null));
}
