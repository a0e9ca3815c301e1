/** Focus that stays on the page: what has it may be made anew, vanish, or be switched off. */

const CONTROLS = "button, select, input, summary, [tabindex]";

/**
 * Give an element other children. Where a control among the old ones had the focus, the new one of the same name has it
 * then; where there is none, `heir`.
 *
 * @param {HTMLElement} element
 * @param {(Node | string)[]} children
 * @param {HTMLElement | null} [heir] the element itself, if left out
 */
export function refill(element, children, heir = element) {
  const focused = /** @type {HTMLElement | null} */ (document.activeElement);
  if (!focused || focused === element || !element.contains(focused)) return element.replaceChildren(...children);
  const name = nameOf(focused);
  element.replaceChildren(...children);
  const controls = /** @type {HTMLElement[]} */ ([...element.querySelectorAll(CONTROLS)]);
  const same = controls.find((control) => nameOf(control) === name);
  if (!same && heir === element) element.tabIndex = -1;
  (same ?? heir)?.focus({ preventScroll: true });
}

/** @param {HTMLElement} control */
function nameOf(control) {
  return control.getAttribute("aria-label") ?? control.textContent;
}

/**
 * Switch a button off or on; the focus must not stay on one that is off.
 *
 * @param {HTMLButtonElement} button
 * @param {boolean} disabled
 * @param {HTMLElement} heir has the focus then
 */
export function setDisabled(button, disabled, heir) {
  const focused = document.activeElement === button;
  button.disabled = disabled;
  if (focused && disabled) heir.focus({ preventScroll: true });
}
