import assert from "node:assert/strict";
import { test } from "node:test";

import { placeNames, shortNames, shortened } from "../src/lines/names.js";

const ROOM = { width: 100, gap: 14, top: 0, bottom: 200 };

test("names of lines that end together are pushed apart, in their order", () => {
  const placed = placeNames(
    [
      { x: 500, y: 52 },
      { x: 500, y: 50 },
      { x: 500, y: 120 },
    ],
    ROOM,
  );
  assert.deepEqual(
    placed.map(({ y }) => y).sort((a, b) => a - b),
    [50, 64, 120],
  );
});

test("names at the bottom are pushed up, none leaves the room", () => {
  const placed = placeNames(
    [
      { x: 500, y: 199 },
      { x: 500, y: 200 },
      { x: 500, y: 230 },
    ],
    ROOM,
  );
  assert.deepEqual(
    placed.map(({ y }) => y).sort((a, b) => a - b),
    [172, 186, 200],
  );
});

test("more names than there is room for stand closer", () => {
  const ends = Array.from({ length: 41 }, (_, index) => ({ x: 500, y: index }));
  const heights = placeNames(ends, ROOM).map(({ y }) => y);
  assert.ok(Math.min(...heights) >= 0 && Math.max(...heights) <= 200);
});

test("a line that ends early has its name there; one that ends a little early shares the last column", () => {
  const placed = placeNames(
    [
      { x: 500, y: 10 },
      { x: 450, y: 12 },
      { x: 100, y: 11 },
    ],
    ROOM,
  );
  assert.deepEqual(
    placed.map(({ x, y }) => [x, y]).sort((a, b) => a[1] - b[1]),
    [
      [500, 10],
      [100, 11],
      [500, 24],
    ],
  );
});

test("directories that all names share are left out", () => {
  assert.deepEqual(shortNames(["digits/b", "digits/c"], ["digits/a"]), ["b", "c"]);
  assert.deepEqual(shortNames(["digits/b"], ["birds"]), ["digits/b"]);
  assert.deepEqual(shortNames(["a"], ["a/b"]), ["a"]);
  assert.deepEqual(shortNames([], []), []);
});

test("long names are cut in the middle, and not within a character", () => {
  assert.equal(shortened("abcdefghij", 5), "a…hij");
  assert.equal(shortened("👾👾👾", 2), "…👾");
  assert.equal(shortened("short", 5), "short");
});
