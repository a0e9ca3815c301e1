/** Files that the page hands to the browser. */

import { h } from "./dom.js";

/**
 * A name for a file, of letters, digits, dots and dashes only.
 *
 * @param {(string | number)[]} parts such as run and epoch; empty ones are left out
 * @param {string} extension without the dot
 */
export function fileName(parts, extension) {
  const plain = parts.map((part) => String(part).replace(/[^\p{L}\p{N}.]+/gu, "-").replace(/^[-.]+|[-.]+$/g, ""));
  return `${plain.filter(Boolean).join("-") || "run"}.${extension}`;
}

/**
 * @param {string} name
 * @param {Blob} content
 */
export function download(name, content) {
  const address = URL.createObjectURL(content);
  h("a", { href: address, download: name }).click();
  URL.revokeObjectURL(address);
}
