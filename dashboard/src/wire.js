/** The binary messages of the server; `docs/reference/http-api.md` has the format. */

/** @typedef {import("./types.js").Numbers} Numbers */
/** @typedef {import("./types.js").Split} Split */
/** @typedef {import("./types.js").SplitArrays} SplitArrays */

/** Read as they lie in memory: little-endian, as is every machine that a browser runs on. */
const TYPES = { float64: Float64Array, float32: Float32Array };

/**
 * @param {ArrayBuffer} message
 * @returns {{header: any, arrays: Record<string, Numbers>}} the arrays share the memory of the message
 * @throws {Error} if it is cut short, or no such message
 */
export function decode(message) {
  if (message.byteLength < 4) throw new Error(`A message must have at least 4 bytes. Received: ${message.byteLength}.`);
  const start = 4 + new DataView(message).getUint32(0, true);
  if (start > message.byteLength) {
    throw new Error(`The message of ${message.byteLength} bytes is cut short: its header ends at byte ${start}.`);
  }
  const header = headerOf(new Uint8Array(message, 4, start - 4));
  /** @type {Record<string, Numbers>} */
  const arrays = {};
  for (const entry of header.arrays) arrays[entry.name] = arrayOf(message, start, entry);
  return { header, arrays };
}

/** @param {Uint8Array} bytes */
function headerOf(bytes) {
  let header;
  try {
    header = JSON.parse(new TextDecoder().decode(bytes));
  } catch (cause) {
    throw new Error("The header of a message must be JSON.", { cause });
  }
  if (!Array.isArray(header?.arrays)) throw new Error("The header of a message must list its arrays.");
  return header;
}

/**
 * @param {ArrayBuffer} message
 * @param {number} start of the arrays
 * @param {{name: string, dtype: string, shape: number[], offset: number}} entry of the header
 * @returns {Numbers}
 */
function arrayOf(message, start, { name, dtype, shape, offset }) {
  if (!Object.hasOwn(TYPES, dtype)) {
    throw new Error(`The type of ${name} must be ${Object.keys(TYPES).join(" or ")}. Received: ${dtype}.`);
  }
  const type = TYPES[/** @type {keyof typeof TYPES} */ (dtype)];
  const first = start + offset;
  if (first % 8) throw new Error(`${name} must begin at a multiple of 8 bytes. Received: ${first}.`);
  const length = shape.reduce((product, size) => product * size, 1);
  if (first + length * type.BYTES_PER_ELEMENT > message.byteLength) {
    throw new Error(`The message of ${message.byteLength} bytes is cut short: it ends before ${name} does.`);
  }
  return new type(message, first, length);
}

/**
 * Arrays named `<split>/<name>`, by split and then by name.
 * @param {Record<string, Numbers>} arrays
 * @returns {Partial<Record<Split, SplitArrays>>}
 */
export function bySplit(arrays) {
  /** @type {Partial<Record<Split, SplitArrays>>} */
  const found = {};
  for (const [path, values] of Object.entries(arrays)) {
    const slash = path.indexOf("/");
    const split = /** @type {Split} */ (path.slice(0, slash));
    (found[split] ??= {})[path.slice(slash + 1)] = values;
  }
  return found;
}
