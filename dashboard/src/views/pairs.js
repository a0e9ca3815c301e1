/** The most frequent mistakes: pairs of classes where there are many, labels where several can be right. */

import { historyOf, sharesOf } from "../confusion/followed.js";
import { worstLabels, wrongDecisions } from "../confusion/labels.js";
import { pairNames } from "../confusion/pairLine.js";
import { AT_MOST, mistakeTable } from "../confusion/pairTable.js";
import { h } from "../dom.js";
import { count, named, share, whole } from "../format.js";
import { classValue, passAt } from "../passes.js";

/** @typedef {import("../types.js").Confusion} Confusion */
/** @typedef {import("../types.js").Series} Series */
/** @typedef {import("../types.js").State} State */
/** @typedef {import("../types.js").Store} Store */

/** Up to so many classes the matrix says it all. */
const READABLE = 40;
/** Rows beside a matrix, and without one. */
const ROWS = { beside: 5, alone: 12 };

/**
 * @param {Store} store
 * @returns {import("../types.js").View}
 */
export function pairs(store) {
  const table = h("div");
  const note = h("p", { class: "muted chart-note" });
  const element = h("figure", { class: "pairs" }, table, note);

  function draw() {
    const { state } = store;
    const { series } = state;
    const pass = series ? passAt(series, state.split, state.position) : -1;
    const content = series && pass >= 0 ? contentOf(store, series, pass) : null;
    element.hidden = !content;
    if (!content) return;
    const focused = document.activeElement?.closest("tr")?.dataset.mistake;
    table.replaceChildren(...(content.table ? [content.table] : []));
    note.textContent = content.note;
    if (focused !== undefined) /** @type {HTMLElement | undefined} */ (rowOf(table, focused))?.focus({ preventScroll: true });
  }

  return { element, keys: ["series", "split", "position", "row", "pair", "confusion", "failures"], draw };
}

/**
 * @param {HTMLElement} table
 * @param {string} key
 */
function rowOf(table, key) {
  return [...table.querySelectorAll("tr")].find((row) => row.dataset.mistake === key);
}

/**
 * @param {Store} store
 * @param {Series} series
 * @param {number} pass
 * @returns {{table: HTMLElement | null, note: string} | null} null where there is nothing to add
 */
function contentOf(store, series, pass) {
  const { confusion, failures } = store.state;
  if (series.task === "multilabel") return labels(store, series, pass);
  if (!confusion || failures.confusion || (confusion.matrix && series.num_classes <= READABLE)) return null;
  return worstPairs(store, series, confusion);
}

/**
 * @param {Store} store
 * @param {Series} series
 * @param {Confusion} confusion
 */
function worstPairs(store, series, confusion) {
  const { row } = store.state;
  const listed = confusion.pairs.slice(0, confusion.matrix ? ROWS.beside : ROWS.alone);
  const rows = listed.map((pair, index) => {
    const truth = series.class_indices.indexOf(pair.true);
    return {
      key: `${pair.true},${pair.predicted}`,
      name: pairNames(pair.true_name, pair.predicted_name),
      title: `${pair.true_name} taken for ${pair.predicted_name}`,
      history: sharesOf(historyOf(confusion, index)),
      position: series.epochs.indexOf(confusion.epoch),
      wrong: pair.count,
      more: [`${confusion.exact ? "" : AT_MOST}${whole(pair.count / pair.support)}`],
      chosen: truth >= 0 && truth === row,
      choose: () => {
        if (truth >= 0) store.set({ row: truth === row ? null : truth });
      },
    };
  });
  const heads = ["true → predicted", "over epochs", "examples", "of class"];
  const label = `Most frequent mistakes, ${confusion.split} split, epoch ${confusion.epoch}`;
  const table = rows.length ? mistakeTable(heads, rows, { label, exact: confusion.exact }) : null;
  return { table, note: noteOf(confusion, series) };
}

/**
 * @param {Confusion} confusion
 * @param {Series} series
 */
function noteOf({ class: index, pairs: known, exact, mistakes, matrix }, { num_classes: classes, class_indices: indices, class_names: names }) {
  const whose = index === null ? "" : ` with "${names[indices.indexOf(index)] ?? index}", as truth or as prediction`;
  const all = index === null ? `${count(mistakes)} in all` : `${count(mistakes)} with all classes`;
  if (!mistakes) return "There is no mistake.";
  if (!known.length) return index === null ? "Which class is taken for which was not recorded." : `No mistake${whose} is known.`;
  const listed = `The most frequent mistakes${whose}; ${all}.`;
  const sketch = exact ? "" : " Counts are estimates that may be too high: at most so many.";
  return listed + sketch + (matrix ? "" : ` No matrix was kept of ${count(classes)} classes.`);
}

/**
 * @param {Store} store
 * @param {Series} series
 * @param {number} pass
 */
function labels(store, series, pass) {
  const { split, row, position } = store.state;
  const rows = worstLabels(series, split, pass, row, ROWS.alone).map((label) => ({
    key: String(label),
    name: [h("b", {}, named(series.class_names[label]))],
    title: series.class_names[label],
    history: series.epochs.map((_, at) => wrongDecisions(series, split, at, label)),
    position: pass,
    wrong: wrongDecisions(series, split, pass, label),
    more: [count(classValue(series, split, "support", pass, label)), share(classValue(series, split, "class_precision", pass, label))],
    chosen: label === row,
    choose: () => store.set({ row: label === row ? null : label }),
  }));
  const epoch = series.epochs[pass];
  const label = `Labels with most wrong decisions, ${split} split, epoch ${epoch}`;
  const earlier = pass === position ? "" : `Epoch ${epoch}: the last pass of the ${split} split up to epoch ${series.epochs[position]}. `;
  const heads = ["label", "over epochs", "wrong", "positives", "precision"];
  const table = rows.length ? mistakeTable(heads, rows, { label, exact: true }) : null;
  const note = rows.length ? "Labels with most wrong decisions: missed or named falsely." : "There is no wrong decision.";
  return { table, note: earlier + note };
}
