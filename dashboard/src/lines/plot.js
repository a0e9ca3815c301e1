/** One panel of the line charts, drawn by uPlot; bands and names at the line ends are drawn into its canvas here. */

import uPlot from "uplot";

import { delta } from "../format.js";
import { placeNames } from "./names.js";
import { css } from "../palette.js";
import { epochTicks, ticks } from "../scales.js";

/** @typedef {import("./panels.js").Panel} Panel */
/** @typedef {import("../types.js").Series} Series */

/** Room for the labels of the y axis, pixels. */
const LEFT = 50;
/** Between a line end and its name. */
const NAME_GAP = 10;
const LINE_HEIGHT = 14;

/**
 * What is drawn behind the lines and named.
 * @typedef {Object} Stretch
 * @property {number} first epoch
 * @property {number} last epoch
 * @property {number} level the best cross-entropy, from which the panel of the cross-entropy is filled up; NaN elsewhere
 * @property {string} colour of that filling, the name of a custom property
 * @property {[number, number][]} above epoch and cross-entropy within the stretch
 */

/**
 * @typedef {Object} PlotParts
 * @property {HTMLElement} target
 * @property {Panel} panel
 * @property {number[]} epochs numbers on the x axis, ascending
 * @property {number} width of the whole plot, pixels
 * @property {number} right of that, room for names beyond the axis
 * @property {boolean} axis whether epochs are written under it
 * @property {Stretch[]} stretches in which the loss rises and the accuracy holds
 */

/**
 * @param {PlotParts} parts
 * @returns {uPlot} to be destroyed by the caller
 */
export function linePlot({ target, panel, epochs, width, right, axis, stretches }) {
  const colours = themeColours();
  const data = /** @type {uPlot.AlignedData} */ ([epochs, ...panel.lines.map((line) => line.values)]);
  /** @type {uPlot.Options} */
  const options = {
    width,
    height: panel.height,
    padding: [6, right, 0, 0],
    legend: { show: false },
    cursor: { show: false },
    select: { show: false, left: 0, top: 0, width: 0, height: 0 },
    scales: { x: { time: false, range: epochRange(epochs) }, y: { range: panel.range } },
    axes: [epochAxis(epochs, width - LEFT - right, axis, colours), valueAxis(panel, colours)],
    series: [{}, ...panel.lines.map(seriesOf)],
    hooks: {
      drawClear: [(plot) => drawStretches(plot, stretches, colours)],
      draw: [(plot) => drawNames(plot, panel, epochs, colours), (plot) => nameStretches(plot, stretches, colours)],
    },
  };
  // Drawn at once, not in a microtask as by default: the caller asks for places on the axes.
  return new uPlot(options, data, (plot, start) => {
    target.append(plot.root);
    plot.batch(() => start());
  });
}

/**
 * Pixels beyond the axis that the names of all panels need.
 * @param {Panel[]} panels
 */
export function roomForNames(panels) {
  const context = /** @type {CanvasRenderingContext2D} */ (document.createElement("canvas").getContext("2d"));
  context.font = font(1, 600);
  const widths = panels.flatMap(({ lines, format }) => lines.map((line) => context.measureText(nameOf(line, format)).width));
  return Math.min(210, Math.ceil(Math.max(60, ...widths)) + NAME_GAP + 6);
}

/**
 * Ends of the x axis; a single epoch stands in the middle.
 * @param {number[]} epochs
 * @returns {[number, number]}
 */
function epochRange(epochs) {
  const [first, last] = [epochs[0], epochs[epochs.length - 1]];
  return first === last ? [first - 0.5, last + 0.5] : [first, last];
}

/** @typedef {ReturnType<typeof themeColours>} Colours */

/** Colours of the page now: looking them up takes longer than drawing. */
function themeColours() {
  /** @param {string} name */
  const of = (name) => css(name);
  return {
    ink2: of("ink-2"),
    ink3: of("ink-3"),
    line: of("line"),
    lineStrong: of("line-strong"),
    page: of("page"),
    band: of("band"),
  };
}

/**
 * @param {number} pixels device pixels to one of the page
 * @param {number} [weight]
 * @param {number} [size]
 */
function font(pixels, weight = 400, size = 12) {
  return `${weight} ${size * pixels}px ${getComputedStyle(document.body).fontFamily}`;
}

/**
 * @param {number[]} epochs
 * @param {number} width
 * @param {boolean} shown
 * @param {Colours} colours
 * @returns {uPlot.Axis}
 */
function epochAxis(epochs, width, shown, colours) {
  const labelled = epochTicks(epochs, width).map((position) => epochs[position]);
  return {
    size: shown ? 34 : 8,
    font: font(1, 400, 11),
    stroke: colours.ink3,
    grid: { show: false },
    ticks: { show: shown, size: 4, stroke: colours.lineStrong },
    splits: () => labelled,
    values: (_, epochsShown) => epochsShown.map((epoch) => (shown ? String(epoch) : "")),
  };
}

/**
 * @param {Panel} panel
 * @param {Colours} colours
 * @returns {uPlot.Axis}
 */
