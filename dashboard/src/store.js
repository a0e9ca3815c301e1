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
   */
  constructor(consequences = () => ({})) {
    /** @type {State} */
    this.state = { ...INITIAL };
    this._consequences = consequences;
    /** @type {View[]} */
    this._views = [];
    /** @type {((changed: ReadonlySet<keyof State>) => void)[]} */
    this._listeners = [];
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

  /**
   * Change the state, and draw what depends on it. What is set to what it was does not count as changed.
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
    for (const view of this._views) if (view.keys.some((key) => changed.has(key))) view.draw(changed);
    for (const listener of this._listeners) listener(changed);
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
