/** Painting of values as coloured cells onto a canvas. */

/** @typedef {import("../types.js").Numbers} Numbers */

/** Steps of a colour table: more than an eye tells apart. */
const STEPS = 512;

/**
 * A ramp of colours as a table of pixels.
 *
 * @param {(t: number) => number[]} ramp red, green and blue for 0 to 1
 * @returns {Uint32Array}
 */
export function colourTable(ramp) {
  return Uint32Array.from({ length: STEPS }, (_, step) => pixel(ramp(step / (STEPS - 1))));
}

/**
 * @param {number[]} colour red, green and blue
 * @returns {number} as the little-endian bytes of an image
 */
export function pixel([red, green, blue]) {
  return ((255 << 24) | (blue << 16) | (green << 8) | red) >>> 0;
}

/**
 * @typedef {Object} Cells
 * @property {Float32Array} values (lines, columns)
 * @property {number} lines
 * @property {number} columns
 */

/**
 * Paint cells so that they fill a canvas of a size in CSS pixels.
 *
 * @param {HTMLCanvasElement} canvas
 * @param {{width: number, height: number, pixelRatio: number}} size
 * @param {Cells} cells at most as many lines and columns as the canvas has pixels: more would be dropped by the scaling
 * @param {{table: Uint32Array, at: (value: number) => number, missing: number}} colours `at` takes a value to 0..1 of the table
 */
export function paintCells(canvas, size, cells, colours) {
  canvas.width = Math.max(1, Math.round(size.width * size.pixelRatio));
  canvas.height = Math.max(1, Math.round(size.height * size.pixelRatio));
  canvas.style.width = `${size.width}px`;
  canvas.style.height = `${size.height}px`;
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  context.imageSmoothingEnabled = false;
  context.drawImage(imageOf(cells, colours), 0, 0, canvas.width, canvas.height);
}

/**
 * An image with one pixel a cell.
 *
 * @param {Cells} cells
 * @param {{table: Uint32Array, at: (value: number) => number, missing: number}} colours
 */
function imageOf({ values, lines, columns }, { table, at, missing }) {
  const canvas = document.createElement("canvas");
  canvas.width = columns;
  canvas.height = lines;
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  const image = context.createImageData(columns, lines);
  const pixels = new Uint32Array(image.data.buffer);
  const last = table.length - 1;
  for (let index = 0; index < pixels.length; index++) {
    const value = values[index];
    const part = Math.min(1, Math.max(0, at(value)));
    pixels[index] = Number.isNaN(value) ? missing : table[Math.round(part * last)];
  }
  context.putImageData(image, 0, 0);
  return canvas;
}

/**
 * Part the lines of a canvas by hairlines, where they are high enough to be read one by one.
 *
 * @param {HTMLCanvasElement} canvas
 * @param {number} lines
 * @param {string} colour
 * @param {number} pixelRatio
 */
export function partLines(canvas, lines, colour, pixelRatio) {
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  context.fillStyle = colour;
  const thickness = Math.max(1, Math.round(pixelRatio));
  for (let line = 1; line < lines; line++) {
    const y = Math.round((line * canvas.height) / lines) - Math.ceil(thickness / 2);
    context.fillRect(0, y, canvas.width, thickness);
  }
}
