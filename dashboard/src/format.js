/**
 * Numbers as text, the one home of their forms. What is undefined (NaN, null, nothing) is an en dash.
 *
 * Nats have 3 decimals, from 10 on 1; shares are in per cent with 1 decimal; a minus is a true minus sign.
 */

const MINUS = "\u2212";
const THIN_SPACE = "\u202f";
const UNDEFINED = "\u2013";
const INFINITE = "\u221e";

/** @typedef {number | null | undefined} Value */

/**
 * @param {Value} value
 * @param {(value: number) => string} form of a finite value
 */
function defined(value, form) {
  if (value === Infinity) return INFINITE;
  if (value === -Infinity) return MINUS + INFINITE;
  return typeof value === "number" && Number.isFinite(value) ? form(value).replace("-", MINUS) : UNDEFINED;
}

/**
 * A number with so many decimals; -0 has no sign.
 * @param {number} value
 * @param {number} decimals
 */
function rounded(value, decimals) {
  const text = value.toFixed(decimals);
  return Number(text) === 0 ? text.replace("-", "") : text;
}

/**
 * The text of a difference: with a plus where it is above 0, also after rounding.
 * @param {Value} value
 * @param {string} text of the value
 */
function signed(value, text) {
  return Number(value) > 0 && Number(text) !== 0 ? `+${text}` : text;
}

/**
 * A cross-entropy: `0.615`, `12.3`.
 * @param {Value} value nats
 */
export function nats(value) {
  // What would round to 10.000 is 10.0.
  return defined(value, (number) => rounded(number, Math.abs(number) >= 9.9995 ? 1 : 3));
}

/**
 * A difference of cross-entropies, with its sign: `+0.120`.
 * @param {Value} value nats
 */
export function delta(value) {
  return signed(value, nats(value));
}

/**
 * A share: `84.9 %`.
 * @param {Value} value in [0, 1]
 */
export function share(value) {
  return defined(value, (number) => `${rounded(100 * number, 1)}${THIN_SPACE}%`);
}

/**
 * A share without decimals: `85 %`.
 * @param {Value} value in [0, 1]
 */
export function whole(value) {
  return defined(value, (number) => `${rounded(100 * number, 0)}${THIN_SPACE}%`);
}

/**
 * A ratio such as the skill: `0.733`.
 * @param {Value} value
 */
export function ratio(value) {
  return defined(value, (number) => rounded(number, 3));
}

/**
 * A temperature: `2.07`.
 * @param {Value} value
 */
export function temperature(value) {
  return defined(value, (number) => rounded(number, 2));
}

/**
 * A count, its thousands apart: `10 000`.
 * @param {Value} value
 */
export function count(value) {
  return defined(value, (number) => rounded(number, 0).replace(/\B(?=(\d{3})+(?!\d))/g, THIN_SPACE));
}

/**
 * A number with a fixed number of decimals, for a column.
 * @param {Value} value
 * @param {number} decimals
 * @param {boolean} [sign] whether a plus is written
 */
export function fixed(value, decimals, sign = false) {
  const text = defined(value, (number) => rounded(number, decimals));
  return sign ? signed(value, text) : text;
}

/**
 * A count where there is little room: `950`, `1.5k`, `2k`, `20k`, `3.1M`.
 * @param {Value} value
 */
export function short(value) {
  return defined(value, (number) => {
    const size = Math.abs(number);
    // Bounds at which rounding would give a thousand of the smaller unit.
    const [unit, letter] = size < 999.5 ? [1, ""] : size < 999_500 ? [1e3, "k"] : size < 999_500_000 ? [1e6, "M"] : [1e9, "G"];
    const text = rounded(number / unit, unit > 1 && size / unit < 9.95 ? 1 : 0);
    return text.replace(/\.0$/, "") + letter;
  });
}

/**
 * A name as the page shows it: one that is empty or of white space alone could not be seen, or clicked.
 * @param {string} name
 */
export function named(name) {
  return name.trim() ? name : "(blank)";
}
