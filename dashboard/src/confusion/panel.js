/** The confusion matrix: canvas, names, what lies over it, and the hands that choose and zoom. */

import { h, s } from "../dom.js";
import { hideTip, showTip } from "../tip.js";
import { paletteOf } from "./colours.js";
import { draggedWindow, fieldOf, gridOf, isPooled, placeAt, placeOf, windowOf, zoomed } from "./grid.js";
import { matrixOf, worstOf } from "./matrix.js";
import { marginsOf, nameMatrix } from "./names.js";
import { MatrixOverlay } from "./overlay.js";
import { watchPointer } from "./pointer.js";
import { paintMatrix } from "./raster.js";
import { namesByIndex, pairWords } from "./words.js";

/** @typedef {import("../types.js").Store} Store */
/** @typedef {import("../types.js").Series} Series */
/** @typedef {import("../types.js").Confusion} Confusion */

/** Largest field of a whole matrix, and largest matrix, pixels. */
const LARGEST_FIELD = 38;
const LARGEST_SIDE = 640;
const LEAST_SIDE = 120;
/** With more classes than this there is something to zoom. */
const SURVEYED = 16;
const ZOOM = 0.5;

/** @type {Record<string, [number, number]>} lines and columns that a key moves by */
const MOVES = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };

/**
 * What is on the screen.
 * @typedef {Object} Shown
 * @property {import("./matrix.js").Matrix} matrix
 * @property {import("./grid.js").Grid} grid
 * @property {string[]} names by index of the class
 * @property {Series} series
 */

export class MatrixPanel {
  /** @param {Store} store */
  constructor(store) {
    this._store = store;
    this._canvas = h("canvas", { "aria-hidden": "true" });
    this._overlay = new MatrixOverlay();
    this._fields = h("div", { class: "matrix-fields", tabindex: 0, role: "application" }, this._canvas, this._overlay.element);
    this._names = s("svg", { class: "matrix-names", "aria-hidden": "true" });
    this._spoken = h("div", { class: "spoken", "aria-live": "polite" });
    this.element = h("div", { class: "matrix" }, this._names, this._fields, this._spoken);
    /** @type {Shown | null} */
    this.shown = null;
    /** @type {[number, number] | null} true and predicted class that the keys are on */
    this._cursor = null;
    this._watch();
  }

  /**
   * Paint the matrix of the state.
   *
   * @param {Confusion & {matrix: import("../types.js").Numbers}} confusion
   * @param {Series} series
   */
  draw(confusion, series) {
    const { cells, row, dark } = this._store.state;
    const pixelRatio = devicePixelRatio || 1;
    const matrix = this.shown?.matrix.counts === confusion.matrix ? this.shown.matrix : matrixOf(confusion.matrix);
    const names = this.shown?.series === series ? this.shown.names : namesByIndex(series);
    const margins = marginsOf(names);
    const side = Math.max(LEAST_SIDE, Math.min(LARGEST_SIDE, this.element.clientWidth - margins.left - margins.right));
    const largest = isZoomable(matrix.size) ? side : LARGEST_FIELD;
    const grid = gridOf(windowOf(cells, matrix.size), { side, largest, pixelRatio });
    const chosen = row === null ? null : series.class_indices[row];
    this.shown = { matrix, grid, names, series };

    paintMatrix(this._canvas, { matrix, grid, palette: paletteOf(dark), chosen, pixelRatio });
    this._names.replaceChildren(nameMatrix(names, grid, margins, chosen));
    this.element.style.height = `${margins.top + grid.height}px`;
    Object.assign(this._fields.style, {
      left: `${margins.left}px`,
      top: `${margins.top}px`,
      width: `${grid.width}px`,
      height: `${grid.height}px`,
    });
    this._overlay.choose(grid, chosen);
    this._overlay.point(null, null);
    this._overlay.drag(null, null);
    hideTip();
  }

  /** Outline the pair of the state. */
  follow() {
    if (this.shown) this._overlay.follow(this.shown.grid, this._store.state.pair);
  }

  /** @param {string} label for those who do not see the matrix */
  describe(label) {
    this._fields.setAttribute("aria-label", label);
  }

  /**
   * Show more or fewer classes: around the keys' place, else the followed pair or the chosen class, else the middle.
   * @param {number} factor above 1 for more
   */
  zoom(factor) {
    if (!this.shown || !isZoomable(this.shown.matrix.size)) return;
    const { pair, row } = this._store.state;
    const { grid, matrix, series } = this.shown;
    const { window } = grid;
    const chosen = row === null ? null : series.class_indices[row];
    /** @type {[number, number]} */
    const middle = [Math.floor((window[0] + window[1]) / 2), Math.floor((window[2] + window[3]) / 2)];
    const around = this._cursor ?? pair ?? (chosen === null ? middle : /** @type {[number, number]} */ ([chosen, chosen]));
    this._store.set({ cells: zoomed(window, matrix.size, factor, around) });
  }

