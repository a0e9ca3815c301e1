import assert from "node:assert/strict";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { ESLint } from "eslint";

const FORBIDDEN = [
  "document.body.innerHTML = name;",
  "document.body['innerHTML'] = name;",
  "Object.assign(document.body, { innerHTML: name });",
  "Object.assign(document.body, { 'innerHTML': name });",
  "document.body.outerHTML = name;",
  "document.body.insertAdjacentHTML('beforeend', name);",
  "document.write(name);",
  "document.createElement('iframe').srcdoc = name;",
  "document.createRange().createContextualFragment(name);",
  "document.body.setAttribute('srcdoc', name);",
  "Object.assign(document.createElement('iframe'), { srcdoc: name });",
  "new DOMParser().parseFromString(name, 'text/html');",
  "document.body.setAttribute('onclick', name);",
  "location.href = 'javascript:name()';",
  "eval(name);",
  "new Function(name)();",
  "document.body.append(setTimeout('name()', 1));",
  "document.images[0].src = 'https://example.com/x';",
  "document.images[0].src = '//example.com/x';",
  "document.images[0].src = `https://example.com/${name}`;",
  "import('https://example.com/x.js');",
  "fetch(name);",
  "navigator.sendBeacon(name);",
];

const ALLOWED = [
  "document.body.textContent = name;",
  "document.body.setAttribute('class', `on ${name}`);",
  "document.createElementNS('http://www.w3.org/2000/svg', name).append();",
  "setTimeout(() => name, 1);",
];

/** Those that are there for safety; a snippet may break a rule of style too. */
const RULES = /^no-(restricted-|eval$|implied-eval$|new-func$|script-url$)/;

const eslint = new ESLint({ cwd: fileURLToPath(new URL("..", import.meta.url)) });

async function problems(code) {
  const [result] = await eslint.lintText(`const name = location.hash;\n${code}\n`, { filePath: "src/views/any.js" });
  return result.messages.map((message) => message.ruleId);
}

for (const code of FORBIDDEN) {
  test(`the lint refuses ${code}`, async () => {
    const found = await problems(code);
    assert.ok(found.some((rule) => RULES.test(rule)), String(found));
  });
}

for (const code of ALLOWED) {
  test(`the lint allows ${code}`, async () => assert.deepEqual(await problems(code), []));
}

test("the lint cannot be switched off in a file", async () => {
  const found = await problems("/* eslint-disable */\ndocument.body.innerHTML = name;");
  assert.ok(found.includes("no-restricted-properties"));
});
