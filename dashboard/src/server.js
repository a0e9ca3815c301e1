/** The one place that talks to the server. Addresses are relative, so that any path before them does no harm. */

import { bySplit, decode } from "./wire.js";

/** @typedef {import("./types.js").RunEntry} RunEntry */
/** @typedef {import("./types.js").Split} Split */

/** Addresses of one route whose answers are kept: series are large, and the others small. */
const KEPT = { series: 8, others: 100 };

/** The server could not answer, or not be reached. */
export class ServerError extends Error {
  /**
   * @param {number} status of HTTP; 0 where there was no answer
   * @param {string} message one line, for people
   */
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

export class Server {
  /** @param {typeof globalThis.fetch} [fetch] */
  constructor(fetch = globalThis.fetch.bind(globalThis)) {
    this._fetch = fetch;
    /** @type {Map<string, Map<string, {stamp: string, answer: Promise<any>}>>} by route and address, those unasked for longest in front */
    this._kept = new Map();
  }

  /**
   * The runs and outputs there are, always asked anew.
   * @returns {Promise<import("./types.js").RunList>}
   */
  async list() {
    return (await this._ask("runs", {})).json();
  }

  /**
   * @param {RunEntry} entry
   * @returns {Promise<import("./types.js").Summary>}
   */
  summary(entry) {
    return this._json("summary", entry, {});
  }

  /**
   * @param {RunEntry} entry
   * @returns {Promise<import("./types.js").Series>}
   */
  series(entry) {
    return this._arrays("series", entry, {}, (header, arrays) => ({ ...header, arrays: bySplit(arrays) }));
  }

  /**
   * @param {RunEntry} entry
   * @param {number} index of the class
   * @returns {Promise<import("./types.js").ClassDetail>}
   */
  detail(entry, index) {
    return this._arrays("class", entry, { class: index }, (header, arrays) => ({ ...header, arrays: bySplit(arrays) }));
  }

  /**
   * @param {RunEntry} entry
   * @param {Split} split
   * @param {number} epoch
   * @param {number | null} index of the class whose pairs are wanted
   * @returns {Promise<import("./types.js").Confusion>}
   */
  confusion(entry, split, epoch, index) {
    return this._arrays("confusion", entry, { split, epoch, class: index }, (header, arrays) => ({ ...header, split, class: index, ...arrays }));
  }

  /**
   * @param {RunEntry} entry
   * @param {Split} split
   * @param {[number, number]} pair true and predicted class
   * @returns {Promise<import("./types.js").PairHistory>}
   */
  async pair(entry, split, [truth, predicted]) {
    return { ...(await this._json("pair", entry, { split, true: truth, predicted })), split };
  }

  /**
   * @param {RunEntry} entry
   * @param {Split} split
   * @param {number} epoch
   * @param {number | null} index of the class that the answers speak of
   * @returns {Promise<import("./types.js").Words>}
   */
  words(entry, split, epoch, index) {
    return this._json("words", entry, { split, epoch, class: index });
  }

  /**
   * @param {RunEntry} entry
   * @returns {Promise<import("./types.js").Alerts>}
   */
  alerts(entry) {
    return this._json("alerts", entry, {});
  }

  /**
   * @param {string} route
   * @param {RunEntry} entry
   * @param {Record<string, string | number | null>} parameters
   */
  _json(route, entry, parameters) {
    return this._keep(route, entry, parameters, (response) => response.json());
  }

  /**
   * @template T
   * @param {string} route
   * @param {RunEntry} entry
   * @param {Record<string, string | number | null>} parameters
   * @param {(header: any, arrays: Record<string, import("./types.js").Numbers>) => T} shape
   * @returns {Promise<T>}
   */
  _arrays(route, entry, parameters, shape) {
    return this._keep(route, entry, parameters, async (response) => {
      const { header, arrays } = decode(await response.arrayBuffer());
      return shape(header, arrays);
    });
  }

  /**
   * The answer, from before where the run has not changed since; what was right before a change is kept no longer.
   * @template T
   * @param {string} route
   * @param {RunEntry} entry
   * @param {Record<string, string | number | null>} parameters
   * @param {(response: Response) => Promise<T>} read
   * @returns {Promise<T>}
   */
  _keep(route, entry, parameters, read) {
    const kept = this._kept.get(route) ?? new Map();
    this._kept.set(route, kept);
    const all = { run: entry.run, output: entry.output, ...parameters };
    const address = JSON.stringify(all);
    const known = kept.get(address);
    const { stamp } = entry;
    const found = known?.stamp === stamp ? known : { stamp, answer: this._ask(route, all).then(read) };
    kept.delete(address);
    kept.set(address, found);
    found.answer.catch(() => {
      if (kept.get(address) === found) kept.delete(address);
    });
    const [oldest] = kept.keys();
    if (kept.size > (route === "series" ? KEPT.series : KEPT.others)) kept.delete(oldest);
    return found.answer;
  }

  /**
   * @param {string} route
   * @param {Record<string, string | number | null>} parameters null ones are left out
   */
  async _ask(route, parameters) {
    const given = Object.entries(parameters).filter(([, value]) => value !== null);
    const query = new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString();
    /** @type {Response} */
    let response;
    try {
      response = await this._fetch(`./${route}${query && "?"}${query}`);
    } catch {
      throw new ServerError(0, "TensorBoard does not answer. Is it still running?");
    }
    if (!response.ok) throw new ServerError(response.status, (await response.text()).trim() || response.statusText);
    return response;
  }
}
