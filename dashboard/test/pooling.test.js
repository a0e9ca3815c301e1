import assert from "node:assert/strict";
import { test } from "node:test";
import { pool } from "../src/pooling.js";

const VALUES = [
  [1, NaN],
  [5, NaN],
  [2, 3],
  [0, 9],
  [7, NaN],
];
const valueOf = (position, row) => VALUES[row][position];

test("each line is the worst of its rows", () => {
  assert.deepEqual([...pool(valueOf, [0, 1, 2, 3], 0, 4, 2, 2, 1)], [5, NaN, 2, 9]);
  assert.deepEqual([...pool(valueOf, [0, 1, 2, 3], 0, 4, 2, 2, -1)], [1, NaN, 0, 3]);
});

test("every row is in some line, however they divide", () => {
  for (let rows = 1; rows <= 40; rows++) {
    for (let lines = 1; lines <= rows; lines++) {
      for (let hot = 0; hot < rows; hot++) {
        const all = Array.from({ length: rows }, (_, row) => row);
        const pooled = pool((_, row) => Number(row === hot), all, 0, rows, lines, 1, 1);
        assert.ok(pooled.includes(1), `${hot} of ${rows} rows on ${lines} lines`);
      }
    }
  }
});

test("infinity is the worst, and never hidden by a missing value", () => {
  const table = [[NaN], [Infinity], [1], [-Infinity]];
  const at = (/** @type {number} */ position, /** @type {number} */ row) => table[row][position];
  assert.deepEqual([...pool(at, [0, 1, 2, 3], 0, 4, 1, 1, 1)], [Infinity]);
  assert.deepEqual([...pool(at, [0, 1, 2, 3], 0, 4, 1, 1, -1)], [-Infinity]);
});

test("no epochs, no lines: nothing", () => {
  assert.equal(pool(valueOf, [0, 1], 0, 2, 2, 0, 1).length, 0);
  assert.equal(pool(valueOf, [], 0, 0, 0, 2, 1).length, 0);
});

test("only the window is drawn, in the order of the rows", () => {
  assert.deepEqual([...pool(valueOf, [4, 3, 2, 1, 0], 1, 3, 2, 1, 1)], [0, 2]);
});
