/** Names at the ends of lines: short ones that differ, placed so that none covers another. */

/**
 * @typedef {Object} LineEnd
 * @property {number} x where the line ends, pixels
 * @property {number} y
 */

/**
 * Where the names of lines go that end at `ends`. Lines that end within `width` of each other share a column, at the
 * rightmost of their ends; in a column names keep their order from top to bottom, `gap` apart, or less where there is no
 * room for that.
 *
 * @template {LineEnd} T
 * @param {T[]} ends
 * @param {{width: number, gap: number, top: number, bottom: number}} room width of a name, and where names may stand
 * @returns {T[]} in no certain order, with x and y moved
 */
export function placeNames(ends, { width, gap, top, bottom }) {
  const fromRight = ends.toSorted((a, b) => b.x - a.x);
  /** @type {T[][]} */
  const columns = [];
  for (const end of fromRight) {
    const column = columns.at(-1);
    if (column && column[0].x - end.x < width) column.push({ ...end, x: column[0].x });
    else columns.push([{ ...end }]);
  }
  for (const column of columns) pushApart(column, gap, top, bottom);
  return columns.flat();
}

/**
 * Move the names of a column apart, in place: downwards first, then up again from the bottom.
 * @param {LineEnd[]} column
 * @param {number} gap
 * @param {number} top
 * @param {number} bottom
 */
function pushApart(column, gap, top, bottom) {
  column.sort((a, b) => a.y - b.y);
  const apart = Math.min(gap, (bottom - top) / Math.max(1, column.length - 1));
  let least = top;
  for (const end of column) {
    end.y = Math.max(end.y, least);
    least = end.y + apart;
  }
  let most = bottom;
  for (const end of column.toReversed()) {
    end.y = Math.min(end.y, most);
    most = end.y - apart;
  }
}

/**
 * Names of runs without the directories that all of them share, cut in the middle where they are long.
 *
 * @param {string[]} names those to shorten
 * @param {string[]} beside more names that share the directories, or not
 * @param {number} [length] most characters
 * @returns {string[]}
 */
export function shortNames(names, beside, length = 20) {
  const paths = [...names, ...beside].map((name) => name.split("/").slice(0, -1));
  const [first = []] = paths;
  const parting = first.findIndex((part, depth) => paths.some((path) => path[depth] !== part));
  const shared = parting < 0 ? first.length : parting;
  return names.map((name) => shortened(name.split("/").slice(shared).join("/"), length));
}

/**
 * A text with an ellipsis in its middle where it is too long; what tells runs apart mostly stands at their end.
 * @param {string} content
 * @param {number} length most characters
 */
export function shortened(content, length) {
  const characters = [...content];
  if (characters.length <= length) return content;
  const end = Math.ceil((length - 1) * 0.6);
  return `${characters.slice(0, length - 1 - end).join("")}…${characters.slice(-end).join("")}`;
}
