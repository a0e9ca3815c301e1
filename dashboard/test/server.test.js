import assert from "node:assert/strict";
import { test } from "node:test";
import { Server, ServerError } from "../src/server.js";

const ENTRY = /** @type {any} */ ({ run: "digits/wide & deep", output: "", stamp: "3-1" });

/** A server behind a `fetch` that notes the addresses it is asked for. */
function serving(answer = () => new Response(JSON.stringify({ headline: "Good" }))) {
  const asked = /** @type {string[]} */ ([]);
  const server = new Server(/** @type {any} */ (async (address) => {
    asked.push(address);
    return answer();
  }));
  return { server, asked };
}

test("addresses are relative, and names in them are escaped", async () => {
  const { server, asked } = serving();
  await server.words(ENTRY, "validation", 12, 3);
  await server.words(ENTRY, "validation", 12, null);

  assert.equal(asked[0], "./words?run=digits%2Fwide+%26+deep&output=&split=validation&epoch=12&class=3");
  assert.equal(asked[1], "./words?run=digits%2Fwide+%26+deep&output=&split=validation&epoch=12");
});

test("what is known of a run is not asked again until the run has another stamp", async () => {
  const { server, asked } = serving();
  const first = await server.summary(ENTRY);
  assert.equal(await server.summary(ENTRY), first);
  assert.equal(asked.length, 1);

  await server.summary({ ...ENTRY, stamp: "4-2" });
  await server.summary(ENTRY);
  assert.equal(asked.length, 3);
});

test("of many series only the last ones are kept", async () => {
  const { server, asked } = serving(() => new Response(message({ epochs: [] })));
  const entries = Array.from({ length: 9 }, (_, index) => ({ ...ENTRY, run: `run${index}` }));
  for (const entry of entries) await server.series(entry);
  await server.series(entries[8]);
  assert.equal(asked.length, 9);

  await server.series(entries[0]);
  assert.equal(asked.length, 10);
});

test("a refusal is an error with the words of the server, and is not kept", async () => {
  const { server, asked } = serving(() => new Response("There is no run x.\n", { status: 404 }));
  await assert.rejects(server.summary(ENTRY), (error) => error instanceof ServerError && error.status === 404 && error.message === "There is no run x.");
  await assert.rejects(server.summary(ENTRY));

  assert.equal(asked.length, 2);
});

test("no answer at all is an error with a question that helps", async () => {
  const { server } = serving(() => {
    throw new TypeError("Failed to fetch");
  });

  await assert.rejects(server.list(), { status: 0, message: "TensorBoard does not answer. Is it still running?" });
});

/** A binary message without arrays. */
function message(header) {
  const text = JSON.stringify({ ...header, arrays: [] });
  const padded = new TextEncoder().encode(text.padEnd(Math.ceil((text.length + 4) / 8) * 8 - 4));
  const bytes = new Uint8Array(4 + padded.length);
  new DataView(bytes.buffer).setUint32(0, padded.length, true);
  bytes.set(padded, 4);
  return bytes;
}
