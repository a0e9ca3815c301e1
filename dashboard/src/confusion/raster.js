/** Painting of a confusion matrix onto a canvas. */

import { pixel } from "../heatmap/raster.js";
import { css } from "../palette.js";
import { colourOf, textOn } from "./colours.js";
import { fieldOf } from "./grid.js";
import { shareAt, worstOf } from "./matrix.js";

/** @typedef {import("./grid.js").Grid} Grid */
/** @typedef {import("./matrix.js").Matrix} Matrix */
/** @typedef {import("./colours.js").Palette} Palette */

/** Least size of a field, pixels, from which on hairlines part the fields, and numbers stand in them. */
const PARTED = 6;
const NUMBERED = 11;
/** A share of less would be 0 per cent. */
const LEAST_SHARE = 0.005;

/**
 * @typedef {Object} Scene
 * @property {Matrix} matrix
 * @property {Grid} grid
 * @property {Palette} palette
 * @property {number | null} chosen class whose fields are not dimmed
 * @property {number} pixelRatio
 */

/**
 * @param {HTMLCanvasElement} canvas
 * @param {Scene} scene
 */
export function paintMatrix(canvas, scene) {
  const { grid, pixelRatio } = scene;
  canvas.width = Math.round(grid.width * pixelRatio);
  canvas.height = Math.round(grid.height * pixelRatio);
  canvas.style.width = `${grid.width}px`;
  canvas.style.height = `${grid.height}px`;
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  context.imageSmoothingEnabled = false;
  context.drawImage(imageOf(scene), 0, 0, canvas.width, canvas.height);
  context.scale(pixelRatio, pixelRatio);
  if (Math.min(grid.lineHeight, grid.columnWidth) >= PARTED) partFields(context, grid);
  if (hasNumbers(grid)) writeNumbers(context, scene);
}

/**
 * Whether fields are large enough for a number.
 * @param {Grid} grid
 */
export function hasNumbers({ lineHeight, columnWidth }) {
  return Math.min(lineHeight, columnWidth) >= NUMBERED;
}

/**
 * One pixel for each place.
 * @param {Scene} scene
 */
function imageOf({ matrix, grid, palette, chosen }) {
  const canvas = document.createElement("canvas");
  canvas.width = grid.columns;
  canvas.height = grid.lines;
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  const image = context.createImageData(grid.columns, grid.lines);
  const pixels = new Uint32Array(image.data.buffer);
  for (let line = 0; line < grid.lines; line++) {
    for (let column = 0; column < grid.columns; column++) {
      const { rows, columns } = fieldOf(grid, line, column);
      pixels[line * grid.columns + column] = pixel(colourOf(palette, matrix, worstOf(matrix, rows, columns), chosen));
    }
  }
  context.putImageData(image, 0, 0);
  return canvas;
}

/**
 * @param {CanvasRenderingContext2D} context in CSS pixels
 * @param {Grid} grid
 */
function partFields(context, { lines, columns, lineHeight, columnWidth, width, height }) {
  context.fillStyle = css("page");
  for (let line = 0; line <= lines; line++) context.fillRect(0, line * lineHeight - 0.5, width, 1);
  for (let column = 0; column <= columns; column++) context.fillRect(column * columnWidth - 0.5, 0, 1, height);
}

/**
 * Per cent of the row, where that is not 0 and fits.
 *
 * @param {CanvasRenderingContext2D} context in CSS pixels
 * @param {Scene} scene of fields that are not shared
 */
function writeNumbers(context, { matrix, grid, palette, chosen }) {
  const { window, lines, columns, lineHeight, columnWidth } = grid;
  const size = Math.min(11, Math.max(7.5, 0.62 * Math.min(lineHeight, columnWidth)));
  const family = getComputedStyle(document.body).fontFamily;
  context.textAlign = "center";
  context.textBaseline = "middle";
  for (let line = 0; line < lines; line++) {
    for (let column = 0; column < columns; column++) {
      const [truth, predicted] = [window[0] + line, window[2] + column];
      const share = shareAt(matrix, truth, predicted);
      if (share < LEAST_SHARE) continue;
      const number = (100 * share).toFixed(0);
      context.font = `${truth === predicted ? 600 : 400} ${size}px ${family}`;
      if (context.measureText(number).width > columnWidth - 1) continue;
      context.fillStyle = textOn(colourOf(palette, matrix, [truth, predicted], chosen));
      context.fillText(number, (column + 0.5) * columnWidth, (line + 0.5) * lineHeight + 0.5);
    }
  }
}
