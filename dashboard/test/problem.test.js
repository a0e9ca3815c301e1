import assert from "node:assert/strict";
import { test } from "node:test";
import { INITIAL } from "../src/store.js";
import { problems } from "../src/views/problem.js";
import { smallSeries } from "./series.js";

/** @param {Record<string, any>} changes */
const said = (changes) => problems(/** @type {any} */ ({ ...INITIAL, ...changes }));
const ENTRY = { run: "digits", output: "" };

test("nothing is said where nothing is wrong", () => {
  assert.deepEqual(said({}), []);
  assert.deepEqual(said({ run: "digits", series: smallSeries(), list: { runs: [ENTRY], problems: [] } }), []);
});

test("one reason is said once, with all that failed for it", () => {
  const down = "TensorBoard does not answer. Is it still running?";
  const summaries = Object.fromEntries(["a", "b", "c", "d"].map((run) => [`summary ${run}\n`, down]));
  assert.deepEqual(said({ failures: { list: down, words: down, ...summaries } }), [`The list of runs, the reading and the summaries of 4 runs could not be fetched: ${down}`]);
  assert.deepEqual(said({ failures: { "summary a\n": "No.", "summary b\nkind": "No." } }), ["The summaries of a and b, output kind could not be fetched: No."]);
  assert.deepEqual(said({ failures: { "summary a\n": "No.", detail: "Gone." } }), ["The summary of a could not be fetched: No.", "The chosen class could not be fetched: Gone."]);
});

test("of a run that cannot be fetched, the summary is not mentioned too", () => {
  assert.deepEqual(said({ failures: { series: "Two models.", "summary digits\n": "Two models." } }), ["The run could not be fetched: Two models."]);
});

test("runs that cannot be read, a run that is gone, and a picture that failed", () => {
  const list = { runs: [], problems: [{ run: "old", message: "Written in format 9." }] };
  assert.deepEqual(said({ list, run: "digits", series: smallSeries(), failures: { picture: "Too large." } }), [
    "Run old cannot be shown: Written in format 9.",
    "Run digits is not in the log directory, or not read yet: what is shown is what was there before.",
    "The picture could not be made: Too large.",
  ]);
});