function valueAxis({ range, tick, height }, colours) {
  return {
    size: LEFT,
    font: font(1, 400, 11),
    stroke: colours.ink3,
    grid: { stroke: colours.line, width: 1 },
    ticks: { show: false },
    splits: () => ticks(range[0], range[1], Math.max(2, Math.round(height / 50))),
    values: (_, values) => values.map(tick),
  };
}

/**
 * @param {import("./panels.js").Line} line
 * @returns {uPlot.Series}
 */
function seriesOf({ colour, width, dash, dots }) {
  const stroke = css(colour);
  return { stroke, width, dash, spanGaps: true, points: { show: dots, size: 5, width: 0, fill: stroke } };
}

/**
 * @param {import("./panels.js").Line} line
 * @param {(value: number) => string} format
 */
function nameOf({ name, values }, format) {
  return `${name} ${format(values.findLast((value) => value !== null) ?? NaN)}`;
}

/**
 * @param {uPlot} plot
 * @param {Stretch[]} stretches
 * @param {Colours} colours
 */
function drawStretches(plot, stretches, colours) {
  const { ctx, bbox } = plot;
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  for (const { first, last, level, colour, above } of stretches) {
    const [left, end] = [first, last].map((epoch) => plot.valToPos(epoch, "x", true));
    // A stretch of a single epoch has no width of its own.
    const width = Math.max(end - left, 4 * devicePixelRatio);
    ctx.fillStyle = colours.band;
    ctx.fillRect(end - width, bbox.top, width, bbox.height);
    if (Number.isNaN(level)) continue;
    const base = plot.valToPos(level, "y", true);
    ctx.beginPath();
    ctx.moveTo(left, base);
    for (const [epoch, value] of above)
      ctx.lineTo(plot.valToPos(epoch, "x", true), Math.min(base, plot.valToPos(value, "y", true)));
    ctx.lineTo(end, base);
    ctx.globalAlpha = 0.28;
    ctx.fillStyle = css(colour);
    ctx.fill();
    ctx.globalAlpha = 1;
  }
  ctx.restore();
}

/**
 * Say at the top of each stretch that has room for it how far the cross-entropy has risen.
 * @param {uPlot} plot
 * @param {Stretch[]} stretches
 * @param {Colours} colours
 */
function nameStretches(plot, stretches, colours) {
  const { ctx, bbox } = plot;
  const pixels = devicePixelRatio;
  ctx.save();
  ctx.font = font(pixels, 400, 11.5);
  ctx.textAlign = "left";
  ctx.textBaseline = "top";
  for (const { first, last, level, above } of stretches) {
    const rise = (above.at(-1)?.[1] ?? NaN) - level;
    const name = `divergence: ${delta(rise)} nats, accuracy holds`;
    const [left, end] = [first, last].map((epoch) => plot.valToPos(epoch, "x", true));
    if (Number.isNaN(rise) || end - left < ctx.measureText(name).width + 16 * pixels) continue;
    haloed(ctx, name, left + 8 * pixels, bbox.top + 6 * pixels, colours.ink2, "");
  }
  ctx.restore();
}

/**
 * @param {uPlot} plot
 * @param {Panel} panel
 * @param {number[]} epochs
 * @param {Colours} colours
 */
function drawNames(plot, { lines, format }, epochs, colours) {
  const { ctx, bbox } = plot;
  const pixels = devicePixelRatio;
  ctx.save();
  ctx.font = font(pixels, 600);
  ctx.textAlign = "left";
  ctx.textBaseline = "middle";
  const bottom = bbox.top + bbox.height;
  const ends = lines.flatMap((line) => {
    const index = line.values.findLastIndex((value) => value !== null);
    if (index < 0) return [];
    const y = plot.valToPos(/** @type {number} */ (line.values[index]), "y", true);
    return { x: plot.valToPos(epochs[index], "x", true), y: Math.max(y, bbox.top), line };
  });
  const width = Math.max(0, ...ends.map(({ line }) => ctx.measureText(nameOf(line, format)).width)) + NAME_GAP * pixels;
  const room = { width, gap: LINE_HEIGHT * pixels, top: bbox.top, bottom: bottom + 2 * pixels };
  for (const { x, y, line } of placeNames(ends, room)) {
    ctx.font = font(pixels, line.minor ? 400 : 600);
    haloed(ctx, nameOf(line, format), x + NAME_GAP * pixels, y, css(line.colour), colours.page);
  }
  ctx.restore();
}

/**
 * Text that stays readable on lines.
 *
 * @param {CanvasRenderingContext2D} ctx
 * @param {string} content
 * @param {number} x
 * @param {number} y
 * @param {string} colour
 * @param {string} halo empty for none
 */
function haloed(ctx, content, x, y, colour, halo) {
  if (halo) {
    ctx.strokeStyle = halo;
    ctx.lineWidth = 4 * devicePixelRatio;
    ctx.lineJoin = "round";
    ctx.strokeText(content, x, y);
  }
  ctx.fillStyle = colour;
  ctx.fillText(content, x, y);
}
