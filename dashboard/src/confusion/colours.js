/** Colours of a confusion matrix: mistakes by their share of the row, what is right in neutral greys. */

import { css, mix, parse, ramp } from "../palette.js";
import { countAt, shareAt } from "./matrix.js";

/** @typedef {import("../palette.js").Colour} Colour */

/** A mistake of this share of a class has the colour of the end: no class is of use beyond. */
export const FULL_SHARE = 0.25;
/** Of fields of no mistake, and of those that are not of the chosen class. */
const FAINTEST = 0.12;
const DIMMED = 0.68;
/** Text on fields, and the relative luminance of the field (WCAG 2) below which the light one has more contrast: 4.5 at least. */
const TEXT = { light: "#ffffff", dark: "#000000" };
const DARK_FIELD = 0.179;

/**
 * @typedef {Object} Palette
 * @property {(share: number) => Colour} trouble
 * @property {(share: number) => Colour} neutral
 * @property {Colour} page
 * @property {Colour} surface of a field without a mistake
 */

/**
 * The palette of the theme.
 * @param {boolean} dark
 * @returns {Palette}
 */
export function paletteOf(dark) {
  return { trouble: ramp("trouble", dark), neutral: ramp("neutral", dark), page: parse(css("page")), surface: parse(css("surface")) };
}

/**
 * Place of the share of a mistake on the ramp: the square root, since most are small.
 * @param {number} share of the row
 */
export function rampPlace(share) {
  return FAINTEST + (1 - FAINTEST) * Math.sqrt(Math.min(1, share / FULL_SHARE));
}

/**
 * Colour of a pair of classes.
 *
 * @param {Palette} palette
 * @param {import("./matrix.js").Matrix} matrix
 * @param {[number, number]} pair true and predicted class
 * @param {number | null} chosen class that pairs are dimmed for unless they are of it
 * @returns {Colour}
 */
export function colourOf({ trouble, neutral, page, surface }, matrix, [truth, predicted], chosen) {
  const share = shareAt(matrix, truth, predicted);
  const mistakes = countAt(matrix, truth, predicted);
  const full = truth === predicted ? neutral(0.06 + 0.3 * share) : mistakes ? trouble(rampPlace(share)) : surface;
  const dimmed = chosen !== null && truth !== chosen && predicted !== chosen;
  return dimmed ? mix(full, page, DIMMED) : full;
}

/**
 * Colour of text on a field.
 * @param {Colour} field
 */
export function textOn(field) {
  const [red, green, blue] = field.map((channel) => {
    const share = channel / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue < DARK_FIELD ? TEXT.light : TEXT.dark;
}