  _watch() {
    watchPointer(this._fields, {
      point: (at, event) => this._point(at, event),
      leave: () => {
        this._overlay.point(null, null);
        this._overlay.drag(null, null);
        hideTip();
      },
      choose: (at, twice) => {
        if (!this.shown) return;
        if (twice && this._store.state.cells) return this._store.set({ cells: null });
        this._choose(this._pairAt(placeAt(this.shown.grid, at.x, at.y)));
      },
      drag: (from, to) => {
        if (this.shown && isZoomable(this.shown.matrix.size)) this._overlay.drag(from, to);
      },
      drop: (from, to) => {
        this._overlay.drag(null, null);
        if (!this.shown || !isZoomable(this.shown.matrix.size)) return;
        this._store.set({ cells: draggedWindow(this.shown.grid, this.shown.matrix.size, from, to) });
      },
    });
    this._fields.addEventListener("keydown", (event) => this._onKey(event));
    this._fields.addEventListener("blur", () => this._overlay.point(null, null));
  }

  /**
   * @param {{x: number, y: number}} at
   * @param {MouseEvent} event
   */
  _point(at, event) {
    if (!this.shown) return;
    const { grid, matrix, names } = this.shown;
    const place = placeAt(grid, at.x, at.y);
    this._overlay.point(grid, place);
    const { rows, columns } = fieldOf(grid, place.line, place.column);
    const shared = (rows[1] - rows[0]) * (columns[1] - columns[0]);
    const [title, counts] = pairWords(matrix, names, this._pairAt(place));
    showTip(event, title, counts, shared > 1 && `the worst of ${shared} pairs here`);
  }

  /**
   * @param {{line: number, column: number}} place
   * @returns {[number, number]} the pair that gives the place its colour
   */
  _pairAt({ line, column }) {
    const { grid, matrix } = /** @type {Shown} */ (this.shown);
    const { rows, columns } = fieldOf(grid, line, column);
    return worstOf(matrix, rows, columns);
  }

  /**
   * Follow a pair, or choose a class; again, neither.
   * @param {[number, number]} pair
   */
  _choose([truth, predicted]) {
    const { series } = /** @type {Shown} */ (this.shown);
    const { pair, row } = this._store.state;
    if (truth !== predicted) {
      const again = pair !== null && pair[0] === truth && pair[1] === predicted;
      return this._store.set({ pair: again ? null : [truth, predicted] });
    }
    const chosen = series.class_indices.indexOf(truth);
    if (chosen >= 0) this._store.set({ row: chosen === row ? null : chosen });
  }

  /** @param {KeyboardEvent} event */
  _onKey(event) {
    if (!this.shown || event.ctrlKey || event.metaKey || event.altKey) return;
    const { grid, matrix, names } = this.shown;
    const { key } = event;
    if (Object.hasOwn(MOVES, key)) {
      this._moveCursor(MOVES[key]);
      this._overlay.point(grid, placeOf(grid, .../** @type {[number, number]} */ (this._cursor)));
    } else if (key === "Enter" || key === " ") {
      if (this._cursor) this._choose(this._cursor);
    } else if (key === "+" || key === "-") this.zoom(key === "+" ? ZOOM : 1 / ZOOM);
    else return;
    event.preventDefault();
    event.stopPropagation(); // the arrows mean epochs to the page
    if (this._cursor) this._spoken.textContent = pairWords(matrix, names, this._cursor).join(": ");
  }

  /**
   * Move the keys' place by lines and columns; it begins at the followed pair, else in the first field in sight.
   * @param {[number, number]} by
   */
  _moveCursor([lines, columns]) {
    const { grid } = /** @type {Shown} */ (this.shown);
    const { pair } = this._store.state;
    const inSight = this._cursor && placeOf(grid, ...this._cursor);
    const start = inSight ?? (pair && placeOf(grid, ...pair));
    const line = start ? Math.max(0, Math.min(grid.lines - 1, start.line + lines)) : 0;
    const column = start ? Math.max(0, Math.min(grid.columns - 1, start.column + columns)) : 0;
    this._cursor = this._pairAt({ line, column });
  }
}

/**
 * Whether a matrix has so many classes that a part of it is worth a closer look.
 * @param {number} size
 */
export function isZoomable(size) {
  return size > SURVEYED;
}

/** @param {Shown} shown */
export function sharedWords({ grid }) {
  return isPooled(grid) ? "Several pairs share a dot, which shows the worst mistake of them." : "";
}
