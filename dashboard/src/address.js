/**
 * Where the page was when it was left. TensorBoard gives a frame no address of its own, so the browser remembers; an address
 * after `#`, as of a page outside TensorBoard, comes first: `#run=digits&class=eight&epoch=12&theme=dark&compare=other`.
 */

/** @typedef {import("./types.js").State} State */
/** @typedef {import("./types.js").Split} Split */

/**
 * @typedef {Object} Choice
 * @property {string} run
 * @property {string} output
 * @property {string} className
 * @property {number} epoch left out where the last one was shown
 * @property {Split} split
 * @property {string} quantity class quantity of the heatmap
 * @property {string[]} compared
 * @property {boolean} dark left out where it is that of TensorBoard
 */

/** The storage is shared by all pages of the server, and by all log directories that it ever showed. */
const KEY = `xent_monitor:${location.pathname}`;

/**
 * @param {string} [hash] of the address
 * @returns {Partial<Choice>} what is known; nothing where the storage is closed, or holds something else
 */
export function remembered(hash = location.hash) {
  const stored = fromStorage();
  const given = fromHash(hash);
  if (given.run === undefined || given.run === stored.run) return { ...stored, ...given };
  // What was chosen within a run says nothing about another one.
  const { split, quantity, dark } = stored;
  return { split, quantity, dark, ...given };
}

/** @param {Partial<Choice>} choice */
export function remember(choice) {
  try {
    localStorage.setItem(KEY, JSON.stringify(choice));
  } catch {
    // Private windows may have no storage: the page then opens as for the first time.
  }
}

/**
 * @param {State} state
 * @param {boolean | undefined} dark where the user has chosen it
 * @returns {Partial<Choice>}
 */
export function choiceOf({ run, output, series, row, position, split, quantity, compared }, dark) {
  return {
    ...(run !== null && { run, output }),
    ...(series && row !== null && { className: series.class_names[row] }),
    ...(series && position < series.epochs.length - 1 && { epoch: series.epochs[position] }),
    split,
    quantity,
    compared,
    ...(dark !== undefined && { dark }),
  };
}

/** @returns {Partial<Choice>} */
function fromStorage() {
  try {
    const stored = JSON.parse(localStorage.getItem(KEY) ?? "{}");
    return typeof stored === "object" && stored !== null && !Array.isArray(stored) ? checked(stored) : {};
  } catch {
    return {};
  }
}

/**
 * @param {string} hash
 * @returns {Partial<Choice>}
 */
function fromHash(hash) {
  const given = new URLSearchParams(hash.replace(/^#/, ""));
  const text = (/** @type {string} */ name) => given.get(name) ?? undefined;
  return checked({
    run: text("run"),
    output: text("output"),
    className: text("class"),
    epoch: given.has("epoch") ? Number(given.get("epoch")) : undefined,
    split: text("split"),
    quantity: text("quantity"),
    compared: given.has("compare") ? given.getAll("compare") : undefined,
    dark: given.has("theme") ? given.get("theme") === "dark" : undefined,
  });
}

/** What each part of a choice must be. @type {Record<keyof Choice, (value: any) => boolean>} */
const CHECKS = {
  run: (value) => typeof value === "string",
  output: (value) => typeof value === "string",
  className: (value) => typeof value === "string",
  epoch: Number.isInteger,
  split: (value) => ["train", "validation", "test"].includes(value),
  quantity: (value) => typeof value === "string",
  compared: (value) => Array.isArray(value) && value.every((run) => typeof run === "string"),
  dark: (value) => typeof value === "boolean",
};

/**
 * @param {Record<string, unknown>} values
 * @returns {Partial<Choice>} those that are what they must be
 */
function checked(values) {
  const kept = Object.entries(values).filter(([name, value]) => name in CHECKS && CHECKS[/** @type {keyof Choice} */ (name)](value));
  return Object.fromEntries(kept);
}
