import assert from "node:assert/strict";
import { test } from "node:test";

import { cellAt, draggedWindow, gridOf, poolColumns, worstOf } from "../src/heatmap/cells.js";
import { share } from "../src/pooling.js";

const GRID = gridOf({ width: 400, height: 300, first: 10, end: 40, passes: 40, pixelRatio: 1 });

test("a grid has no more lines and columns than the screen has pixels", () => {
  const extent = { width: 100, height: 50, first: 0, end: 1000, passes: 2000, pixelRatio: 2 };
  const { lines, columns } = gridOf(extent);
  assert.deepEqual([lines, columns], [100, 200]);
  assert.equal(gridOf({ ...extent, end: 7 }).lines, 7);
  assert.equal(gridOf({ ...extent, width: 0.2 }).columns, 1);
});

test("shares cover everything and are never empty", () => {
  for (const [parts, count] of [[1, 1], [7, 7], [450, 1000], [449, 450], [3, 10]]) {
    const seen = new Set();
    for (let index = 0; index < parts; index++) {
      const [from, to] = share(index, parts, count);
      assert.ok(from < to && to <= count, `${index} of ${parts} of ${count}: ${from} to ${to}`);
      for (let thing = from; thing < to; thing++) seen.add(thing);
    }
    assert.equal(seen.size, count);
  }
});

test("as many parts as things share nothing", () => {
  for (let index = 0; index < 997; index++) assert.deepEqual(share(index, 997, 997), [index, index + 1]);
});

test("a point falls into the cell that is drawn there", () => {
  assert.deepEqual(cellAt(GRID, 0, 0), { line: 0, column: 0, rows: [10, 11], passes: [0, 1] });
  assert.deepEqual(cellAt(GRID, 399.9, 299.9), { line: 29, column: 39, rows: [39, 40], passes: [39, 40] });
  assert.deepEqual(cellAt(GRID, 25, 15), { line: 1, column: 2, rows: [11, 12], passes: [2, 3] });
});

test("a point outside falls into the nearest cell", () => {
  assert.deepEqual(cellAt(GRID, -5, 1e4), { line: 29, column: 0, rows: [39, 40], passes: [0, 1] });
});

test("a cell of a pooled grid names all that share it", () => {
  const pooled = gridOf({ width: 10, height: 4, first: 0, end: 8, passes: 20, pixelRatio: 1 });
  assert.deepEqual(cellAt(pooled, 9.5, 1.5), { line: 1, column: 9, rows: [2, 4], passes: [18, 20] });
});

test("columns are pooled by the worst, and missing only where all are", () => {
  const values = new Float32Array([1, 5, NaN, NaN, /**/ 4, NaN, 2, 3]);
  assert.deepEqual([...poolColumns(values, 2, 4, 2, 1)], [5, NaN, 4, 3]);
  assert.deepEqual([...poolColumns(values, 2, 4, 2, -1)], [1, NaN, 4, 2]);
  assert.equal(poolColumns(values, 2, 4, 4, 1), values);
});

test("an infinite value is the worst there is", () => {
  assert.deepEqual([...poolColumns(new Float32Array([1, Infinity]), 1, 2, 1, 1)], [Infinity]);
});

test("the worst of a cell is found, and the first where it is empty", () => {
  /** @type {import("../src/heatmap/cells.js").Cell} */
  const cell = { line: 0, column: 0, rows: [2, 4], passes: [0, 2] };
  const table = { "2,0": 1, "2,1": NaN, "3,0": 7, "3,1": 0 };
  /** @type {(row: number, pass: number) => number} */
  const valueOf = (row, pass) => table[/** @type {keyof typeof table} */ (`${row},${pass}`)];
  assert.deepEqual(worstOf(cell, valueOf, 1), { row: 3, pass: 0 });
  assert.deepEqual(worstOf(cell, valueOf, -1), { row: 3, pass: 1 });
  assert.deepEqual(worstOf(cell, () => NaN, 1), { row: 2, pass: 0 });
});

test("a drag asks for its rows, but never fewer than eight, and stays in the list", () => {
  assert.deepEqual(draggedWindow(GRID, 200, 50, 100), [15, 31]);
  assert.deepEqual(draggedWindow(GRID, 150, 155, 100), [22, 30]);
  assert.deepEqual(draggedWindow({ ...GRID, first: 0, end: 30 }, 0, 9, 30), [0, 8]);
  assert.deepEqual(draggedWindow({ ...GRID, first: 0, end: 5 }, 0, 9, 5), [0, 5]);
});
