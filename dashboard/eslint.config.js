/**
 * What the page may not do. Names of runs and classes are whatever users called them, and TensorBoard cleans nothing in the
 * frame of a plugin: so text is only ever set as text, and nothing runs from a string or comes from elsewhere.
 */

import js from "@eslint/js";
import globals from "globals";

const MARKUP = "Text is set as text: `h`, `s` or `textContent` (src/dom.js). Markup from a string could be anybody's.";
const CODE = "Nothing runs from a string: TensorBoard's content security policy will forbid it.";
const ELSEWHERE = "Nothing is asked of another server; addresses are relative.";
const ONE_PLACE = "`src/server.js` alone talks to the server.";

const MARKUP_PROPERTIES = [
  "innerHTML",
  "outerHTML",
  "insertAdjacentHTML",
  "srcdoc",
  "setHTMLUnsafe",
  "createContextualFragment",
  "parseFromString",
];
const REQUESTS = ["fetch", "XMLHttpRequest", "WebSocket", "EventSource", "WebTransport"];
const NAMES = `/^(${MARKUP_PROPERTIES.join("|")})$/`;
/** Of another server, but for the names of XML's vocabularies, which are no addresses. */
const ADDRESS = "/^\\s*(https?:)?\\u002F\\u002F(?!www\\.w3\\.org)/i";

export default [
  js.configs.recommended,
  {
    rules: {
      eqeqeq: ["error", "always", { null: "ignore" }],
      "max-lines": ["error", 400],
      "max-lines-per-function": ["error", { max: 60, skipComments: true, skipBlankLines: true }],
    },
  },
  {
    files: ["src/**/*.js"],
    languageOptions: { globals: globals.browser },
    linterOptions: { noInlineConfig: true },
    rules: {
      "no-eval": "error",
      "no-implied-eval": "error",
      "no-new-func": "error",
      "no-script-url": "error",
      "no-restricted-globals": ["error", ...REQUESTS.map((name) => ({ name, message: ONE_PLACE }))],
      "no-restricted-properties": [
        "error",
        ...MARKUP_PROPERTIES.map((property) => ({ property, message: MARKUP })),
        ...["write", "writeln"].map((property) => ({ object: "document", property, message: MARKUP })),
        { property: "sendBeacon", message: ONE_PLACE },
      ],
      "no-restricted-syntax": [
        "error",
        // `Object.assign(element, { innerHTML })`, and attributes of `h`.
        { selector: `Property > Identifier.key[name=${NAMES}]`, message: MARKUP },
        { selector: `Property > Literal.key[value=${NAMES}]`, message: MARKUP },
        { selector: "CallExpression[callee.property.name=/^setAttribute(NS)?$/] > Literal.arguments[value=/^srcdoc$/i]", message: MARKUP },
        { selector: "CallExpression[callee.property.name='setAttribute'] > Literal:first-child[value=/^on/i]", message: CODE },
        { selector: `Literal[value=${ADDRESS}]`, message: ELSEWHERE },
        { selector: `TemplateElement[value.raw=${ADDRESS}]`, message: ELSEWHERE },
      ],
    },
  },
  { files: ["test/**/*.js", "*.js"], languageOptions: { globals: globals.node } },
];
