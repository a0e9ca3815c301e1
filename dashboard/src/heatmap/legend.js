/** The line above the heatmap: what the colours mean, how many classes are in sight, and the buttons to zoom. */

import { h } from "../dom.js";
import { count } from "../format.js";
import { paintCells } from "./raster.js";

/** @typedef {import("./scene.js").Scene} Scene */

const RAMP_WIDTH = 150;
const RAMP_HEIGHT = 9;

export class Legend {
  /** @param {(Node | string)[]} buttons */
  constructor(buttons) {
    this._low = h("span");
    this._ramp = h("canvas", { "aria-hidden": "true" });
    this._high = h("span");
    this._missing = h("span", { class: "missing" }, h("i"), "no value");
    this._window = h("span", { class: "window" });
    this._buttons = h("span", { class: "zoom" }, ...buttons);
    this.element = h("div", { class: "heatmap-legend" }, this._low, this._ramp, this._high, this._missing, this._window, this._buttons);
  }

  /**
   * @param {Scene} scene
   * @param {import("./colours.js").Colours} colours
   * @param {boolean} missing whether there are cells without a value
   * @param {number} pixelRatio
   */
  draw(scene, colours, missing, pixelRatio) {
    const { scale } = colours;
    const values = Float32Array.from({ length: RAMP_WIDTH }, (_, index) => scale.inverse(index / (RAMP_WIDTH - 1)));
    const size = { width: RAMP_WIDTH, height: RAMP_HEIGHT, pixelRatio };
    paintCells(this._ramp, size, { values, lines: 1, columns: RAMP_WIDTH }, colours);
    this._low.textContent = scale.inverse(0) === 0 ? "0" : scene.quantity.format(scale.inverse(0));
    this._high.textContent = endWords(scene, scale);
    this._missing.hidden = !missing;
    this._window.textContent = scene.zoomable ? windowWords(scene) : "";
    this._buttons.hidden = !scene.zoomable;
  }
}

/**
 * What the upper end of the colours stands for: "1.979 nats or more", "40 % or less".
 *
 * @param {Scene} scene
 * @param {import("./colours.js").Scale} scale
 */
function endWords({ quantity }, scale) {
  const beyond = !scale.clipped ? "" : quantity.share ? "or less" : "or more";
  return [quantity.format(scale.inverse(1)), quantity.unit, beyond].filter(Boolean).join(" ");
}

/** @param {Scene} scene */
function windowWords({ order, grid: { first, end } }) {
  const all = count(order.length);
  return end - first === order.length ? `${all} classes` : `${count(first + 1)}–${count(end)} of ${all}`;
}
