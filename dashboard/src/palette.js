/**
 * Colours that stand for numbers. Those that stand for words are custom properties (`style/base.css`), read by `css`.
 *
 * On either ground more contrast with the page is more trouble, and lightness only ever goes one way, so that a ramp
 * survives grey printing and colour-blindness.
 */

/** @typedef {[number, number, number]} Colour red, green, blue, each from 0 to 255 */

/** Stops from no trouble to most of it: on a light ground, on a dark one. */
const RAMPS = {
  trouble: {
    light: ["#f4f6f0", "#d9edd6", "#a9dcc9", "#66c0c2", "#3797b7", "#2b6aa1", "#2b4187", "#1f1750"],
    dark: ["#1d222b", "#1f3052", "#23507c", "#1f7889", "#35a07d", "#83c65a", "#d5dc4e", "#fff6a3"],
  },
  neutral: {
    light: ["#f2f3f5", "#c3c9d1", "#828c99", "#3c4550"],
    dark: ["#20252d", "#444d5a", "#8993a1", "#e2e6ec"],
  },
};

/**
 * The colour of each share of a scale.
 * @param {"trouble" | "neutral"} name
 * @param {boolean} dark
 * @returns {(share: number) => Colour} of a share in [0, 1], never NaN; what is beyond takes the colour of the end
 */
export function ramp(name, dark) {
  const stops = RAMPS[name][dark ? "dark" : "light"].map(parse);
  const last = stops.length - 1;
  return (share) => {
    const place = Math.max(0, Math.min(1, share)) * last;
    const stop = Math.min(last - 1, Math.floor(place));
    return mix(stops[stop], stops[stop + 1], place - stop);
  };
}

/**
 * The colour between two.
 * @param {Colour} from
 * @param {Colour} to
 * @param {number} share 0 for the first, 1 for the second
 * @returns {Colour}
 */
export function mix(from, to, share) {
  return /** @type {Colour} */ (from.map((channel, index) => Math.round(channel + (to[index] - channel) * share)));
}

/**
 * @param {string} colour `#rrggbb`, or `rgb(r, g, b)` as browsers write it
 * @returns {Colour}
 */
export function parse(colour) {
  const hex = colour.match(/^#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})$/i);
  if (hex) return [parseInt(hex[1], 16), parseInt(hex[2], 16), parseInt(hex[3], 16)];
  const decimal = colour.match(/^rgba?\(\s*(\d+)[\s,]+(\d+)[\s,]+(\d+)/);
  if (!decimal) throw new Error(`A colour must be #rrggbb or rgb(r, g, b). Received: ${colour}.`);
  return [Number(decimal[1]), Number(decimal[2]), Number(decimal[3])];
}

/** @param {Colour} colour */
export function rgb([red, green, blue]) {
  return `rgb(${red}, ${green}, ${blue})`;
}

/**
 * How light a colour looks, from 0 to 255 (ITU-R BT.601 luma).
 * @param {Colour} colour
 */
export function luminance([red, green, blue]) {
  return 0.299 * red + 0.587 * green + 0.114 * blue;
}

/**
 * A custom property of the page: `css("train")` is that of `--train`.
 * @param {string} name
 */
export function css(name) {
  return getComputedStyle(document.body).getPropertyValue(`--${name}`).trim();
}
