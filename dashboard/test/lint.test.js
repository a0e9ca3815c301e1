import assert from "node:assert/strict";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { ESLint } from "eslint";

const FORBIDDEN = [
  "document.body.innerHTML = name;",
  "document.body['innerHTML'] = name;",
  "Object.assign(document.body, { innerHTML: name });",
  "document.body.outerHTML = name;",
  "document.body.insertAdjacentHTML('beforeend', name);",
  "document.write(name);",
  "document.createElement('iframe').srcdoc = name;",
  "document.createRange().createContextualFragment(name);",
  "document.body.setAttribute('onclick', name);",
  "eval(name);",
  "new Function(name)();",
  "setTimeout('name()', 1);",
  "fetch('https://example.com/x');",
  "fetch('//example.com/x');",
];

const eslint = new ESLint({ cwd: fileURLToPath(new URL("..", import.meta.url)) });

async function problems(code) {
  const [result] = await eslint.lintText(`const name = location.hash;\n${code}\n`, { filePath: "src/views/any.js" });
  return result.messages.map((message) => message.ruleId);
}

for (const code of FORBIDDEN) {
  test(`the lint refuses ${code}`, async () => assert.notDeepEqual(await problems(code), []));
}

test("the lint allows text", async () => assert.deepEqual(await problems("document.body.textContent = name;"), []));

test("the lint cannot be switched off in a file", async () => {
  const found = await problems("/* eslint-disable */\ndocument.body.innerHTML = name;");
  assert.ok(found.includes("no-restricted-properties"));
});
