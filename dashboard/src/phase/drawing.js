/** The elements of the phase plot. */

import { s, text } from "../dom.js";
import { whole } from "../format.js";
import { placeNames } from "../lines/names.js";
import { css, mix, parse, rgb } from "../palette.js";
import { passAt } from "../passes.js";
import { ticks } from "../scales.js";
import { FLOOR, logTicks } from "./axes.js";

/** @typedef {import("../types.js").Series} Series */
/** @typedef {import("../types.js").State} State */
/** @typedef {import("./paths.js").Compared} Compared */

/** Height of the plot, pixels. */
export const HEIGHT = 424;
const MARGIN = { left: 44, right: 16, top: 12, bottom: 36 };
/** Shades from the first to the last epoch, and the most epochs that get a dot each. */
const SHADES = 32;
const MOST_DOTS = 150;
/** Of a name at a point: the least baseline that is within the plot, and how far below the point it goes otherwise. */
const LABEL_HEIGHT = 12;
const LABEL_BELOW = 19;
/** Marks that are nearer than this to a named one have no name, pixels. */
const CLOSE = 30;

/**
 * @typedef {Object} Point
 * @property {number} position
 * @property {number} nats
 * @property {number} share
 * @property {number} x pixels
 * @property {number} y
 */

/**
 * @param {import("./axes.js").Axes} axes
 * @param {number} width
 */
export function scaleOf(axes, width) {
  const [low, high] = axes.nats.map(Math.log);
  const [worst, most] = axes.share;
  /** @param {number} value */
  const x = (value) =>
    MARGIN.left + ((Math.log(Math.max(value, FLOOR)) - low) / (high - low)) * (width - MARGIN.left - MARGIN.right);
  /** @param {number} value */
  const y = (value) => HEIGHT - MARGIN.bottom - ((value - worst) / (most - worst)) * (HEIGHT - MARGIN.top - MARGIN.bottom);
  /** @param {{nats: number, share: number}} point */
  const at = (point) => ({ x: x(point.nats), y: y(point.share) });
  return { x, y, at };
}

/** @typedef {ReturnType<typeof scaleOf>} Scale */

/**
 * @param {import("./axes.js").Axes} axes
 * @param {Scale} scale
 * @param {number} width
 */
export function grid({ nats: [low, high], share: [worst, most] }, { x, y }, width) {
  const bottom = HEIGHT - MARGIN.bottom;
  const right = width - MARGIN.right;
  const across = ticks(Math.max(0, worst), Math.min(1, most), 5).flatMap((value) => [
    s("line", { class: "grid", x1: MARGIN.left, x2: right, y1: y(value), y2: y(value) }),
    text(MARGIN.left - 8, y(value) + 4, whole(value), { "text-anchor": "end" }),
  ]);
  const upright = logTicks(low, high, right - MARGIN.left).flatMap((value) => [
    s("line", { class: "grid", x1: x(value), x2: x(value), y1: MARGIN.top, y2: bottom }),
    text(x(value), bottom + 16, String(value), { "text-anchor": "middle" }),
  ]);
  const title = width < 350 ? "nats, log scale" : "cross-entropy, nats, log scale";
  return [...across, ...upright, text(right, HEIGHT - 4, title, { "text-anchor": "end" })];
}

/**
 * Colour of the path from the first epoch, 0, to the last, 1: most of the change early, where the steps are long.
 * @param {State} state
 */
function shades({ split }) {
  const full = parse(css(split));
  const pale = parse(css(`${split}-pale`));
  /** @param {number} share */
  return (share) => rgb(mix(pale, full, Math.sqrt(share)));
}

/**
 * Key to the shades.
 * @param {State} state
 * @param {number} width
 */
export function ramp(state, width) {
  const { epochs } = /** @type {Series} */ (state.series);
  const shade = shades(state);
  const [left, step, count] = [MARGIN.left + 46, 5, 12];
  if (epochs.length < 2 || width < 260) return [];
  const swatches = Array.from({ length: count }, (_, index) =>
    s("rect", { x: left + index * step, y: HEIGHT - 12, width: step + 0.5, height: 8, fill: shade(index / (count - 1)) }),
  );
  return [
    text(left - 6, HEIGHT - 4, `epoch ${epochs[0]}`, { "text-anchor": "end" }),
    ...swatches,
    text(left + count * step + 6, HEIGHT - 4, String(epochs[epochs.length - 1])),
  ];
}

/**
 * @param {{x: number, y: number}[]} points
 */
