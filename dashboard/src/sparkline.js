/** A trend the size of a word: a line from 0 up, a hollow dot at the best so far, a solid one at the chosen pass. */

import { s } from "./dom.js";
import { best } from "./passes.js";
import { share } from "./pooling.js";

/** Room for the dots at the edges, pixels. */
const MARGIN = 3;

/**
 * @typedef {Object} SparklineOptions
 * @property {number} width
 * @property {number} height
 * @property {string} colour any CSS colour, custom properties too
 * @property {number} position index in the values of the chosen pass; the best is sought up to it
 * @property {number} [high] value at the upper edge; the largest of the values where it is left out
 */

/**
 * @param {ArrayLike<number>} values at least 0; NaN leaves a gap
 * @param {SparklineOptions} options
 * @returns {SVGSVGElement}
 */
export function sparkline(values, options) {
  const { width, height, colour } = options;
  const svg = s(
    "svg",
    { class: "sparkline", width, height, "aria-hidden": "true", style: { color: colour } },
    s("path", { fill: "none", stroke: "currentColor", "stroke-width": 1.3, "stroke-linejoin": "round", "stroke-linecap": "round" }),
    s("circle", { r: 2, style: { fill: "var(--page)" }, stroke: "currentColor", "stroke-width": 1.2 }),
    s("circle", { r: 2.4, fill: "currentColor" }),
  );
  redrawSparkline(svg, values, options);
  return svg;
}

/**
 * Show other values in a sparkline.
 *
 * @param {SVGSVGElement} svg made by `sparkline`
 * @param {ArrayLike<number>} values
 * @param {SparklineOptions} options with the width and height that it was made with
 */
export function redrawSparkline(svg, values, options) {
  svg.style.color = options.colour;
  svg.children[0].setAttribute("d", sparkPath(values, options));
  moveDots(svg, values, options);
}

/**
 * Move the dots alone: another pass was chosen.
 *
 * @param {SVGSVGElement} svg
 * @param {ArrayLike<number>} values those that the line shows
 * @param {SparklineOptions} options
 */
export function moveDots(svg, values, options) {
  const { position } = options;
  const lowest = position >= 0 ? best(values, position, 1) : -1;
  const high = options.high ?? largest(values);
  placeDot(svg.children[1], values, lowest === position ? -1 : lowest, options, high);
  placeDot(svg.children[2], values, position, options, high);
}

/**
 * @param {Element} dot
 * @param {ArrayLike<number>} values
 * @param {number} index -1 for none
 * @param {{width: number, height: number}} box
 * @param {number} high
 */
function placeDot(dot, values, index, box, high) {
  const there = index >= 0 && Number.isFinite(values[index]);
  dot.setAttribute("visibility", there ? "inherit" : "hidden");
  if (!there) return;
  dot.setAttribute("cx", x(index, values.length, box.width));
  dot.setAttribute("cy", y(values[index], high, box.height));
}

/**
 * The line as the `d` of a path. Where there are more than two values a pixel, the least and the most of each pixel are drawn.
 *
 * @param {ArrayLike<number>} values
 * @param {{width: number, height: number, high?: number}} box
 */
export function sparkPath(values, box) {
  const high = box.high ?? largest(values);
  let path = "";
  let run = 0; // values since the last gap
  for (const index of drawnIndices(values, box.width)) {
    const gap = !Number.isFinite(values[index]);
    if (gap && run === 1) path += DOT;
    if (!gap) path += `${run ? "L" : "M"}${x(index, values.length, box.width)} ${y(values[index], high, box.height)}`;
    run = gap ? 0 : run + 1;
  }
  return run === 1 ? path + DOT : path;
}

/** A line of no length, which its round ends make visible: a value between two gaps. */
const DOT = "h0";

/**
 * All indices, or the least and the most of each pixel.
 *
 * @param {ArrayLike<number>} values
 * @param {number} width
 */
function drawnIndices(values, width) {
  const indices = [];
  if (values.length <= 2 * width) {
    for (let index = 0; index < values.length; index++) indices.push(index);
    return indices;
  }
  for (let pixel = 0; pixel < width; pixel++) {
    const [from, to] = share(pixel, width, values.length);
    let least = from;
    let most = from;
    for (let index = from + 1; index < to; index++) {
      const value = values[index];
      if (!Number.isFinite(value)) continue;
      if (!(values[least] <= value)) least = index;
      if (!(values[most] >= value)) most = index;
    }
    indices.push(Math.min(least, most));
    if (least !== most) indices.push(Math.max(least, most));
  }
  return indices;
}

/** @param {ArrayLike<number>} values */
function largest(values) {
  let most = 1e-9;
  for (let index = 0; index < values.length; index++) if (values[index] > most) most = values[index];
  return most;
}

/**
 * @param {number} index
 * @param {number} count
 * @param {number} width
 */
function x(index, count, width) {
  const part = count > 1 ? index / (count - 1) : 1;
  return (MARGIN + (width - 2 * MARGIN) * part).toFixed(1);
}

/**
 * @param {number} value
 * @param {number} high
 * @param {number} height
 */
function y(value, high, height) {
  const part = Math.min(1, Math.max(0, value / high));
  return (height - MARGIN - (height - 2 * MARGIN) * part).toFixed(1);
}
