import assert from "node:assert/strict";
import { test } from "node:test";
import { bySplit, decode } from "../src/wire.js";

/**
 * A message as `docs/reference/http-api.md` says.
 * @param {unknown} header
 * @param {Uint8Array} [bytes] of the arrays
 */
function message(header, bytes = new Uint8Array()) {
  const text = new TextEncoder().encode(JSON.stringify(header));
  const length = text.length + ((8 - ((4 + text.length) % 8)) % 8);
  const whole = new Uint8Array(4 + length + bytes.length).fill(" ".charCodeAt(0));
  new DataView(whole.buffer).setUint32(0, length, true);
  whole.set(text, 4);
  whole.set(bytes, 4 + length);
  return whole.buffer;
}

const HEADER = {
  run: "a \u00e9 <b> \u2603",
  arrays: [
    { name: "train/x", dtype: "float32", shape: [3, 1], offset: 0 },
    { name: "validation/y/z", dtype: "float64", shape: [2], offset: 16 },
    { name: "validation/none", dtype: "float64", shape: [0, 5], offset: 32 },
    { name: "validation/one", dtype: "float64", shape: [], offset: 24 },
  ],
};

/** Little-endian, whatever this machine is. */
function bytes() {
  const view = new DataView(new ArrayBuffer(32));
  [1.5, NaN, -Infinity].forEach((value, index) => view.setFloat32(4 * index, value, true));
  [2 ** 53, 0.1].forEach((value, index) => view.setFloat64(16 + 8 * index, value, true));
  return new Uint8Array(view.buffer);
}

test("numbers come as they were sent, at any length of the header", () => {
  for (let length = 0; length < 8; length++) {
    const run = HEADER.run + "x".repeat(length);
    const found = decode(message({ ...HEADER, run }, bytes()));

    assert.equal(found.header.run, run);
    assert.deepEqual([...found.arrays["train/x"]], [1.5, NaN, -Infinity]);
    assert.deepEqual([...found.arrays["validation/y/z"]], [2 ** 53, 0.1]);
    assert.equal(found.arrays["validation/none"].length, 0);
    assert.deepEqual([...found.arrays["validation/one"]], [0.1]);
  }
});

test("a message may have no arrays", () => {
  assert.deepEqual(decode(message({ arrays: [] })), { header: { arrays: [] }, arrays: {} });
});

test("arrays are sorted by split", () => {
  const found = bySplit(decode(message(HEADER, bytes())).arrays);

  assert.deepEqual(Object.keys(found), ["train", "validation"]);
  assert.deepEqual(Object.keys(found.validation ?? {}), ["y/z", "none", "one"]);
});

test("a message that was cut short says so, wherever it was cut", () => {
  const whole = message(HEADER, bytes());

  assert.throws(() => decode(whole.slice(0, 3)), /at least 4 bytes. Received: 3/);
  assert.throws(() => decode(whole.slice(0, 20)), /of 20 bytes is cut short: its header ends at byte/);
  assert.throws(() => decode(whole.slice(0, -8)), /cut short: it ends before validation\/y\/z does/);
  for (let length = 4; length < whole.byteLength; length++) assert.throws(() => decode(whole.slice(0, length)), /cut short/);
});

test("what is no message says what it should be", () => {
  const entry = { name: "x", dtype: "float64", shape: [1], offset: 0 };
  const other = new TextEncoder().encode("<!DOCTYPE html><title>Log in</title>");

  assert.throws(() => decode(/** @type {ArrayBuffer} */ (other.buffer)), /cut short: its header ends at byte/);
  assert.throws(() => decode(new ArrayBuffer(8)), /header of a message must be JSON/);
  assert.throws(() => decode(message({ run: "x" })), /must list its arrays/);
  assert.throws(() => decode(message(null)), /must list its arrays/);
  for (const dtype of ["int64", "__proto__", "toString"]) {
    const header = { arrays: [{ ...entry, dtype }] };
    assert.throws(() => decode(message(header, new Uint8Array(8))), new RegExp(`type of x must be float64 or float32. Received: ${dtype}`));
  }
  const odd = { arrays: [{ ...entry, offset: 4 }] };
  assert.throws(() => decode(message(odd, new Uint8Array(16))), /x must begin at a multiple of 8 bytes/);
});
