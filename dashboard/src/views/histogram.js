/** How sure the answers are: right ones above the axis, wrong ones below it. */

import { countScale, countTicks } from "../confidence/countScale.js";
import { axisLabels, axisOf, binField, HEIGHT, insteadOfChart, LEAST_WIDTH, MARGIN, rangeOf } from "../confidence/frame.js";
import { firstBin, histogramOf, outcomesOf, total, unitOf } from "../confidence/histogram.js";
import { segments } from "../controls.js";
import { h, s, text } from "../dom.js";
import { count, short } from "../format.js";
import { hatch } from "../marks.js";
import { press } from "../pressed.js";
import { refill } from "../focus.js";
import { hideTip, showTip } from "../tip.js";

/** @typedef {import("../confidence/countScale.js").CountScale} CountScale */
/** @typedef {import("../confidence/frame.js").Axis} Axis */
/** @typedef {import("../confidence/histogram.js").Counts} Counts */
/** @typedef {import("../confidence/histogram.js").Histogram} Histogram */
/** @typedef {import("../types.js").Series} Series */
/** @typedef {import("../types.js").State} State */

const SPAN = HEIGHT - MARGIN.top - MARGIN.bottom;
/** Of the pattern that fills the bars of wrong answers; `style/proof.css` names it too. */
const HATCH = "wrong-answers";

/**
 * @param {import("../types.js").Store} store
 * @returns {import("../types.js").View}
 */
export function histogram(store) {
  const title = h("span", { class: "keys" });
  const scale = segments(
    "Height of the bars: square root or linear",
    [["root", "√ root"], ["linear", "linear"]],
    store.state.countScale,
    (countScale) => store.set({ countScale: /** @type {"root" | "linear"} */ (countScale) }),
  );
  const place = h("div");
  const note = h("p", { class: "muted chart-note" });
  const element = h("figure", { class: "histogram" }, h("figcaption", {}, title, scale), place, note);

  function draw() {
    const { state } = store;
    const { series } = state;
    const width = place.clientWidth;
    if (!series || width < LEAST_WIDTH) return;
    const shown = histogramOf(state);
    const waiting = "missing" in shown && shown.pending === true && place.hasChildNodes();
    place.classList.toggle("outdated", waiting);
    if (waiting) return;
    hideTip();
    press(scale, state.countScale);
    scale.hidden = "missing" in shown;
    if ("missing" in shown) {
      title.replaceChildren(h("b", {}, "Confidence"));
      refill(place, [insteadOfChart(store, shown.missing)]);
      note.textContent = "";
      return;
    }
    title.replaceChildren(...titleOf(shown));
    refill(place, [chart(shown, series, state, width)]);
    note.textContent = noteOf(shown, series);
  }

  return { element, keys: ["series", "split", "position", "row", "scope", "countScale", "detail", "failures", "size"], draw };
}

/** @param {Histogram} shown */
function titleOf({ kind, counts }) {
  if (kind === "truth") return [h("b", {}, "Probability of the true class")];
  return [
    h("b", {}, "Confidence"),
    key("right", `right ${count(total(counts.up))}`),
    key("wrong", `wrong ${count(total(counts.down))}`),
  ];
}

/**
 * @param {"right" | "wrong"} name
 * @param {string} words
 */
function key(name, words) {
  const square = s("rect", { class: name, x: 0.5, y: 0.5, width: 11, height: 11 });
  const swatch = s("svg", { width: 12, height: 12, "aria-hidden": "true" }, square);
  return h("span", { class: "key" }, swatch, words);
}

/**
 * @param {Histogram} shown
 * @param {Series} series
 */
function noteOf({ note, kind }, { task }) {
  const decisions = task === "multilabel" && kind === "confidence";
  return decisions ? "Confidence of a decision on a label: the larger of p and 1 − p." : note;
}

/**
 * @param {Histogram} shown
 * @param {Series} series
 * @param {State} state
 * @param {number} width
 */
function chart(shown, series, { countScale: kind, split }, width) {
  const { counts, first } = shown;
  const truth = shown.kind === "truth";
  const totals = counts.up.map((up, bin) => up + counts.down[bin] + (first ? first.up[bin] + first.down[bin] : 0));
  const axis = axisOf(width, truth ? 0 : firstBin(outcomesOf(series), totals), totals.length);
  const most = Math.max(1, ...counts.up, ...(first?.up ?? []));
  const mostDown = Math.max(truth ? 0 : 1, ...counts.down, ...(first?.down ?? []));
  const scale = countScale(most, mostDown, SPAN, kind);
  const zero = MARGIN.top + scale.zero;
  return s(
    "svg",
    { width, height: HEIGHT, role: "img", "aria-label": summary(shown, series, split) },
    s("defs", {}, hatch(HATCH, "var(--wrong)")),
    ...gridLines(scale, most, 1, width),
    ...gridLines(scale, mostDown, -1, width),
    s("line", { class: "zero", x1: MARGIN.left, x2: width - MARGIN.right, y1: zero, y2: zero }),
    text(MARGIN.left - 7, zero + 4, "0", { "text-anchor": "end" }),
    ...bars(shown, axis, scale, split),
    ...(first ? ghosts(first, axis, scale) : []),
    ...fields(shown, axis),
    ...axisLabels(axis, width, axisTitle(shown, series)),
    text(MARGIN.left, HEIGHT - 4, footOf(shown, series, kind)),
  );
}

