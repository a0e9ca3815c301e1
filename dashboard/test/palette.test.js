import assert from "node:assert/strict";
import { test } from "node:test";
import { luminance, mix, parse, ramp, rgb } from "../src/palette.js";

for (const name of ["trouble", "neutral"]) {
  for (const dark of [false, true]) {
    test(`lightness goes one way: ${name}, ${dark ? "dark" : "light"}`, () => {
      const colour = ramp(name, dark);
      const light = Array.from({ length: 50 }, (_, index) => luminance(colour(index / 49)));
      const sign = dark ? 1 : -1;
      for (let index = 1; index < light.length; index++) assert.ok(sign * (light[index] - light[index - 1]) >= -1e-9);
    });
  }
}

test("what is beyond a ramp takes the colour of its end", () => {
  const colour = ramp("trouble", false);
  assert.deepEqual(colour(-1), colour(0));
  assert.deepEqual(colour(7), colour(1));
  assert.deepEqual(colour(0), parse("#f4f6f0"));
});

test("colours are read as they are written", () => {
  assert.deepEqual(parse("#2468b4"), [36, 104, 180]);
  assert.deepEqual(parse("rgb(36, 104, 180)"), [36, 104, 180]);
  assert.equal(rgb([1, 2, 3]), "rgb(1, 2, 3)");
  assert.deepEqual(mix([0, 0, 0], [10, 20, 30], 0.5), [5, 10, 15]);
  assert.throws(() => parse("red"), /must be #rrggbb/);
});
