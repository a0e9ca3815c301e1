/**
 * The shapes that travel through the page. Types only: nothing runs here.
 *
 * Names of fields that come from the server are those of `docs/reference/http-api.md`.
 *
 * @typedef {"train" | "validation" | "test"} Split
 * @typedef {"multiclass" | "binary" | "multilabel"} Task
 * @typedef {"info" | "warning" | "critical"} Severity
 * @typedef {"healthy" | "info" | "warning" | "critical" | "unknown"} Health
 * @typedef {Float64Array | Float32Array} Numbers
 */

/**
 * One run and output of the list.
 * @typedef {Object} RunEntry
 * @property {string} run
 * @property {string} output
 * @property {Task} task
 * @property {number} num_classes
 * @property {Split[]} splits the one to look at first in front
 * @property {number} last_epoch
 * @property {string} stamp
 */

/**
 * @typedef {Object} RunList
 * @property {RunEntry[]} runs
 * @property {{run: string, message: string}[]} problems
 */

/**
 * The last epoch of a run.
 * @typedef {Object} Summary
 * @property {string} run
 * @property {string} output
 * @property {Split} split
 * @property {number} epoch
 * @property {Health} state
 * @property {string} headline
 * @property {number | null} cross_entropy
 * @property {number | null} train_cross_entropy
 * @property {number | null} tempered_cross_entropy
 * @property {number | null} accuracy
 * @property {number | null} skill
 * @property {number | null} prior_entropy
 * @property {number | null} uniform_cross_entropy
 */

/**
 * Arrays of one split, by name without the split. E epochs, R classes, B bins; NaN where there was no pass.
 * `get(name)` of (E,), (E, R), (E, 2, B) or (E, B, 5), as the HTTP interface says.
 * @typedef {Record<string, Numbers>} SplitArrays
 */

/**
 * Everything of one run and output by epoch.
 * @typedef {Object} Series
 * @property {string} run
 * @property {string} output
 * @property {Task} task
 * @property {number} num_classes
 * @property {number} num_bins
 * @property {number[]} epochs numbers of the epochs; everything else counts positions in this list
 * @property {string} stamp
 * @property {number[]} class_indices
 * @property {string[]} class_names names of the rows, R of them
 * @property {Split[]} splits
 * @property {{best: number, first: number, last: number}[]} divergences
 * @property {number} noise
 * @property {Partial<Record<Split, SplitArrays>>} arrays
 */

/**
 * Histograms of one class by epoch; by split, and then by name.
 * @typedef {Object} ClassDetail
 * @property {number} class
 * @property {string} class_name
 * @property {number[]} epochs
 * @property {Partial<Record<Split, SplitArrays>>} arrays
 */

/**
 * @typedef {Object} Pair
 * @property {number} true
 * @property {number} predicted
 * @property {string} true_name
 * @property {string} predicted_name
 * @property {number} count
 * @property {number} support
 */

/**
 * @typedef {Object} Confusion
 * @property {number} epoch
 * @property {Split} split
 * @property {number | null} class index of the class that all pairs are about
 * @property {boolean} exact
 * @property {number} mistakes
 * @property {Pair[]} pairs
 * @property {Numbers} [matrix] (K, K), rows true
 * @property {Numbers} history (pairs, E)
 * @property {Numbers} support (pairs, E)
 */

/**
 * @typedef {Object} PairHistory
 * @property {Split} split
 * @property {number} true
 * @property {number} predicted
 * @property {string} true_name
 * @property {string} predicted_name
 * @property {boolean} exact
 * @property {number[]} epochs
 * @property {(number | null)[]} counts
 * @property {(number | null)[]} support
 */

/**
 * @typedef {Object} Words
 * @property {number} epoch
 * @property {Split} split
 * @property {number | null} class
 * @property {string} headline
 * @property {string} reading
 * @property {string} story
 * @property {string} classes
 * @property {string} confidences
 * @property {string} mistakes
 */

/**
 * @typedef {Object} AlertInstance
 * @property {string} rule
 * @property {Severity} severity
 * @property {Split} split
 * @property {number | null} class index of the class
 * @property {string | null} class_name
 * @property {{state: "pending" | "firing", first: number, last: number}[]} spans by number of epoch
 * @property {{state: "firing" | "resolved", epoch: number, message: string, value: number | null, threshold: number | null}[]} events
 */

/**
 * @typedef {Object} Alerts
 * @property {boolean} recorded
 * @property {{name: string, severity: Severity}[]} rules
 * @property {AlertInstance[]} instances
 * @property {Record<string, number>} more
 */

/**
 * What is chosen on the page, and what has been fetched for it. The only state there is; see `store.js`.
 *
 * Chosen:
 * @typedef {Object} State
 * @property {string | null} run
 * @property {string} output
 * @property {string[]} compared runs beside the chosen one, of the same output
 * @property {number} position index in `series.epochs` of the chosen epoch
 * @property {number} settled position that the order of the classes follows: moves when the slider is let go
 * @property {number | null} row index in `series.class_names` of the chosen class
 * @property {Split} split
 * @property {string} quantity class quantity that the heatmap shows
 * @property {{key: string, direction: 1 | -1}} sort
 * @property {string} filter
 * @property {"all" | number} show how many of the worst classes
 * @property {[number, number] | null} rows window of the heatmap: first row and the one after the last; null for all
 * @property {string | null} against run, or `OTHER_SPLIT` of `comparison/sides.js`, that the classes are set against; null: the first that has classes in common
 * @property {{key: string, direction: 1 | -1}} differenceSort order of the table of differences
 * @property {string | null} alert chosen alert: see `alertKey` in `alerts.js`
 * @property {[number, number] | null} pair true and predicted class (indices of classes) that are followed
 * @property {[number, number, number, number] | null} cells window of the confusion matrix: first true class and the one after the last, then predicted classes; null for all
 * @property {string[]} expanded rules whose alerts are shown one by one
 * @property {"class" | "all"} scope whether the views of confidence show the chosen class
 * @property {"root" | "linear"} countScale
 * @property {boolean} dark
 * @property {number} size grows by one when the page has another width
 *
 * Fetched:
 * @property {RunList | null} list
 * @property {Record<string, Summary>} summaries by run, a line break and output
 * @property {Series | null} series
 * @property {Series[]} others series of the runs compared with, in their order
 * @property {Words | null} words
 * @property {Alerts | null} alerts
 * @property {ClassDetail | null} detail of the chosen class
 * @property {Confusion | null} confusion
 * @property {PairHistory | null} pairHistory
 * @property {Record<string, string>} failures what could not be fetched, with the reason, by name of the route
 */

/**
 * A part of the page. `draw` makes the element say what the state is; it is called when one of `keys` has changed.
 * @typedef {Object} View
 * @property {HTMLElement} element
 * @property {(keyof State)[]} keys
 * @property {(changed: ReadonlySet<keyof State>) => void} draw
 */

/** @typedef {import("./store.js").Store} Store */

export {};
