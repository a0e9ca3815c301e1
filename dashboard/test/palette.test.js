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

test("more trouble is more contrast with the page, and the ramps are as they were decided", () => {
  for (const [dark, stops] of /** @type {[boolean, string[]][]} */ ([
    [false, ["#f4f6f0", "#d9edd6", "#a9dcc9", "#66c0c2", "#3797b7", "#2b6aa1", "#2b4187", "#1f1750"]],
    [true, ["#1d222b", "#1f3052", "#23507c", "#1f7889", "#35a07d", "#83c65a", "#d5dc4e", "#fff6a3"]],
  ])) {
    const colour = ramp("trouble", dark);
    for (const [index, stop] of stops.entries()) assert.deepEqual(colour(index / 7), parse(stop));
  }
});

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
  assert.deepEqual(parse("rgba(36 104 180 / 0.5)"), [36, 104, 180]);
  for (const wrong of ["red", "", "#fff", "#2468b4ff", "#24 8b4", "url(#2468b4)"]) {
    assert.throws(() => parse(wrong), /must be #rrggbb or rgb\(r, g, b\)\. Received: /);
  }
});
