/**
 * The page as a PNG, as it looks: a copy of it with its style sheets and its canvases as pictures inside, drawn as an
 * SVG image. Everything is inside the copy, so that nothing is asked of any server and the canvas stays readable.
 */

import { download, fileName } from "./download.js";

/** @typedef {import("./types.js").State} State */

/** Most pixels of a side that browsers take for a canvas, with some room. */
const LONGEST = 16_000;

/**
 * Save the page as a picture, named after run and epoch.
 * @param {State} state
 */
export async function savePicture(state) {
  const { series, position } = state;
  if (!series) return;
  const picture = await drawPage(document.documentElement.clientWidth, document.body.scrollHeight);
  download(fileName([series.run, "epoch", series.epochs[position]], "png"), picture);
}

/**
 * @param {number} width
 * @param {number} height
 * @returns {Promise<Blob>}
 */
async function drawPage(width, height) {
  const copy = /** @type {HTMLElement} */ (document.body.cloneNode(true));
  const scrolled = [...document.body.querySelectorAll("*")].map((element) => element.scrollTop);
  [...copy.querySelectorAll("*")].forEach((element, index) => scrollCopy(element, scrolled[index]));
  canvasesToImages(copy);
  copy.querySelectorAll("script, iframe").forEach((element) => element.remove());
  // The chosen option and the place of a slider are state of the elements, not of their markup.
  [...document.body.querySelectorAll("select")].forEach((select, index) => {
    copy.querySelectorAll("select")[index].options[select.selectedIndex]?.setAttribute("selected", "");
  });
  [...document.body.querySelectorAll("input")].forEach((input, index) => copy.querySelectorAll("input")[index].setAttribute("value", input.value));
  const style = document.createElement("style");
  style.textContent = [...document.querySelectorAll("style")].map((sheet) => sheet.textContent).join("\n") + ".toolbar { position: static !important }";
  copy.prepend(style);
  const page = new XMLSerializer().serializeToString(copy);
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}"><foreignObject width="100%" height="100%">${page}</foreignObject></svg>`;
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`;
  await image.decode();
  const scale = Math.min(devicePixelRatio, LONGEST / height, LONGEST / width);
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(width * scale);
  canvas.height = Math.round(height * scale);
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  context.scale(scale, scale);
  context.fillStyle = getComputedStyle(document.body).backgroundColor;
  context.fillRect(0, 0, width, height);
  context.drawImage(image, 0, 0);
  return new Promise((resolve, reject) => {
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("The browser could not make a PNG of the page."))), "image/png");
  });
}

/** @param {HTMLElement} copy of the body, with the same canvases in the same order */
function canvasesToImages(copy) {
  const canvases = [...document.body.querySelectorAll("canvas")];
  [...copy.querySelectorAll("canvas")].forEach((canvas, index) => canvas.replaceWith(asImage(canvases[index])));
}

/**
 * Move the content of a copied element as far as that of the original is scrolled, its head apart.
 * @param {Element} element
 * @param {number} distance pixels
 */
function scrollCopy(element, distance) {
  if (!distance || !(element instanceof HTMLElement)) return;
  element.style.overflow = "hidden";
  for (const child of element.children) {
    if (child instanceof HTMLElement) child.style.transform = `translateY(${-distance}px)`;
  }
  for (const head of element.querySelectorAll("thead")) head.style.transform = `translateY(${distance}px)`;
}

/** @param {HTMLCanvasElement} canvas */
function asImage(canvas) {
  const image = document.createElement("img");
  image.src = canvas.width && canvas.height ? canvas.toDataURL() : "data:,";
  image.className = canvas.className;
  image.style.cssText = `display: block; width: ${canvas.clientWidth}px; height: ${canvas.clientHeight}px; ${canvas.style.cssText}`;
  return image;
}