function trace(points) {
  return `M${points.map(({ x, y }) => `${x.toFixed(1)} ${y.toFixed(1)}`).join("L")}`;
}

/**
 * Thin paths of the compared runs, with a name at their ends.
 *
 * @param {Compared[]} compared
 * @param {Scale} scale
 * @param {number} width
 */
export function comparedElements(compared, scale, width) {
  const paths = compared.flatMap(({ name, colour, dash, values }) => {
    const points = values.map(scale.at);
    const end = points[points.length - 1];
    const stroke = `var(--${colour})`;
    return [
      s("path", { class: "compared", d: trace(points), stroke, "stroke-dasharray": dash.join(" ") }),
      s("circle", { cx: end.x, cy: end.y, r: 4, fill: stroke }, s("title", {}, name)),
    ];
  });
  const ends = compared.map(({ name, values }) => {
    const { x, y } = scale.at(values[values.length - 1]);
    return { name, end: x, x, y: y - 8 };
  });
  const room = { width: 120, gap: 13, top: MARGIN.top, bottom: HEIGHT - MARGIN.bottom };
  return [...paths, ...placeNames(ends, room).map(({ name, end, y }) => label({ x: end, y }, name, 0, width, "mid"))];
}

/**
 * The path in a few shades: each has one line, and one path of dots, however many epochs there are.
 *
 * @param {Point[]} points
 * @param {State} state
 */
export function ownPath(points, state) {
  const shade = shades(state);
  const dotted = points.length <= MOST_DOTS;
  const count = Math.max(1, Math.min(SHADES, points.length - 1));
  return Array.from({ length: count }, (_, index) => {
    const [first, last] = [index, index + 1].map((part) => Math.round((part * (points.length - 1)) / count));
    const part = points.slice(first, last + 1);
    const stroke = shade(count === 1 ? 1 : index / (count - 1));
    const dots = part.map(({ x, y }) => `M${x.toFixed(1)} ${y.toFixed(1)}h0`).join("");
    return s(
      "g",
      { fill: "none", stroke, "stroke-linecap": "round", "stroke-linejoin": "round" },
      s("path", { d: trace(part), "stroke-width": dotted ? 2.2 : 1.4 }),
      dotted && s("path", { d: dots, "stroke-width": 5.2 }),
    );
  });
}

/**
 * Marks of the first, the best and the chosen epoch; of two that are close only the more important one is named.
 *
 * @param {State} state
 * @param {Point[]} points
 * @param {number} width
 */
export function marksOf(state, points, width) {
  if (!state.series || !points.length) return [];
  const { epochs } = state.series;
  const at = passAt(state.series, state.split, state.position);
  const chosen = points.findLast((point) => point.position <= at);
  const lowest = points.reduce((least, point) => (point.nats < least.nats ? point : least));
  /** @type {[Point, string][]} */
  const open = [
    [lowest, `best ${epochs[lowest.position]}`],
    [points[0], `epoch ${epochs[points[0].position]}`],
  ];
  const named = chosen ? [chosen] : [];
  const shown = open.flatMap(([point, name]) => {
    if (point === chosen) return [];
    const free = named.every((other) => Math.hypot(other.x - point.x, other.y - point.y) > CLOSE);
    if (free) named.push(point);
    return [
      dot(point, "open", state.split),
      free && label(point, name, point.y > HEIGHT - 80 ? -9 : LABEL_BELOW, width, "mid"),
    ];
  });
  const solid = chosen
    ? [dot(chosen, "solid", state.split), label(chosen, String(epochs[chosen.position]), -9, width, "strong")]
    : [];
  return [...shown, ...solid].filter((mark) => mark !== false);
}

/**
 * @param {Point} point
 * @param {"open" | "solid"} kind
 * @param {string} colour
 */
function dot({ x, y }, kind, colour) {
  const [fill, stroke, r] = kind === "solid" ? [colour, "page", 5.5] : ["page", colour, 4];
  return s("circle", { cx: x, cy: y, r, fill: `var(--${fill})`, stroke: `var(--${stroke})`, "stroke-width": 2 });
}

/**
 * @param {{x: number, y: number}} point
 * @param {string} content
 * @param {number} down from the point to the baseline, pixels; below the point where it would be cut off at the top
 * @param {number} width
 * @param {string} kind class of the text
 */
function label({ x, y }, content, down, width, kind) {
  const left = x > width - 110;
  const baseline = y + down < LABEL_HEIGHT ? y + LABEL_BELOW : y + down;
  return text(x + (left ? -9 : 9), baseline, content, { class: `${kind} halo`, "text-anchor": left ? "end" : "start" });
}
