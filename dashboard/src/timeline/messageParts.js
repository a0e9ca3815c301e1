/**
 * The parts of an alert's message. Pure.
 *
 * Messages of built-in rules say what was seen, what it means, and what to try, in that order, the last in the imperative.
 * Users' own messages may say anything: where no such advice is found, the sentences stand as they are.
 */

/** How sentences of advice begin. */
const ADVICE =
  /^(Try|What to try|Check|Look|Lower|Scale|Train on|Divide|Take|End|Keep|Shuffle|Compile|Use|Set|Stop|Reduce|Raise|Labels must|For one output unit use)\b/;

/**
 * @typedef {Object} MessageParts
 * @property {string[]} seen
 * @property {string[]} means
 * @property {string[]} advice empty where there is none
 */

/**
 * @param {string} message
 * @returns {MessageParts} sentences, none of them left out
 */
export function messageParts(message) {
  const sentences = sentencesOf(message);
  const advice = sentences.findIndex((sentence, index) => index > 0 && ADVICE.test(sentence));
  const end = advice < 0 ? sentences.length : advice;
  return { seen: sentences.slice(0, 1), means: sentences.slice(1, end), advice: sentences.slice(end) };
}

/**
 * A text in sentences. Full stops between quotation marks, in code, and within numbers and names end none.
 *
 * @param {string} text
 * @returns {string[]} at least one; joined by spaces they are the text, but for white space
 */
export function sentencesOf(text) {
  const whole = text.trim();
  const found = [];
  let start = 0;
  /** @type {string | null} mark that ends what is quoted */
  let quote = null;
  for (let at = 0; at < whole.length; at++) {
    const letter = whole[at];
    if (quote) {
      if (letter === quote) quote = null;
    } else if (letter === '"' || letter === "`") {
      quote = whole.includes(letter, at + 1) ? letter : null;
    } else if (endsSentence(whole, at) || (letter === "\n" && whole.slice(start, at).trim())) {
      found.push(whole.slice(start, at + 1).trim());
      start = at + 1;
    }
  }
  const rest = whole.slice(start).trim();
  return rest || !found.length ? [...found, rest] : found;
}

/**
 * @param {string} text
 * @param {number} at
 */
function endsSentence(text, at) {
  return ".!?".includes(text[at]) && /^\s+["`(]?[\p{Lu}\d]/u.test(text.slice(at + 1, at + 12));
}
