/** Windows of the brush on the strip of all classes. */

/** Size of the window that a press on the strip opens when all classes are shown. */
const FRESH_WINDOW = 30;
/** Turn of the wheel that zooms by one step, pixels. */
const STEP = 40;
/** Pixels of a line, where a browser counts turns in lines. */
const LINE = 20;

/**
 * The window around a row, as large as the present one.
 *
 * @param {number} middle may be outside of the list
 * @param {[number, number] | null} present null where all classes are shown
 * @param {number} length classes in all
 * @returns {[number, number]}
 */
export function brushedWindow(middle, present, length) {
  const size = Math.min(length, present ? present[1] - present[0] : FRESH_WINDOW);
  const first = Math.max(0, Math.min(length - size, Math.round(middle - size / 2)));
  return [first, first + size];
}

/**
 * By how many steps a turn of the wheel zooms, positive for out, and what is left of the turn.
 *
 * @param {number} turn
 * @param {number} mode as `WheelEvent.deltaMode`: 0 for pixels, else lines or pages
 * @returns {{steps: number, remainder: number}} the remainder in the unit of the turn
 */
export function wheelSteps(turn, mode) {
  const unit = mode === 0 ? STEP : STEP / LINE;
  const steps = Math.trunc(turn / unit);
  return { steps: Math.max(-3, Math.min(3, steps)), remainder: turn - steps * unit };
}
