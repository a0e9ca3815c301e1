/** The pointer on a confusion matrix: hover, click, double click, and a drag over a rectangle. */

/** A shorter move is an unsteady click. */
const LEAST_DRAG = 5;

/** @typedef {{x: number, y: number}} Point pixels from the upper left corner */

/**
 * @typedef {Object} Hands
 * @property {(at: Point, event: PointerEvent) => void} point
 * @property {() => void} leave
 * @property {(at: Point, twice: boolean) => void} choose
 * @property {(from: Point, to: Point) => void} drag
 * @property {(from: Point, to: Point) => void} drop
 */

/**
 * @param {HTMLElement} element
 * @param {Hands} hands
 */
export function watchPointer(element, hands) {
  /** @type {Point | null} where the button went down */
  let start = null;
  let dragged = false;

  /**
   * @param {MouseEvent} event
   * @returns {Point}
   */
  function at(event) {
    const box = element.getBoundingClientRect();
    return {
      x: Math.max(0, Math.min(box.width, event.clientX - box.left)),
      y: Math.max(0, Math.min(box.height, event.clientY - box.top)),
    };
  }

  element.addEventListener("pointerdown", (event) => {
    dragged = false;
    if (event.button !== 0 || event.pointerType === "touch") return; // a finger scrolls the page
    start = at(event);
    element.setPointerCapture(event.pointerId);
  });
  element.addEventListener("pointermove", (event) => {
    const here = at(event);
    hands.point(here, event);
    if (!start) return;
    dragged ||= Math.hypot(here.x - start.x, here.y - start.y) > LEAST_DRAG;
    if (dragged) hands.drag(start, here);
  });
  element.addEventListener("pointerup", (event) => {
    if (start && dragged) hands.drop(start, at(event));
    start = null;
  });
  element.addEventListener("pointercancel", () => {
    start = null;
    hands.leave();
  });
  element.addEventListener("pointerleave", () => hands.leave());
  element.addEventListener("click", (event) => {
    if (!dragged) hands.choose(at(event), event.detail > 1);
    dragged = false;
  });
}
