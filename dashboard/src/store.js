/**
 * The one state of the page, and who is told of its changes.
 *
 * Nothing else remembers anything: views draw from `store.state` alone, and change it by `store.set` alone. What
 * follows from a change (another run has another last epoch, a filter shows all rows again) is decided in `consequences.js`,
 * so that it holds whoever made the change.
 */

/** @typedef {import("./types.js").State} State */
/** @typedef {import("./types.js").View} View */

/** @type {State} */
export const INITIAL = {
  run: null,
  output: "",
  compared: [],
  position: 0,
  settled: 0,
  row: null,
  split: "validation",
  quantity: "class_cross_entropy",
  sort: { key: "worst", direction: 1 },
  filter: "",
  show: "all",
  rows: null,
  against: null,
  differenceSort: { key: "errors", direction: -1 },
  alert: null,
  pair: null,
  cells: null,
  expanded: [],
  scope: "class",
  countScale: "root",
  dark: false,
  size: 0,
  list: null,
  summaries: {},
  series: null,
  others: [],
  words: null,
  alerts: null,
  detail: null,
  confusion: null,
  pairHistory: null,
  failures: {},
};

export class Store {
  /**
   * @param {(state: State, changed: ReadonlySet<keyof State>, before: State) => Partial<State>} [consequences] what follows
   *   from a change
   * @param {Object} [drawing]
   * @param {(element: HTMLElement) => boolean} [drawing.inSight] whether a view has to be drawn at once
   * @param {(task: () => void) => void} [drawing.later] runs a task once what is in sight has been shown
   */
  constructor(consequences = () => ({}), { inSight = () => true, later = (task) => void setTimeout(task) } = {}) {
    /** @type {State} */
    this.state = { ...INITIAL };
    this._consequences = consequences;
    /** @type {View[]} */
    this._views = [];
    /** @type {((changed: ReadonlySet<keyof State>) => void)[]} */
    this._listeners = [];
    this._inSight = inSight;
    this._later = later;
    /** @type {Map<View, Set<keyof State>>} views that are still to be drawn, with what has changed for them */
    this._waiting = new Map();
    this._scheduled = false;
  }

  /**
   * Draw a view now, and whenever one of its keys changes.
   * @param {View} view
   */
  add(view) {
    this._views.push(view);
    view.draw(new Set(view.keys));
    return view.element;
  }

  /**
   * Call a function after the views, whatever has changed.
   * @param {(changed: ReadonlySet<keyof State>) => void} listener
   */
  subscribe(listener) {
    this._listeners.push(listener);
  }

  /** Draw what is still to be drawn. */
  drawAll() {
    while (this._waiting.size) this._drawNext();
  }

  /**
   * Change the state, and draw what depends on it: what is in sight at once, the rest one by one after it. What is set to
   * what it was does not count as changed.
   * @param {Partial<State>} patch
   */
  set(patch) {
    /** @type {Set<keyof State>} */
    const changed = new Set();
    const earlier = this.state;
    this._apply(patch, changed);
    if (!changed.size) return;
    // Consequences may have consequences, but a state that does not settle is a fault.
    for (let round = 0; ; round++) {
      const before = changed.size;
      if (!this._apply(this._consequences(this.state, changed, earlier), changed)) break;
      if (round > 10) throw new Error(`The state does not settle; changed: ${[...changed].slice(before).join(", ")}.`);
    }
    this._draw(changed);
    for (const listener of this._listeners) listener(changed);
  }

  /** @param {ReadonlySet<keyof State>} changed */
  _draw(changed) {
    const concerned = this._views.filter((view) => view.keys.some((key) => changed.has(key)));
    for (const view of concerned) this._waiting.set(view, new Set([...(this._waiting.get(view) ?? []), ...changed]));
    // All are asked before any is drawn: between two drawings the answer would cost a layout.
    const now = concerned.filter((view) => this._inSight(view.element));
    for (const view of now) this._drawOne(view);
    this._schedule();
  }

  /** @param {View} view */
  _drawOne(view) {
    const changed = this._waiting.get(view);
    this._waiting.delete(view);
    if (changed) view.draw(changed);
  }

  _drawNext() {
    const [view] = this._waiting.keys();
    if (view) this._drawOne(view);
  }

  _schedule() {
    if (this._scheduled || !this._waiting.size) return;
    this._scheduled = true;
    this._later(() => {
      this._scheduled = false;
      this._drawNext();
      this._schedule();
    });
  }

  /**
   * @param {Partial<State>} patch
   * @param {Set<keyof State>} changed
   */
  _apply(patch, changed) {
    const keys = /** @type {(keyof State)[]} */ (Object.keys(patch)).filter((key) => !same(this.state[key], patch[key]));
    if (keys.length) this.state = { ...this.state, ...patch };
    for (const key of keys) changed.add(key);
    return keys.length > 0;
  }
}

/**
 * Whether two values of the state are the same: by identity, or for small lists and records of plain values by content.
 * @param {any} a
 * @param {any} b
 * @returns {boolean}
 */
function same(a, b) {
  if (Object.is(a, b)) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  const keys = Object.keys(a);
  return keys.length <= 8 && keys.length === Object.keys(b).length && keys.every((key) => Object.is(a[key], b[key]));
}
