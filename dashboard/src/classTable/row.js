/** One row of the table of classes. It is kept while others scroll past, and only what has changed is written. */

import { h } from "../dom.js";
import { named } from "../format.js";
import { glyph } from "../marks.js";
import { moveDots, redrawSparkline, sparkline } from "../sparkline.js";
import { cellText, trendOf } from "./cells.js";

/** @typedef {import("./cells.js").Moment} Moment */
/** @typedef {import("./columns.js").Column} Column */

const TREND = { width: 62, height: 24 };
const MARK_SIZE = 12;
/** Rows of data come after the header, and count from 1. */
const FIRST_ROW_INDEX = 2;

export class ClassRow {
  /** @param {Column[]} columns */
  constructor(columns) {
    this._columns = columns;
    this._name = h("span", { class: "name" });
    this._mark = h("span", { class: "mark" });
    this._trend = sparkline([], { ...TREND, colour: "currentColor", position: -1 });
    this._cells = columns.map(({ key }) => {
      if (key === "name") return h("td", { role: "rowheader" }, h("div", { class: "named" }, this._name, this._mark));
      return key === "trend" ? h("td", {}, this._trend) : h("td", {}, "");
    });
    this.element = h("tr", {}, ...this._cells);
    /** @type {number} row of the series that is shown */
    this.row = -1;
    /** @type {Moment["series"] | null} */
    this._series = null;
    this._split = "";
    this._values = new Float64Array();
    this._alert = "";
  }

  /**
   * @param {Moment} moment
   * @param {number} row of the series
   * @param {number} place in the page's order
   * @param {boolean} chosen
   */
  show(moment, row, place, chosen) {
    this._showTrend(moment, row);
    this.row = row;
    this._series = moment.series;
    this._split = moment.split;
    attribute(this.element, "aria-rowindex", String(place + FIRST_ROW_INDEX));
    attribute(this.element, "aria-selected", String(chosen));
    const name = named(moment.series.class_names[row]);
    write(this._name, name);
    attribute(this._name, "title", name);
    this._showAlert(moment);
    this._columns.forEach(({ key }, index) => {
      if (key === "name" || key === "trend") return;
      const { text, title, muted } = cellText(moment, row, key);
      const cell = this._cells[index];
      write(cell, text);
      attribute(cell, "title", title ?? "");
      attribute(cell, "class", muted ? "muted" : "");
    });
  }

  /**
   * @param {Moment} moment
   * @param {number} row
   */
  _showTrend(moment, row) {
    const same = this.row === row && this._series === moment.series && this._split === moment.split;
    if (!same) this._values = trendOf(moment, row);
    const options = { ...TREND, colour: `var(--${moment.split})`, position: moment.passes.indexOf(moment.position) };
    if (same) moveDots(this._trend, this._values, options);
    else redrawSparkline(this._trend, this._values, options);
  }

  /** @param {Moment} moment */
  _showAlert({ series, firing }) {
    const alert = firing.get(series.class_indices[this.row]);
    const words = alert ? `${alert.severity}: ${alert.rule} fires (${alert.split})` : "";
    if (words === this._alert) return;
    this._alert = words;
    this._mark.replaceChildren(...(alert ? [glyph(alert.severity, MARK_SIZE)] : []));
    attribute(this._mark, "title", words);
    attribute(this._mark, "aria-label", words);
    attribute(this._mark, "role", alert ? "img" : "");
  }
}

/**
 * @param {HTMLElement} element
 * @param {string} text
 */
function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/**
 * @param {HTMLElement} element
 * @param {string} name
 * @param {string} value empty for none
 */
function attribute(element, name, value) {
  if ((element.getAttribute(name) ?? "") === value) return;
  if (value) element.setAttribute(name, value);
  else element.removeAttribute(name);
}
