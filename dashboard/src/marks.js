/** Marks of severity, each with a shape of its own, and patterns. */

import { h, s } from "./dom.js";

/** @typedef {import("./types.js").Health} Health */

/** Words of the states. */
const WORDS = { healthy: "Healthy", info: "Info", warning: "Warning", critical: "Critical", unknown: "No alerts recorded" };

/** Where there is little room, and the column is headed "State". */
const SHORT_WORDS = { ...WORDS, unknown: "Unknown" };

/** The shape of each mark in a box of 16, and the strokes on it. */
const SHAPES = {
  healthy: { shape: "M8 .5a7.5 7.5 0 1 0 0 15a7.5 7.5 0 1 0 0-15Z", strokes: "M4.7 8.3l2.3 2.3 4.3-4.8" },
  info: { shape: "M8 .5a7.5 7.5 0 1 0 0 15a7.5 7.5 0 1 0 0-15Z", strokes: "M8 7.3v4M8 4.5v.1" },
  warning: { shape: "M8 .9L15.6 14.6H.4Z", strokes: "M8 6v4M8 12.5v.1" },
  critical: { shape: "M5 .5h6L15.5 5v6L11 15.5H5L.5 11V5Z", strokes: "M5.4 5.4l5.2 5.2M10.6 5.4l-5.2 5.2" },
  unknown: { shape: "M8 .5a7.5 7.5 0 1 0 0 15a7.5 7.5 0 1 0 0-15Z", strokes: "M4.5 8h7" },
};

/**
 * The mark of a state. It is hidden from screen readers: a word stands beside it.
 * @param {Health} health
 * @param {number} [size] pixels
 */
export function glyph(health, size = 14) {
  const { shape, strokes } = SHAPES[health];
  return s(
    "svg",
    { class: `glyph ${health}`, width: size, height: size, viewBox: "0 0 16 16", "aria-hidden": "true" },
    s("path", { class: "shape", d: shape }),
    s("path", { class: "strokes", d: strokes }),
  );
}

/**
 * The mark with its word.
 * @param {Health} health
 * @param {boolean} [short]
 */
export function chip(health, short = false) {
  return h("span", { class: `chip ${health}`, title: short ? WORDS[health] : null }, glyph(health), (short ? SHORT_WORDS : WORDS)[health]);
}

/**
 * A pattern of slanted lines, for `fill: url(#id)`.
 * @param {string} id
 * @param {string} colour
 * @param {number} [size] pixels from line to line
 */
export function hatch(id, colour, size = 5) {
  return s(
    "pattern",
    { id, width: size, height: size, patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)" },
    s("rect", { width: size, height: size, fill: colour, opacity: 0.22 }),
    s("rect", { width: size * 0.42, height: size, fill: colour }),
  );
}
