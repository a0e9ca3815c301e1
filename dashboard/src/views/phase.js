/** Accuracy against cross-entropy, the epochs as a path: where is the training heading? */

import { h, s } from "../dom.js";
import { nats, share } from "../format.js";
import { shortened } from "../lines/names.js";
import { FLOOR } from "../phase/axes.js";
import { comparedElements, grid, HEIGHT, marksOf, ownPath, ramp, scaleOf } from "../phase/drawing.js";
import { axesOf, className, comparedPaths, pathOf, pathSummary } from "../phase/paths.js";
import { hideTip, showTip } from "../tip.js";

/** @typedef {import("../types.js").Series} Series */
/** @typedef {import("../types.js").State} State */
/** @typedef {import("../phase/drawing.js").Point} Point */
/** @typedef {import("../phase/paths.js").Path} Path */
/** @typedef {import("../phase/paths.js").Compared} Compared */

/** @type {(keyof State)[]} all but the epoch, which moves over what is there */
const REBUILT = ["series", "others", "split", "row", "scope", "dark", "size"];
/** Pixels within which the pointer finds a point. */
const REACH = 30;

/**
 * @param {import("../types.js").Store} store
 * @returns {import("../types.js").View}
 */
export function phase(store) {
  const caption = h("figcaption");
  const place = h("div", {});
  const element = h("figure", { class: "phase" }, caption, place);
  const marks = s("g", {});
  /** @type {Point[]} */
  let points = [];

  /** @param {MouseEvent} event */
  function nearest(event) {
    const corner = place.getBoundingClientRect();
    return nearestPoint(points, event.clientX - corner.left, event.clientY - corner.top);
  }

  /** @param {MouseEvent} event */
  function tell(event) {
    const point = nearest(event);
    if (!point) return hideTip();
    const epoch = `epoch ${/** @type {Series} */ (store.state.series).epochs[point.position]}`;
    const name = className(store.state);
    const title = name === null ? epoch : `${shortened(name, 40)}, ${epoch}`;
    showTip(event, title, `cross-entropy ${nats(point.nats)} nats`, `accuracy ${share(point.share)}`);
  }

  place.addEventListener("pointermove", tell);
  place.addEventListener("pointerleave", hideTip);
  place.addEventListener("click", (event) => {
    const point = nearest(event);
    if (point) store.set({ position: point.position, settled: point.position });
  });

  function rebuild() {
    const { state } = store;
    const width = place.clientWidth;
    place.replaceChildren();
    points = [];
    if (!state.series || !width) return caption.replaceChildren();
    const name = className(state);
    const paths = comparedPaths(state);
    const own = pathOf(state.series, state.split, state.row !== null && name !== null ? state.row : null);
    const axes = axesOf([own, ...paths.map(({ values }) => values)], name === null ? "all" : "class");
    caption.replaceChildren(...captionOf(name, own, paths));
    if (!axes || !own.length) return place.append(nothing(state, name));
    const scale = scaleOf(axes, width);
    points = own.map((point) => ({ ...point, ...scale.at(point) }));
    place.append(
      s(
        "svg",
        { width, height: HEIGHT, role: "img", "aria-label": pathSummary(state.series, points) },
        ...grid(axes, scale, width),
        ...ramp(state, width),
        ...comparedElements(paths, scale, width),
        ...ownPath(points, state),
        marks,
      ),
    );
  }

  return {
    element,
    keys: [...REBUILT, "position"],
    draw(changed) {
      if (REBUILT.some((key) => changed.has(key))) rebuild();
      marks.replaceChildren(...marksOf(store.state, points, place.clientWidth));
    },
  };
}

/**
 * @param {string | null} name
 * @param {Path} own
 * @param {Compared[]} compared
 */
function captionOf(name, own, compared) {
  const hint = name === null ? "; good runs end top left" : ` of "${shortened(name, 40)}"`;
  const points = [own, ...compared.map(({ values }) => values)].flat();
  const floored = points.some((point) => point.nats < FLOOR) ? `; what is below ${FLOOR} stands at ${FLOOR}` : "";
  return [h("b", {}, "Phase"), h("span", { class: "muted" }, `accuracy against cross-entropy${hint}${floored}`)];
}

/**
 * @param {State} state
 * @param {string | null} name
 */
function nothing({ split }, name) {
  if (name === null) return h("p", { class: "muted" }, `No pass of the ${split} split has both numbers.`);
  return h("p", { class: "muted" }, `The ${split} split holds no example of "${shortened(name, 40)}".`);
}

/**
 * @param {Point[]} points
 * @param {number} x
 * @param {number} y
 * @returns {Point | null} the nearest within reach
 */
function nearestPoint(points, x, y) {
  /** @type {Point | null} */
  let found = null;
  let least = REACH;
  for (const point of points) {
    const distance = Math.hypot(point.x - x, point.y - y);
    if (distance <= least) [found, least] = [point, distance];
  }
  return found;
}
