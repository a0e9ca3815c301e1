/**
 * What is fetched when: the state says what is chosen, and this sees to it that what belongs to it gets there.
 *
 * A slot of the state (`words`, `series`, ...) is filled for a key, the choice that it depends on. An answer that
 * arrives after another choice was made is dropped, so that a slow answer never replaces a newer one.
 */

import { passAt } from "./passes.js";

/** @typedef {import("./types.js").State} State */
/** @typedef {import("./types.js").RunEntry} RunEntry */
/** @typedef {import("./server.js").Server} Server */
/** @typedef {import("./address.js").Choice} Choice */

/** Milliseconds for which the epoch has to rest before what depends on it alone is fetched. */
const REST = 60;

/** Milliseconds between two looks for new epochs, where TensorBoard itself does not tell of them. */
const INTERVAL = 30_000;

/** Slots that hold something of the shown run alone. */
const OF_RUN = ["words", "confusion", "detail", "pairHistory"];

/** Name under which the summary of a run and output is kept. */
export const summaryKey = (/** @type {{run: string, output: string}} */ { run, output }) => `${run}\n${output}`;

export class Loading {
  /**
   * @param {import("./store.js").Store} store
   * @param {Server} server
   * @param {Partial<Choice>} wanted what to open first, where it is there
   */
  constructor(store, server, wanted) {
    this._store = store;
    this._server = server;
    this._wanted = wanted;
    /** @type {Map<string, string>} what each slot was filled for last */
    this._keys = new Map();
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this._resting = undefined;
    store.subscribe((changed) => this._follow(changed));
  }

  /** Begin, and look for new epochs from time to time. */
  async start() {
    setInterval(() => {
      if (!document.hidden) this.refresh();
    }, INTERVAL);
    await this.refresh();
  }

  /** Ask what runs there are, and fetch what has changed in the one that is shown. */
  async refresh() {
    await this._fill("list", String(performance.now()), () => this._server.list(), (list) => ({ list }));
    const { list, run, output, series, failures } = this._store.state;
    if (!list || failures.list) return;
    const listed = this._entry(run, output);
    // A TensorBoard that was started anew lists its runs one after the other: the shown one may come later.
    if (!listed && series) return;
    if (!list.runs.length) {
      this._store.set({ run: null, output: "", compared: [] });
      return;
    }
    const entry = listed ?? this._first(list.runs);
    if (entry.run !== run || entry.output !== output) {
      this._store.set({ run: entry.run, output: entry.output }); // `_follow` opens it.
      return;
    }
    await this._open(entry);
    await this._retry(entry);
    await this._summarise();
  }

  /**
   * Ask again for what failed, as while TensorBoard did not answer.
   * @param {RunEntry} entry
   */
  async _retry(entry) {
    const { failures } = this._store.state;
    await Promise.all([
      (failures.words || failures.confusion) && this._describeEpoch(),
      failures.detail && this._describeClass(entry),
      failures.pairHistory && this._followPair(entry),
    ]);
  }

  /**
   * @param {string | null} run
   * @param {string} output
   */
  _entry(run, output) {
    return this._store.state.list?.runs.find((entry) => entry.run === run && entry.output === output);
  }

  /** @param {RunEntry[]} runs */
  _first(runs) {
    const { run, output } = this._wanted;
    return runs.find((entry) => entry.run === run && entry.output === (output ?? "")) ?? runs.find((entry) => entry.run === run) ?? runs[0];
  }

  /** @param {ReadonlySet<keyof State>} changed */
  _follow(changed) {
    const has = (/** @type {(keyof State)[]} */ ...keys) => keys.some((key) => changed.has(key));
    const { state } = this._store;
    // An answer for the run before, still on its way, must not come to stand beside the new one.
    if (has("run", "output")) this._forget(...OF_RUN);
    const entry = this._entry(state.run, state.output);
    if (!entry) return;
    if (has("run", "output")) this._open(entry).then(() => this._summarise());
    if (has("compared", "series", "list", "output")) this._compare();
    if (!state.series) return;
    if (has("row", "series")) this._describeClass(entry);
    if (has("pair", "split", "series")) this._followPair(entry);
    if (has("position", "split", "row", "series")) {
      clearTimeout(this._resting);
      this._resting = setTimeout(() => this._describeEpoch(), has("series") ? 0 : REST);
    }
  }

  /**
   * The series and the alerts of a run, at once.
   * @param {RunEntry} entry
   */
  async _open(entry) {
    const { series } = this._store.state;
    if (series && series.run === entry.run && series.output === entry.output && series.stamp === entry.stamp) return;
    const both = () => Promise.all([this._server.series(entry), this._server.alerts(entry)]);
    await this._fill("series", keyOf(entry), both, ([fetched, alerts]) => ({ series: fetched, alerts }));
    this._choose();
  }

