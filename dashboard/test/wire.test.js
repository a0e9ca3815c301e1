import assert from "node:assert/strict";
import { test } from "node:test";
import { bySplit, decode } from "../src/wire.js";

/** A message as `docs/reference/http-api.md` says. */
function message(header, bytes) {
  let text = JSON.stringify(header);
  text += " ".repeat((8 - ((4 + text.length) % 8)) % 8);
  const buffer = new ArrayBuffer(4 + text.length + bytes.byteLength);
  new DataView(buffer).setUint32(0, text.length, true);
  new Uint8Array(buffer, 4).set(new TextEncoder().encode(text));
  new Uint8Array(buffer, 4 + text.length).set(bytes);
  return buffer;
}

function arrays() {
  const bytes = new Uint8Array(32);
  new Float32Array(bytes.buffer, 0, 3).set([1.5, NaN, -Infinity]);
  new Float64Array(bytes.buffer, 16, 2).set([2 ** 53, 0.1]);
  return bytes;
}

const HEADER = {
  run: "a \u00e9",
  arrays: [
    { name: "train/x", dtype: "float32", shape: [3, 1], offset: 0 },
    { name: "validation/y/z", dtype: "float64", shape: [2], offset: 16 },
    { name: "validation/none", dtype: "float64", shape: [0, 5], offset: 32 },
  ],
};

test("numbers come as they were sent", () => {
  const header = { ...HEADER, run: "a e" };
  const found = decode(message(header, arrays()));

  assert.equal(found.header.run, "a e");
  assert.deepEqual([...found.arrays["train/x"]], [1.5, NaN, -Infinity]);
  assert.deepEqual([...found.arrays["validation/y/z"]], [2 ** 53, 0.1]);
  assert.equal(found.arrays["validation/none"].length, 0);
});

test("arrays are sorted by split", () => {
  const found = bySplit(decode(message({ ...HEADER, run: "" }, arrays())).arrays);

  assert.deepEqual(Object.keys(found), ["train", "validation"]);
  assert.deepEqual(Object.keys(found.validation ?? {}), ["y/z", "none"]);
});

test("a message that was cut short is no message", () => {
  const whole = message({ ...HEADER, run: "" }, arrays());

  assert.throws(() => decode(whole.slice(0, 3)), /at least 4 bytes/);
  assert.throws(() => decode(whole.slice(0, 20)), /The header ends at byte/);
  assert.throws(() => decode(whole.slice(0, whole.byteLength - 8)), /ends before validation\/y\/z/);
});

test("an unknown type is named", () => {
  const header = { arrays: [{ name: "x", dtype: "int64", shape: [1], offset: 0 }] };
  assert.throws(() => decode(message(header, new Uint8Array(8))), /type of x must be float64 or float32. Received: int64/);
});
