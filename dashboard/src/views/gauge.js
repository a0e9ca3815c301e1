/**
 * Where the cross-entropy stands between 0, the prior entropy and ln K, on one axis. Solid up to the tempered value,
 * hatched from there: that much is only over-confidence.
 */

import { h, s, text } from "../dom.js";
import { nats } from "../format.js";
import { hatch } from "../marks.js";

/** @typedef {import("../types.js").Split} Split */

/**
 * @typedef {Object} Levels
 * @property {Split} split
 * @property {number} crossEntropy
 * @property {number} tempered NaN where no temperature could be fitted
 * @property {number} train NaN where there is no training pass beside
 * @property {number} prior
 * @property {number} uniform ln K; multi-label: ln 2
 */

/** Room beyond ln K, where no honest value is, as a share of the axis. */
const BEYOND = 0.04;

let patterns = 0;

/**
 * What the gauge is as a sentence.
 * @param {Levels} levels
 */
export function gaugeWords({ split, crossEntropy, tempered, train, prior, uniform }) {
  const parts = [`Cross-entropy of the ${split} pass ${nats(crossEntropy)} nats, between 0 (perfect) and ${nats(prior)} (knows only base rates)`];
  if (uniform - prior > 0.005) parts.push(`an even guess would score ${nats(uniform)}`);
  if (crossEntropy - tempered > 0.0005) parts.push(`${nats(crossEntropy - tempered)} of it is over- or under-confidence`);
  if (!Number.isNaN(train)) parts.push(`training ${nats(train)}`);
  return `${parts.join("; ")}.`;
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
  const svg = s("svg", { class: "gauge", width, height: 74, role: "img", "aria-label": gaugeWords(levels) });
  drawBar(svg, levels, x, BAR.top, BAR.height);
  const values = [{ name: split, value: crossEntropy }, { name: "train", value: train }].filter(({ value }) => Number.isFinite(value));
  const named = values.map(({ name, value }) => ({ words: `${name} ${nats(value)}`, middle: x(value), colour: `var(--${name})` }));
  for (const { words, left, colour } of apart(named, width)) {
    svg.append(text(left, 14, words, { style: { fill: colour, fontWeight: 600, fontSize: "12px" } }));
  }
  svg.append(...yardsticks(levels, x, width));
  if (crossEntropy - tempered > 0.0005 && x(crossEntropy) - x(tempered) > 3) {
    const words = `${nats(crossEntropy - tempered)} is confidence`;
    const [{ left }] = apart([{ words, middle: (x(tempered) + x(crossEntropy)) / 2, colour: "" }], width, 52);
    svg.append(
      s("path", { d: `M${x(tempered)} 41v3H${x(crossEntropy)}v-3`, fill: "none", stroke: "var(--ink-3)" }),
      text(left, 57, words, { class: "mid" }),
    );
  }
  return h("div", {}, svg);
}

/** Where the bar is in the large gauge, pixels. */
const BAR = { top: 22, height: 16 };

/** Width of a letter at most, on average, pixels: to keep words apart without measuring them. */
const LETTER = 7;

/**
 * @template {{words: string, middle: number}} T
 * @param {T[]} labels where the middle of each should be
 * @param {number} width
 * @param {number} [start] least place
 * @returns {(T & {left: number})[]} from left to right, within the width, none over another
 */
function apart(labels, width, start = 0) {
  let end = start;
  const placed = [...labels]
    .sort((a, b) => a.middle - b.middle)
    .map((label) => {
      const size = label.words.length * LETTER;
      const left = Math.max(end, label.middle - size / 2);
      end = left + size + LETTER;
      return { ...label, left, size };
    });
  // What was pushed out at the right is pushed back, and what is before it with it.
  let limit = width;
  for (const label of placed.reverse()) {
    label.left = Math.min(label.left, limit - label.size);
    limit = label.left - LETTER;
  }
  return placed.reverse();
}

/**
 * What the ends of the axis mean.
 * @param {Levels} levels
 * @param {(value: number) => number} x
 * @param {number} width
 */
function yardsticks({ prior, uniform }, x, width) {
  const zero = [text(0, 52, "0"), text(0, 66, "perfect")];
  if (uniform - prior < 0.005 * uniform) {
    const ends = { "text-anchor": "end" };
    return [...zero, text(x(uniform), 52, `H ${nats(prior)} \u00b7 even guess ${nats(uniform)}`, ends), text(x(uniform), 66, "knows only base rates \u00b7 guesses evenly", ends)];
  }
  const labels = [{ words: `base rates alone ${nats(prior)}`, middle: x(prior) }, { words: `even guess ${nats(uniform)}`, middle: x(uniform) }];
  return [...zero, ...apart(labels, width, 60).map(({ words, left }) => text(left, 66, words))];
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
    s("line", { x1: x(value), x2: x(value), y1: top - extra, y2: top + height + extra, stroke, "stroke-width": width });
  svg.append(s("defs", {}, hatch(id, colour)), box(x(0), x(uniform), { class: "axis" }));
  if (Number.isFinite(crossEntropy)) {
    svg.append(box(x(0), x(solid), { fill: colour, opacity: 0.85 }), box(x(solid), x(crossEntropy), { fill: `url(#${id})` }));
  }
  svg.append(tick(prior, "var(--ink)", 2, 1.5), tick(uniform, "var(--ink-3)", 2, 1));
  if (Number.isFinite(train)) svg.append(tick(train, "var(--train)"));
  if (Number.isFinite(crossEntropy)) svg.append(tick(crossEntropy, colour));
}
