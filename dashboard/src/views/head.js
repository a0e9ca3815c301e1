/** Is this training healthy? State, title, gauge, the reading in words, six numbers. */

import { healthAt } from "../alerts.js";
import { announcer } from "../announcer.js";
import { h } from "../dom.js";
import { refill } from "../focus.js";
import { wordsAreOutdated } from "../freshness.js";
import { count, nats, ratio, share, temperature } from "../format.js";
import { chip } from "../marks.js";
import { best, passAt, scalar, scalarValues } from "../passes.js";
import { term } from "../term.js";
import { largeGauge } from "./gauge.js";

/** @typedef {import("../types.js").Series} Series */
/** @typedef {import("../types.js").Split} Split */
/** @typedef {import("../types.js").State} State */

/**
 * @param {import("../types.js").Store} store
 * @returns {import("../types.js").View}
 */
export function head(store) {
  const mark = h("span");
  const title = h("h1");
  const place = h("span", { class: "muted" });
  const verdict = h("div", { class: "title" }, mark, title, place);
  const gauge = h("div");
  const reading = h("p", { class: "reading" });
  const numbers = h("dl", { class: "numbers" });
  const spoken = announcer();
  const element = h("div", { class: "head" }, verdict, h("div", {}, gauge, reading), numbers, spoken.element);

  return {
    element,
    keys: ["series", "alerts", "words", "position", "split", "size"],
    draw() {
      const { state } = store;
      const { series, words } = state;
      element.hidden = !series;
      if (!series) return;
      const pass = passAt(series, state.split, state.position);
      mark.replaceChildren(chip(healthAt(state.alerts, series.epochs[state.position])));
      place.textContent = placeOf(series, state.split, state.position, pass);
      title.textContent = words?.headline ?? (pass < 0 ? `No ${state.split} pass yet` : "\u2026");
      reading.replaceChildren(...inBold(words?.reading ?? ""));
      // What is still to be fetched must not pass for what is known.
      const outdated = wordsAreOutdated(state);
      for (const part of [title, reading]) part.classList.toggle("outdated", outdated);
      if (outdated || !words) spoken.wait();
      else spoken.say(`${mark.textContent}: ${words.headline}`);
      gauge.replaceChildren(...(pass < 0 ? [] : [largeGauge(levelsAt(series, state.split, pass), Math.max(320, gauge.clientWidth))]));
      refill(numbers, pass < 0 ? [] : sixNumbers(series, state.split, pass));
    },
  };
}

/**
 * @param {Series} series
 * @param {Split} split
 * @param {number} position
 * @param {number} pass
 */
function placeOf(series, split, position, pass) {
  const epoch = series.epochs[position];
  const output = series.output && `, output ${series.output}`;
  const from = pass === position || pass < 0 ? "" : ` (${split} pass of epoch ${series.epochs[pass]})`;
  return `${series.run}${output}, epoch ${epoch}${from}`;
}

/** A number with its unit, but for digits of a word; the full stop or comma after it belongs to the sentence. */
const NUMBER = /((?<![\p{L}\d_])\d+(?:[.,]\d+)*(?:[\u202f ]?%)?(?: nats)?(?![\p{L}\d_]))/u;

/**
 * A text whose numbers are bold.
 * @param {string} text
 */
function inBold(text) {
  return text.split(NUMBER).map((part, index) => (index % 2 ? h("b", {}, part) : part));
}

/**
 * @param {Series} series
 * @param {Split} split
 * @param {number} pass
 */
function levelsAt(series, split, pass) {
  const at = (/** @type {string} */ name) => scalar(series, split, name, pass);
  return {
    split,
    crossEntropy: at("cross_entropy"),
    tempered: at("tempered_cross_entropy"),
    temperature: at("temperature"),
    train: split === "train" ? NaN : scalar(series, "train", "cross_entropy", pass),
    prior: at("prior_entropy"),
    uniform: at("uniform_cross_entropy"),
  };
}

/**
 * @param {Series} series
 * @param {Split} split
 * @param {number} pass
 */
function sixNumbers(series, split, pass) {
  const at = (/** @type {string} */ name, of = split) => scalar(series, of, name, pass);
  const epochOfBest = (/** @type {string} */ name, /** @type {1 | -1} */ direction) => {
    const found = best(scalarValues(series, split, name), pass, direction);
    return found < 0 ? null : { value: scalar(series, split, name, found), epoch: series.epochs[found] };
  };
  const lowest = epochOfBest("cross_entropy", 1);
  const highest = epochOfBest("accuracy", -1);
  const beside = (/** @type {string} */ name, /** @type {(value: number) => string} */ form) =>
    split !== "train" && Number.isFinite(at(name, "train")) && `train ${form(at(name, "train"))}`;
  const [confidence, accuracy, heat] = [at("confidence"), at("accuracy"), at("temperature")];
  const classes = `${count(series.num_classes)} ${series.task === "multilabel" ? "labels" : "classes"}`;
  return [
    number(term("Cross-entropy"), nats(at("cross_entropy")), "nats", `\u00b1 ${nats(at("standard_error"))} standard error`, lowest && `best ${nats(lowest.value)} at epoch ${lowest.epoch}`),
    number("Accuracy", ...percent(accuracy), beside("accuracy", share), highest && `best ${share(highest.value)} at epoch ${highest.epoch}`),
    number(term("Skill"), ratio(at("skill")), "", "1 perfect,", "0 base rates only"),
    number(term("Temperature"), temperature(heat), "", ...temperatureWords(heat, at("tempered_cross_entropy"))),
    number(term("Calibration error"), ...percent(at("expected_calibration_error")), `says ${share(confidence)},`, `is right ${share(accuracy)}`),
    number("Examples", count(at("num_examples")), "", classes, beside("num_examples", count)),
  ];
}

/**
 * @param {number} heat temperature
 * @param {number} tempered cross-entropy at it
 */
function temperatureWords(heat, tempered) {
  if (Number.isNaN(heat)) return ["could not be fitted"];
  if (temperature(heat) === temperature(1)) return ["neither too sure", "nor too timid"];
  return [heat > 1 ? "above 1: too sure" : "below 1: too timid", `${nats(tempered)} nats at it`];
}

/**
 * @param {number} value
 * @returns {[string, string]} number and unit
 */
function percent(value) {
  const [figure, unit = ""] = share(value).split("\u202f");
  return [figure, unit];
}

/**
 * @param {Node | string} name
 * @param {string} value
 * @param {string} unit
 * @param {...(string | false | null)} beside
 */
function number(name, value, unit, ...beside) {
  const said = beside.filter((line) => line).map((line) => h("div", {}, String(line)));
  return h("div", {}, h("dt", {}, name), h("dd", { class: "value" }, value, unit && h("small", {}, ` ${unit}`)), h("dd", { class: "beside" }, ...said));
}
