import assert from "node:assert/strict";
import { test } from "node:test";
import { Store } from "../src/store.js";

/** A view that counts how often it is drawn. */
function counted(keys) {
  const view = { element: {}, keys, drawn: 0, draw: () => void view.drawn++ };
  return view;
}

test("a view is drawn when it is added, and when one of its keys changes", () => {
  const store = new Store();
  const view = counted(["position", "row"]);
  store.add(/** @type {any} */ (view));
  store.set({ position: 3 });
  store.set({ filter: "a" });
  store.set({ position: 3 });
  store.set({ position: 4, row: 1 });

  assert.equal(view.drawn, 3);
});

test("lists and records with the same content did not change", () => {
  const store = new Store();
  const view = counted(["rows", "sort"]);
  store.add(/** @type {any} */ (view));
  store.set({ rows: [1, 2], sort: { key: "worst", direction: 1 } });
  store.set({ rows: [1, 2] });

  assert.equal(view.drawn, 2);
});

test("what follows from a change is there before a view is drawn", () => {
  const store = new Store((state, changed) => (changed.has("filter") ? { rows: null } : {}));
  store.set({ rows: [1, 2] });
  /** @type {unknown} */
  let seen;
  store.add(/** @type {any} */ ({ element: {}, keys: ["filter"], draw: () => (seen = store.state.rows) }));
  store.set({ filter: "x" });

  assert.equal(seen, null);
});

test("a state that does not settle is a fault", () => {
  const store = new Store((state) => ({ position: state.position + 1 }));
  assert.throws(() => store.set({ position: 1 }), /does not settle/);
});

test("listeners are told what changed, after the views", () => {
  const store = new Store();
  const told = [];
  store.subscribe((changed) => told.push([...changed]));
  store.set({ position: 1, split: "train" });
  store.set({ position: 1 });

  assert.deepEqual(told, [["position", "split"]]);
});

test("what is out of sight is drawn later, once, with all that has changed for it", () => {
  /** @type {(() => void)[]} */
  const tasks = [];
  const store = new Store(undefined, { inSight: (element) => element.id === "seen", later: (task) => void tasks.push(task) });
  /** @type {[string, string[]][]} */
  const drawn = [];
  for (const id of ["seen", "below", "bottom"]) {
    const view = { element: { id }, keys: ["position", "row"], draw: (changed) => void drawn.push([id, [...changed]]) };
    store.add(/** @type {any} */ (view));
  }
  drawn.length = 0;
  store.set({ position: 1 });
  store.set({ row: 2 });
  assert.deepEqual(drawn, [["seen", ["position"]], ["seen", ["row"]]]);
  assert.equal(tasks.length, 1);
  tasks.shift()?.();
  assert.deepEqual(drawn.slice(2), [["below", ["position", "row"]]]);
  store.drawAll();
  assert.deepEqual(drawn.slice(3), [["bottom", ["position", "row"]]]);
  tasks.shift()?.();
  assert.equal(drawn.length, 4);
});
