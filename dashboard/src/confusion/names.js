/** Names of the classes beside and above a confusion matrix. */

import { s, text } from "../dom.js";
import { shortened } from "../lines/names.js";
import { placeOf } from "./grid.js";

/** @typedef {import("./grid.js").Grid} Grid */

/** Letters of a name that are shown, and about their width, pixels. */
const LONGEST = 16;
const LETTER = 6.3;
/** Least distance of two names beside the matrix, and above it, where they are slanted, pixels. */
const DISTANCE = { rows: 12, columns: 15 };
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
  const line = chosen === null ? undefined : placeOf(grid, chosen, window[2])?.line;
  const column = chosen === null ? undefined : placeOf(grid, window[0], chosen)?.column;
  /** @type {(place: number, places: number, from: number, to: number, own: boolean) => string} */
  const nameAt = (place, places, from, to, own) => {
    const index = own ? Number(chosen) : from + Math.floor((place * (to - from)) / places);
    return shortened(names[index], LONGEST);
  };
  const beside = namedPlaces(lines, stepOf(lineHeight, DISTANCE.rows), line).map(([place, own]) => {
    const name = nameAt(place, lines, window[0], window[1], own);
    const y = margins.top + (place + 0.5) * lineHeight + 4;
    return text(margins.left - 7, y, name, { "text-anchor": "end", class: own ? "strong" : "mid" });
  });
  const above = namedPlaces(columns, stepOf(columnWidth, DISTANCE.columns), column).map(([place, own]) => {
    const name = nameAt(place, columns, window[2], window[3], own);
    const x = margins.left + (place + 0.5) * columnWidth + 4;
    return text(0, 0, name, { transform: `translate(${x},${margins.top - 6}) rotate(-${SLOPE})`, class: own ? "strong" : "mid" });
  });
  const headings = [text(margins.left, 11, "predicted →"), text(0, margins.top - 8, "true ↓")];
  return s("g", {}, ...headings, ...beside, ...above);
}

/**
 * How many of the classes are named, in words; empty where all are.
 * @param {Grid} grid
 */
export function namedShare({ lineHeight, window, lines }) {
  const named = Math.ceil(lines / stepOf(lineHeight, DISTANCE.rows));
  return named < window[1] - window[0] ? `1 in ${Math.round((window[1] - window[0]) / named)} named` : "";
}

/**
 * Places that get a name, and whether it is that of the chosen class.
 *
 * @param {number} places
 * @param {number} step from one named place to the next
 * @param {number | undefined} chosen
 * @returns {[number, boolean][]}
 */
function namedPlaces(places, step, chosen) {
  /** @type {[number, boolean][]} */
  const found = chosen === undefined ? [] : [[chosen, true]];
  for (let place = 0; place < places; place += step) {
    if (chosen === undefined || Math.abs(place - chosen) >= step) found.push([place, false]);
  }
  return found;
}

/**
 * @param {number} size of a place, pixels
 * @param {number} distance
 */
function stepOf(size, distance) {
  return Math.max(1, Math.ceil(distance / size));
}
