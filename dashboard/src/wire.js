/** The binary messages of the server; `docs/reference/http-api.md` has the format. */

/** @typedef {import("./types.js").Numbers} Numbers */
/** @typedef {import("./types.js").Split} Split */
/** @typedef {import("./types.js").SplitArrays} SplitArrays */

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
    throw new Error(`The header ends at byte ${start} of a message of ${message.byteLength} bytes.`);
  }
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(message, 4, start - 4)));
  /** @type {Record<string, Numbers>} */
  const arrays = {};
  for (const { name, dtype, shape, offset } of header.arrays) {
    const type = TYPES[/** @type {keyof typeof TYPES} */ (dtype)];
    if (!type) throw new Error(`The type of ${name} must be ${Object.keys(TYPES).join(" or ")}. Received: ${dtype}.`);
    const length = shape.reduce((/** @type {number} */ product, /** @type {number} */ size) => product * size, 1);
    if (start + offset + length * type.BYTES_PER_ELEMENT > message.byteLength) {
      throw new Error(`The message of ${message.byteLength} bytes ends before ${name} does.`);
    }
    arrays[name] = new type(message, start + offset, length);
  }
  return { header, arrays };
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