  /** Choose what was wanted from the beginning, in the first run that is opened: of another run only what suits any. */
  _choose() {
    const { series } = this._store.state;
    if (!series) return;
    const { run = series.run, split, quantity, ...within } = this._wanted;
    this._wanted = {};
    const { epoch, className, compared } = run === series.run ? within : /** @type {Partial<Choice>} */ ({});
    const row = className === undefined ? -1 : series.class_names.indexOf(className);
    const position = epoch === undefined ? -1 : series.epochs.indexOf(epoch);
    this._store.set({
      ...(split !== undefined && series.splits.includes(split) && { split }),
      ...(quantity !== undefined && { quantity }),
      ...(position >= 0 && { position, settled: position }),
      ...(row >= 0 && { row }),
      ...(compared?.length && { compared: compared.filter((run) => run !== series.run && this._entry(run, series.output)) }),
    });
  }

  async _compare() {
    const { compared, output } = this._store.state;
    const entries = compared.flatMap((run) => this._entry(run, output) ?? []);
    const all = () => Promise.all(entries.map((entry) => this._server.series(entry)));
    const key = entries.map(keyOf).join("\n");
    if (key !== this._keys.get("others")) await this._fill("others", key, all, (others) => ({ others }));
  }

  /** What an epoch says, and its confusions. */
  async _describeEpoch() {
    const { series, split, position, row, run, output } = this._store.state;
    const entry = this._entry(run, output);
    if (!entry || !series || series.run !== run || series.output !== output) return;
    const pass = passAt(series, split, position);
    if (pass < 0) {
      this._forget("words", "confusion");
      this._store.set({ words: null, confusion: null });
      return;
    }
    const epoch = series.epochs[pass];
    const index = row === null ? null : series.class_indices[row];
    const key = JSON.stringify([keyOf(entry), split, epoch, index]);
    await Promise.all([
      this._fill("words", key, () => this._server.words(entry, split, epoch, index), (words) => ({ words })),
      series.task === "multilabel"
        ? this._store.set({ confusion: null })
        : this._fill("confusion", key, () => this._server.confusion(entry, split, epoch, index), (confusion) => ({ confusion })),
    ]);
  }

  /** @param {RunEntry} entry */
  async _describeClass(entry) {
    const { series, row } = this._store.state;
    if (!series) return;
    if (row === null) {
      this._forget("detail");
      return;
    }
    const index = series.class_indices[row];
    const key = JSON.stringify([keyOf(entry), index]);
    await this._fill("detail", key, () => this._server.detail(entry, index), (detail) => ({ detail }));
  }

  /** @param {RunEntry} entry */
  async _followPair(entry) {
    const { pair, split } = this._store.state;
    if (!pair) {
      this._forget("pairHistory");
      this._store.set({ pairHistory: null });
      return;
    }
    const key = JSON.stringify([keyOf(entry), split, pair]);
    await this._fill("pairHistory", key, () => this._server.pair(entry, split, pair), (pairHistory) => ({ pairHistory }));
  }

  /**
   * The summaries that are missing, or of an earlier epoch, one after the other, so that the server has time for the shown run.
   * Those of its neighbours in the list come first: they are in sight.
   */
  async _summarise() {
    const { list, run, output } = this._store.state;
    const runs = list?.runs ?? [];
    const shown = runs.findIndex((entry) => entry.run === run && entry.output === output);
    const distance = new Map(runs.map((entry, index) => [entry, Math.abs(index - shown)]));
    const nearest = [...distance].sort(([, a], [, b]) => a - b).map(([entry]) => entry);
    for (const entry of nearest) {
      const key = keyOf(entry);
      const slot = `summary ${summaryKey(entry)}`;
      if (this._keys.get(slot) === key) continue;
      await this._fill(slot, key, () => this._server.summary(entry), (summary) => ({
        summaries: { ...this._store.state.summaries, [summaryKey(entry)]: summary },
      }));
    }
  }

  /**
   * What is on its way for these slots comes too late, and that it failed is of no interest any more.
   * @param {...string} slots
   */
  _forget(...slots) {
    for (const slot of slots) this._keys.delete(slot);
    const { failures } = this._store.state;
    const left = Object.fromEntries(Object.entries(failures).filter(([slot]) => !slots.includes(slot)));
    if (Object.keys(left).length < Object.keys(failures).length) this._store.set({ failures: left });
  }

  /**
   * Fill a slot, unless another choice is made meanwhile.
   * @template T
   * @param {string} slot
   * @param {string} key the choice that the answer belongs to
   * @param {() => Promise<T>} ask
   * @param {(answer: T) => Partial<State>} toPatch
   */
  async _fill(slot, key, ask, toPatch) {
    // What failed for the choice before says nothing about this one.
    if (OF_RUN.includes(slot)) this._forget(slot);
    this._keys.set(slot, key);
    /** @type {Partial<State>} */
    let patch;
    try {
      patch = toPatch(await ask());
    } catch (error) {
      if (this._keys.get(slot) !== key) return;
      this._keys.delete(slot);
      this._store.set({ failures: { ...this._store.state.failures, [slot]: error instanceof Error ? error.message : String(error) } });
      return;
    }
    if (this._keys.get(slot) !== key) return;
    const { [slot]: mended, ...failures } = this._store.state.failures;
    this._store.set(mended === undefined ? patch : { ...patch, failures });
  }
}

/** @param {RunEntry} entry */
function keyOf(entry) {
  return JSON.stringify([entry.run, entry.output, entry.stamp]);
}
