/** Rows of buttons that stay in place while another of them is pressed, so that the focus is not lost. */

/**
 * Show another button of `segments` as the pressed one.
 *
 * @param {HTMLElement} group made by `segments`
 * @param {string} value
 * @param {string} [name] of the attribute that holds the values, as given to `segments`
 */
export function press(group, value, name = "value") {
  for (const button of group.querySelectorAll("button")) button.setAttribute("aria-pressed", String(button.dataset[name] === value));
}