/**
 * @param {Histogram} shown
 * @param {Series} series
 */
function axisTitle({ kind }, { task }) {
  if (kind === "truth") return "probability of the true class";
  return task === "multilabel" ? "confidence" : "largest probability";
}

/**
 * @param {Histogram} shown
 * @param {Series} series
 * @param {"root" | "linear"} kind
 */
function footOf({ firstEpoch: first }, series, kind) {
  return `${unitOf(series)}${kind === "root" ? ", √ scale" : ""}${first === null ? "" : `; dashed: epoch ${first}`}`;
}

/**
 * Lines at round counts, above the axis (direction 1) or below it (-1).
 *
 * @param {CountScale} scale
 * @param {number} most
 * @param {1 | -1} direction
 * @param {number} width
 */
function gridLines({ length, zero }, most, direction, width) {
  return countTicks(most, length).flatMap((value) => {
    const y = MARGIN.top + zero - direction * length(value);
    return [
      s("line", { class: "grid", x1: MARGIN.left, x2: width - MARGIN.right, y1: y, y2: y }),
      text(MARGIN.left - 7, y + 4, short(value), { "text-anchor": "end" }),
    ];
  });
}

/**
 * @param {Histogram} shown
 * @param {Axis} axis
 * @param {CountScale} scale
 * @param {import("../types.js").Split} split
 */
function bars({ kind, counts }, { x, first, bins, binWidth }, { length, zero }, split) {
  const middle = MARGIN.top + zero;
  const upper = kind === "truth" ? split : "right";
  const drawn = [];
  for (let bin = first; bin < bins; bin++) {
    const box = { x: x(bin / bins) + 1, width: Math.max(1, binWidth - 2) };
    const [up, down] = [counts.up[bin], counts.down[bin]];
    if (up) drawn.push(s("rect", { ...box, class: upper, y: middle - length(up), height: length(up) }));
    if (down) drawn.push(s("rect", { ...box, class: "wrong", y: middle + 0.5, height: length(down) }));
  }
  return drawn;
}

/**
 * Outlines of the counts of the first pass.
 *
 * @param {Counts} counts
 * @param {Axis} axis
 * @param {CountScale} scale
 */
function ghosts(counts, { x, first, bins }, { length, zero }) {
  /** @type {(values: number[], direction: 1 | -1) => SVGElement} */
  const outline = (values, direction) => {
    const steps = values.slice(first).map((value, index) => {
      const y = MARGIN.top + zero - direction * length(value);
      return `${x((first + index) / bins).toFixed(1)} ${y.toFixed(1)}H${x((first + index + 1) / bins).toFixed(1)}`;
    });
    return s("path", { class: "ghost", d: `M${steps.join("L")}` });
  };
  return total(counts.down) ? [outline(counts.up, 1), outline(counts.down, -1)] : [outline(counts.up, 1)];
}

/**
 * @param {Histogram} shown
 * @param {Axis} axis
 */
function fields({ kind, counts, first, firstEpoch }, axis) {
  /** @type {(of: Counts, bin: number) => string} */
  const words = (of, bin) =>
    kind === "truth" ? `${count(of.up[bin])} examples` : `right ${count(of.up[bin])}, wrong ${count(of.down[bin])}`;
  const what = kind === "truth" ? "probability" : "confidence";
  return counts.up.slice(axis.first).map((_, index) => {
    const bin = axis.first + index;
    return binField(axis, bin, (event) =>
      showTip(event, `${what} ${rangeOf(bin, axis.bins)}`, words(counts, bin), first && `epoch ${firstEpoch}: ${words(first, bin)}`),
    );
  });
}

/**
 * What the histogram shows, for those who do not see it.
 *
 * @param {Histogram} shown
 * @param {Series} series
 * @param {import("../types.js").Split} split
 */
function summary({ kind, counts, epoch, className }, series, split) {
  const { up, down } = counts;
  const what = kind === "truth" ? "Probability of the true class" : "Confidence";
  const begin = `${what}${className === null ? "" : ` of "${className}"`}, ${split} split, epoch ${epoch}: `;
  const totals = up.map((value, bin) => value + down[bin]);
  const all = total(totals);
  if (!all) return `${begin}no ${unitOf(series)}.`;
  const fullest = totals.indexOf(Math.max(...totals));
  const counted = kind === "truth" ? `${count(all)} examples` : `${count(total(up))} right, ${count(total(down))} wrong`;
  return `${begin}${counted}; most, ${count(totals[fullest])}, at ${rangeOf(fullest, totals.length)}.`;
}
