/** Names of the classes beside the heatmap. */

import { h } from "../dom.js";
import { named } from "../format.js";
import { labelStep, namedRows } from "./layout.js";

/**
 * Name the rows of a scene for which there is room, the chosen one always.
 *
 * @param {HTMLElement} container as high as the heatmap
 * @param {import("./scene.js").Scene} scene
 * @param {number | null} chosenRow row of the series
 */
export function drawLabels(container, scene, chosenRow) {
  const { order, grid, rowHeight, series } = scene;
  const chosen = chosenRow === null ? -1 : order.indexOf(chosenRow);
  const names = namedRows(grid, rowHeight, chosen).map((place) => {
    const middle = (place - grid.first + 0.5) * rowHeight;
    const name = named(series.class_names[order[place]]);
    const kind = place === chosen ? "chosen" : labelStep(rowHeight) > 1 ? "thinned" : null;
    return h("span", { class: kind, title: name, style: { top: `${middle}px` } }, name);
  });
  container.replaceChildren(...names);
}

/**
 * How many of the classes are named, in words; empty where all are.
 * @param {import("./scene.js").Scene} scene
 */
export function namedShare({ rowHeight }) {
  const step = labelStep(rowHeight);
  return step > 1 ? `1 in ${step} named` : "";
}
