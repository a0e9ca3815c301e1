/** Sizes that the heatmap and the table of classes share, in CSS pixels: their rows stand beside each other. */

export const ROW_HEIGHT = 30;
export const HEADER_HEIGHT = 34;

/** Up to so many classes are all shown with rows of full height. */
const ALL_AT_FULL_HEIGHT = 16;
/** So many rows are in sight where there are more classes. */
const ROWS_IN_SIGHT = 15;
/** Below this height of a row the overview strip and the buttons to zoom are there. */
const COMFORTABLE_ROW = 12;
/** Names of classes need this much to stand below each other. */
const LABEL_HEIGHT = 13;

/**
 * Height of the heatmap and of the rows of the table.
 *
 * @param {number} shown classes that pass the filter, at least one
 * @param {number} all classes of the run
 */
export function panelHeight(shown, all) {
  return Math.min(shown, all > ALL_AT_FULL_HEIGHT ? ROWS_IN_SIGHT : ALL_AT_FULL_HEIGHT) * ROW_HEIGHT;
}

/**
 * Whether there are so many classes that one wants to zoom.
 *
 * @param {number} shown
 * @param {number} height
 */
export function isZoomable(shown, height) {
  return shown * COMFORTABLE_ROW > height;
}

/**
 * Every how many rows there is room for a name.
 * @param {number} rowHeight
 */
export function labelStep(rowHeight) {
  return Math.max(1, Math.ceil(LABEL_HEIGHT / rowHeight));
}

/**
 * Which rows of a window are named: every `labelStep`-th, but the chosen one always, and none that would touch its name.
 *
 * @param {{first: number, end: number}} window
 * @param {number} rowHeight
 * @param {number} chosen place of the chosen class in the page's order, or -1
 * @returns {number[]} ascending
 */
export function namedRows({ first, end }, rowHeight, chosen) {
  const step = labelStep(rowHeight);
  const inSight = chosen >= first && chosen < end;
  const rows = inSight ? [chosen] : [];
  for (let row = first; row < end; row += step) {
    const touches = inSight && Math.abs(row - chosen) * rowHeight < LABEL_HEIGHT;
    if (!touches) rows.push(row);
  }
  return rows.sort((a, b) => a - b);
}

/**
 * Width for the names beside the heatmap: that of the longest, within reason; longer ones are cut with an ellipsis.
 * @param {readonly string[]} names
 */
export function labelWidth(names) {
  const longest = names.reduce((most, name) => Math.max(most, name.length), 0);
  return Math.round(Math.min(150, Math.max(44, 16 + 6.4 * longest)));
}
