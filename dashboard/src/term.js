/** Words of the field, each with what it means in a sentence: under the pointer, at the focus, and for screen readers. */

import { h } from "./dom.js";
import { hideTip, showTip } from "./tip.js";

export const MEANINGS = {
  "Cross-entropy":
    "The loss: how much the true classes surprise the model, on average. 0 is perfect. Nats are its unit: it is a natural logarithm.",
  Skill:
    "The share of the uncertainty that is gone. 1: nothing is left of it. 0: the model knows no more than how common each class is. Below 0 it knows less.",
  Temperature:
    "What to divide the logits by for confidences that fit best: above 1 the model is too sure, below 1 too timid. The cross-entropy after that is called tempered.",
  "Calibration error":
    "How far confidence and accuracy are apart, averaged over groups of predictions of about the same confidence.",
};

/** What the line and the number of this name are. */
export const TEMPERED = "The cross-entropy after dividing the logits by the best temperature: what is left when confidence is set right.";

/**
 * A word with its meaning.
 * @param {keyof typeof MEANINGS} name
 */
export function term(name) {
  const meaning = MEANINGS[name];
  const atElement = () => {
    const { left, bottom } = element.getBoundingClientRect();
    showTip({ clientX: left, clientY: bottom }, name, meaning);
  };
  const element = h(
    "button",
    {
      type: "button",
      class: "term",
      "aria-description": meaning,
      onmousemove: (/** @type {MouseEvent} */ event) => showTip(event, name, meaning),
      onmouseleave: hideTip,
      onfocus: atElement,
      onblur: hideTip,
      onclick: atElement,
    },
    name,
  );
  return element;
}
