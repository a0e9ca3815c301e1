import assert from "node:assert/strict";
import { test } from "node:test";
import { count, delta, fixed, nats, ratio, share, short, temperature, whole } from "../src/format.js";

const MINUS = "\u2212";
const THIN = "\u202f";

const CASES = [
  [nats, 0.6154, "0.615"],
  [nats, 9.9999, "10.000"],
  [nats, 12.34, "12.3"],
  [nats, -0.25, `${MINUS}0.250`],
  [nats, -0.0001, "0.000"],
  [nats, NaN, "\u2013"],
  [nats, null, "\u2013"],
  [nats, undefined, "\u2013"],
  [nats, Infinity, "\u221e"],
  [nats, -Infinity, `${MINUS}\u221e`],
  [delta, 0.12, "+0.120"],
  [delta, -0.12, `${MINUS}0.120`],
  [delta, 0.0001, "0.000"],
  [delta, -0.0001, "0.000"],
  [share, 0.8494, `84.9${THIN}%`],
  [share, 1, `100.0${THIN}%`],
  [whole, 0.846, `85${THIN}%`],
  [ratio, -0.5, `${MINUS}0.500`],
  [temperature, 2.067, "2.07"],
  [count, 1234567, `1${THIN}234${THIN}567`],
  [count, 999, "999"],
  [count, 0, "0"],
  [short, 950, "950"],
  [short, 1500, "1.5k"],
  [short, 9999, "10k"],
  [short, 20400, "20k"],
  [short, 999_600, "1.0M"],
  [short, 3.1e6, "3.1M"],
];

for (const [form, value, expected] of CASES) {
  test(`${form.name}(${value}) is ${expected}`, () => assert.equal(form(value), expected));
}

test("a column has one number of decimals, and a sign where it is asked for", () => {
  assert.equal(fixed(1.005, 2), "1.00");
  assert.equal(fixed(0.8714, 3, true), "+0.871");
  assert.equal(fixed(0.00001, 3, true), "0.000");
  assert.equal(fixed(-2, 1, true), `${MINUS}2.0`);
});
