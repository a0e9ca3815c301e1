/** How often answers of a confidence are right: the gap between the two, bin by bin. */

import { axisLabels, axisOf, binField, HEIGHT, insteadOfChart, LEAST_WIDTH, MARGIN, rangeOf } from "../confidence/frame.js";
import { firstBin, outcomesOf, unitOf } from "../confidence/histogram.js";
import { reliabilityInWords, reliabilityOf, SIDES, sideOf } from "../confidence/reliability.js";
import { h, s, text } from "../dom.js";
import { count, share, short, whole } from "../format.js";
import { refill } from "../focus.js";
import { hideTip, showTip } from "../tip.js";

/** @typedef {import("../confidence/frame.js").Axis} Axis */
/** @typedef {import("../confidence/reliability.js").Bin} Bin */
/** @typedef {import("../confidence/reliability.js").Reliability} Reliability */
/** @typedef {import("../types.js").Series} Series */

const SPAN = HEIGHT - MARGIN.top - MARGIN.bottom;
/** Share of the width of a bin that its gap takes. */
const BAR = 0.68;
/** Radius of the dot of an empty bin, and how much larger that of the fullest is, pixels: areas go with the counts. */
const DOT = { least: 2.2, more: 3.2 };
/** Bins of the first pass with fewer examples are noise, and left out of its line. */
const LEAST_OF_GHOST = 3;
/** Bins narrower than this have their counts in small letters; and the least distance of two of them, pixels. */
const NARROW = 26;
const LABEL = 21;

/** @param {number} accuracy */
const y = (accuracy) => MARGIN.top + SPAN * (1 - accuracy);

/**
 * @param {import("../types.js").Store} store
 * @returns {import("../types.js").View}
 */
export function reliability(store) {
  const hint = h("span", { class: "muted" }, "pale: within noise");
  const place = h("div");
  const note = h("p", { class: "muted chart-note" });
  const element = h("figure", { class: "reliability" }, h("figcaption", {}, h("b", {}, "Reliability"), hint), place, note);

  function draw() {
    const { state } = store;
    const { series } = state;
    const width = place.clientWidth;
    if (!series || width < LEAST_WIDTH) return;
    const shown = reliabilityOf(state);
    const waiting = "missing" in shown && shown.pending === true && place.hasChildNodes();
    place.classList.toggle("outdated", waiting);
    if (waiting) return;
    hideTip();
    hint.hidden = "missing" in shown;
    if ("missing" in shown) {
      refill(place, [insteadOfChart(store, shown.missing)]);
      note.textContent = "";
      return;
    }
    const totals = shown.bins.map((bin, index) => bin.count + (shown.first?.[index].count ?? 0));
    const axis = axisOf(width, firstBin(outcomesOf(series), totals), shown.bins.length);
    refill(place, [chart(shown, axis, width, series, state.split)]);
    note.textContent = shown.className === null ? "" : "Of a class the confidence of a bin is taken to be its middle.";
  }

  return { element, keys: ["series", "split", "position", "row", "scope", "detail", "failures", "size"], draw };
}

/**
 * @param {Reliability} shown
 * @param {Axis} axis
 * @param {number} width
 * @param {Series} series
 * @param {import("../types.js").Split} split
 */
function chart(shown, axis, width, series, split) {
  const { x, low } = axis;
  const most = Math.max(1, ...shown.bins.map((bin) => bin.count));
  const drawn = shown.bins.map((bin, index) => ({ bin, index })).slice(axis.first);
  const whose = shown.className === null ? "" : ` of "${shown.className}"`;
  const label = `Reliability${whose}, ${split} split, epoch ${shown.epoch}: ${reliabilityInWords(shown.bins)}.`;
  const foot = `${unitOf(series)} per bin${shown.firstEpoch === null ? "" : `; dashed: epoch ${shown.firstEpoch}`}`;
  return s(
    "svg",
    { width, height: HEIGHT, role: "img", "aria-label": label },
    ...gridLines(width),
    s("line", { class: "diagonal", x1: x(low), y1: y(low), x2: x(1), y2: y(1) }),
    ...(shown.first ? [ghost(shown.first, axis)] : []),
    ...drawn.filter(({ bin }) => bin.count > 0).flatMap(({ bin, index }) => gap(bin, index, axis, most)),
    text(x(low) + 10, MARGIN.top + 26, SIDES.under, { class: "halo under" }),
    text(x(1) - 10, MARGIN.top + SPAN - 16, SIDES.over, { class: "halo over", "text-anchor": "end" }),
    ...drawn.filter((_, place) => place % Math.ceil(LABEL / axis.binWidth) === 0).map(({ bin, index }) => countLabel(bin, index, axis)),
    ...drawn.map(({ bin, index }) => field(bin, index, axis, series)),
    ...axisLabels(axis, width, shown.className === null ? "mean confidence" : "confidence"),
    text(MARGIN.left, HEIGHT - 4, foot),
  );
}

