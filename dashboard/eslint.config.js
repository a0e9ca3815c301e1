/**
 * What the page may not do. Names of runs and classes are whatever users called them, and TensorBoard cleans nothing in the
 * frame of a plugin: so text is only ever set as text, and nothing runs from a string or comes from elsewhere.
 */

import js from "@eslint/js";
import globals from "globals";

const MARKUP = "Text is set as text: `h`, `s` or `textContent` (src/dom.js). Markup from a string could be anybody's.";
const CODE = "Nothing runs from a string: TensorBoard's content security policy will forbid it.";

export default [
  js.configs.recommended,
  {
    files: ["src/**/*.js"],
    languageOptions: { globals: globals.browser },
    linterOptions: { noInlineConfig: true },
    rules: {
      "no-eval": "error",
      "no-implied-eval": "error",
      "no-new-func": "error",
      "no-script-url": "error",
      eqeqeq: ["error", "always", { null: "ignore" }],
      "no-restricted-properties": [
        "error",
        ...["innerHTML", "outerHTML", "insertAdjacentHTML", "srcdoc", "setHTMLUnsafe", "createContextualFragment", "parseFromString"].map(
          (property) => ({ property, message: MARKUP }),
        ),
        { object: "document", property: "write", message: MARKUP },
        { object: "document", property: "writeln", message: MARKUP },
      ],
      "no-restricted-syntax": [
        "error",
        { selector: "MemberExpression[computed=true] > Literal[value=/^(innerHTML|outerHTML|insertAdjacentHTML|srcdoc)$/]", message: MARKUP },
        { selector: "CallExpression[callee.property.name='setAttribute'] > Literal[value=/^on/]", message: CODE },
        { selector: "Property > Literal[value=/^(innerHTML|outerHTML|srcdoc)$/]", message: MARKUP },
        { selector: "Property > Identifier[name=/^(innerHTML|outerHTML|srcdoc)$/]", message: MARKUP },
        {
          selector: "Literal[value=/^(https?:)?\\u002F\\u002F(?!www\\.w3\\.org)/]",
          message: "Nothing is asked of another server; addresses are relative.",
        },
      ],
    },
  },
  { files: ["test/**/*.js", "*.js"], languageOptions: { globals: globals.node } },
];
