/** Buttons, menus and rows of buttons of which one is pressed. */

import { h } from "./dom.js";

/**
 * @typedef {Object} ButtonOptions
 * @property {string} [label] what screen readers and the tooltip say, where the text is a sign
 * @property {boolean} [disabled]
 * @property {boolean} [pressed] of a button that is on or off
 * @property {boolean} [small]
 * @property {boolean} [icon] whether the text is a sign
 * @property {string} [action] its name, for tests
 */

/**
 * @param {string | Node} content
 * @param {(event: MouseEvent) => void} onclick
 * @param {ButtonOptions} [options]
 */
export function button(content, onclick, { label, disabled = false, pressed, small = false, icon = false, action } = {}) {
  return h(
    "button",
    {
      type: "button",
      class: [small && "small", icon && "icon"].filter(Boolean).join(" ") || null,
      title: label,
      "aria-label": label,
      "aria-pressed": pressed === undefined ? null : String(pressed),
      "data-action": action,
      disabled,
      onclick,
    },
    content,
  );
}

/**
 * A row of buttons of which one is pressed.
 * @template {string} T
 * @param {string} label
 * @param {[T, string][]} options value and text of each
 * @param {T} value
 * @param {(value: T) => void} onchoose
 * @param {string} [name] of the attribute `data-<name>` that holds the value, for tests
 */
export function segments(label, options, value, onchoose, name = "value") {
  const buttons = options.map(([own, content]) =>
    h("button", { type: "button", "aria-pressed": String(own === value), [`data-${name}`]: own, onclick: () => onchoose(own) }, content),
  );
  return h("span", { class: "segments", role: "group", "aria-label": label, title: label }, ...buttons);
}

/**
 * A menu with its label before it.
 * @param {string} label
 * @param {[string, string][]} options value and text of each
 * @param {string} value
 * @param {(value: string) => void} onchoose
 * @param {string} [id]
 */
export function menu(label, options, value, onchoose, id) {
  const select = h("select", { id }, ...options.map(([own, content]) => h("option", { value: own }, content)));
  select.value = value;
  select.addEventListener("change", () => onchoose(select.value));
  return h("label", { class: "field" }, label, select);
}