/** @param {number} width */
function gridLines(width) {
  return [0, 0.25, 0.5, 0.75, 1].flatMap((accuracy) => [
    s("line", { class: "grid", x1: MARGIN.left, x2: width - MARGIN.right, y1: y(accuracy), y2: y(accuracy) }),
    text(MARGIN.left - 7, y(accuracy) + 4, whole(accuracy), { "text-anchor": "end" }),
  ]);
}

/**
 * Middle of a bin on the axis.
 * @param {number} index
 * @param {Axis} axis
 */
function middle(index, { x, bins }) {
  return x((index + 0.5) / bins);
}

/**
 * A bar from the mean confidence to the accuracy, the interval of the accuracy, and a dot at it.
 *
 * @param {Bin} bin
 * @param {number} index
 * @param {Axis} axis
 * @param {number} most examples of the fullest bin
 */
function gap(bin, index, axis, most) {
  const at = middle(index, axis);
  const bar = BAR * axis.binWidth;
  const within = sideOf(bin) === "within" ? " within" : "";
  const direction = bin.confidence > bin.accuracy ? "over" : "under";
  const top = y(Math.max(bin.accuracy, bin.confidence));
  const bottom = y(Math.min(bin.accuracy, bin.confidence));
  const radius = DOT.least + DOT.more * Math.sqrt(bin.count / most);
  return [
    s("rect", { class: `gap ${direction}${within}`, x: at - bar / 2, width: bar, y: top, height: Math.max(1, bottom - top) }),
    s("line", { class: "whisker", x1: at, x2: at, y1: y(bin.high), y2: y(bin.low) }),
    s("circle", { class: `accuracy${within}`, cx: at, cy: y(bin.accuracy), r: radius }),
  ];
}

/**
 * @param {Bin} bin
 * @param {number} index
 * @param {Axis} axis
 */
function countLabel({ count: examples }, index, axis) {
  const size = axis.binWidth < NARROW ? "narrow" : null;
  return text(middle(index, axis), HEIGHT - MARGIN.bottom + 31, examples ? short(examples) : "·", { "text-anchor": "middle", class: size });
}

/**
 * The accuracies of the first pass as a line.
 *
 * @param {Bin[]} bins
 * @param {Axis} axis
 */
function ghost(bins, axis) {
  const points = bins.flatMap((bin, index) =>
    bin.count >= LEAST_OF_GHOST && index >= axis.first ? [`${middle(index, axis).toFixed(1)} ${y(bin.accuracy).toFixed(1)}`] : [],
  );
  return s("path", { class: "ghost", d: points.length ? `M${points.join("L")}` : "" });
}

/**
 * @param {Bin} bin
 * @param {number} index
 * @param {Axis} axis
 * @param {Series} series
 */
function field(bin, index, axis, series) {
  const words = bin.count
    ? [
        `says ${share(bin.confidence)}, is right ${share(bin.accuracy)}: ${SIDES[sideOf(bin)]}`,
        `95 % interval ${share(bin.low)} to ${share(bin.high)}`,
        `${count(bin.count)} ${unitOf(series)}`,
      ]
    : [`no ${unitOf(series)}`];
  return binField(axis, index, (event) => showTip(event, `confidence ${rangeOf(index, axis.bins)}`, ...words));
}
