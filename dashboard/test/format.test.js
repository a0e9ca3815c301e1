import assert from "node:assert/strict";
import { test } from "node:test";
import { count, delta, fixed, named, nats, ratio, share, short, temperature, whole } from "../src/format.js";

const MINUS = "\u2212";
const THIN = "\u202f";

const CASES = [
  [nats, 0.6154, "0.615"],
  [nats, 9.9994, "9.999"],
  [nats, 9.9996, "10.0"],
  [nats, -12.34, `${MINUS}12.3`],
  [nats, "0.5", "\u2013"],
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
  [delta, 12.34, "+12.3"],
  [delta, 0, "0.000"],
  [delta, Infinity, "+\u221e"],
  [delta, NaN, "\u2013"],
  [delta, null, "\u2013"],
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
  [short, 0, "0"],
  [short, NaN, "\u2013"],
  [short, 999.6, "1k"],
  [short, 1000, "1k"],
  [short, -1500, `${MINUS}1.5k`],
  [short, 9940, "9.9k"],
  [short, 9999, "10k"],
  [short, 20400, "20k"],
  [short, 999_400, "999k"],
  [short, 999_600, "1M"],
  [short, 2.5e9, "2.5G"],
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
  assert.equal(fixed(undefined, 2, true), "\u2013");
  assert.equal(fixed(Infinity, 2, true), "+\u221e");
});

test("a name that could not be seen is told", () => {
  assert.equal(named(" \t"), "(blank)");
  assert.equal(named(""), "(blank)");
  assert.equal(named(" great tit"), " great tit");
});
