/** Names of the classes beside and above a confusion matrix. */

import { s, text } from "../dom.js";
import { placeOf } from "./grid.js";

/** @typedef {import("./grid.js").Grid} Grid */

/** Letters of a name that are shown, about their width, and the least distance of two names, pixels. */
const LONGEST = 16;
const LETTER = 6.3;
const DISTANCE = 13;
/** Slope of the names above, degrees. */
const SLOPE = 52;
const HEADING = 16;

/**
 * @typedef {Object} Margins pixels around the fields
 * @property {number} left
 * @property {number} top
 * @property {number} right
 */

/**
 * @param {string[]} names
 * @returns {Margins}
 */
export function marginsOf(names) {
  const letters = Math.max(...names.map((name) => Math.min(LONGEST, name.length)));
  const length = letters * LETTER + 12;
  const radians = (SLOPE * Math.PI) / 180;
  return {
    left: Math.max(44, Math.round(length)),
    top: Math.max(44, Math.round(HEADING + length * Math.sin(radians))),
    right: Math.round(Math.min(40, length * Math.cos(radians))),
  };
}

/**
 * Names of the true classes at the left and of the predicted ones on top, as many as have room, those of the chosen class always.
 *
 * @param {string[]} names by index of the class
 * @param {Grid} grid
 * @param {Margins} margins
 * @param {number | null} chosen
 */
export function nameMatrix(names, grid, margins, chosen) {
  const { window, lines, columns, lineHeight, columnWidth } = grid;
  const place = chosen === null ? null : { line: placeOf(grid, chosen, window[2])?.line, column: placeOf(grid, window[0], chosen)?.column };
  const rows = namedPlaces(lines, lineHeight, place?.line).map(([line, own]) => {
    const index = own ? Number(chosen) : window[0] + Math.floor((line * (window[1] - window[0])) / lines);
    return text(margins.left - 7, margins.top + (line + 0.5) * lineHeight + 4, cut(names[index]), { "text-anchor": "end", class: own ? "strong" : "mid" });
  });
  const heads = namedPlaces(columns, columnWidth, place?.column).map(([column, own]) => {
    const index = own ? Number(chosen) : window[2] + Math.floor((column * (window[3] - window[2])) / columns);
    const x = margins.left + (column + 0.5) * columnWidth + 4;
    return text(0, 0, cut(names[index]), { transform: `translate(${x},${margins.top - 6}) rotate(-${SLOPE})`, class: own ? "strong" : "mid" });
  });
  const headings = [text(margins.left, 11, "predicted →"), text(0, margins.top - 8, "true ↓")];
  return s("g", {}, ...headings, ...rows, ...heads);
}

/**
 * How many of the classes are named, in words; empty where all are.
 * @param {Grid} grid
 */
export function namedShare({ lineHeight, columnWidth, window, lines }) {
  const step = stepOf(Math.min(lineHeight, columnWidth));
  const named = Math.ceil(lines / step);
  return named < window[1] - window[0] ? `1 in ${Math.round((window[1] - window[0]) / named)} named` : "";
}

/**
 * Places that get a name, and whether it is that of the chosen class.
 *
 * @param {number} places
 * @param {number} size of one, pixels
 * @param {number | undefined} chosen
 * @returns {[number, boolean][]}
 */
function namedPlaces(places, size, chosen) {
  const step = stepOf(size);
  /** @type {[number, boolean][]} */
  const found = chosen === undefined ? [] : [[chosen, true]];
  for (let place = 0; place < places; place += step) {
    if (chosen === undefined || Math.abs(place - chosen) * size >= DISTANCE - 0.5) found.push([place, false]);
  }
  return found;
}

/** @param {number} size of a place, pixels */
function stepOf(size) {
  return Math.max(1, Math.ceil((DISTANCE - 2) / size));
}

/** @param {string} name */
function cut(name) {
  return name.length > LONGEST ? `${name.slice(0, LONGEST - 1)}…` : name;
}
