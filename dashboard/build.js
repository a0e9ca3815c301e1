/**
 * Bundles the page into the one file that the Python package ships, with the licences of what it contains.
 *
 *     node build.js           write both
 *     node build.js --check   fail unless both are what the sources give
 */

import { build } from "esbuild";
import { readFile, writeFile } from "node:fs/promises";
import process from "node:process";
import { fileURLToPath } from "node:url";

const HERE = fileURLToPath(new URL(".", import.meta.url));
const STATIC = fileURLToPath(new URL("../xent_monitor/tensorboard/static/", import.meta.url));
const LICENCES = "THIRD_PARTY_LICENSES.txt";

/** @returns {Promise<Record<string, string>>} content by name of the file */
async function outputs() {
  const { metafile, outputFiles } = await build({
    absWorkingDir: HERE,
    entryPoints: ["src/main.js"],
    bundle: true,
    format: "esm",
    target: "es2022",
    minify: true,
    charset: "utf8",
    loader: { ".css": "text" },
    legalComments: "none",
    metafile: true,
    write: false,
  });
  const packages = await Promise.all(bundled(Object.keys(metafile.inputs)).map(notice));
  const names = packages.map(({ name }) => name).join(", ");
  return {
    "index.js": `/* xent_monitor, Apache-2.0. Contains ${names}: see ${LICENCES} beside this file. */\n${outputFiles[0].text}`,
    [LICENCES]: packages.map(({ name, licence }) => `index.js contains ${name}.\n\n${licence}`).join("\n"),
  };
}

/**
 * The packages that files of a bundle are from.
 * @param {string[]} paths
 */
function bundled(paths) {
  const names = paths.flatMap((path) => path.match(/node_modules\/((?:@[^/]+\/)?[^/]+)\//)?.[1] ?? []);
  return [...new Set(names)].sort();
}

/**
 * Licences are in files beside the code, where no bundler finds them.
 * @param {string} name of a package
 */
async function notice(name) {
  const { version, license } = JSON.parse(await readFile(`${HERE}node_modules/${name}/package.json`, "utf8"));
  const licence = await readFile(`${HERE}node_modules/${name}/LICENSE`, "utf8");
  return { name: `${name} ${version} (${license})`, licence: `${licence.trimEnd()}\n` };
}

const files = Object.entries(await outputs());
if (process.argv.includes("--check")) {
  for (const [name, content] of files) {
    if ((await readFile(STATIC + name, "utf8").catch(() => "")) === content) continue;
    process.stderr.write(`xent_monitor/tensorboard/static/${name} is not what the sources give. Run \`npm run build\` in dashboard/.\n`);
    process.exitCode = 1;
  }
} else {
  for (const [name, content] of files) await writeFile(STATIC + name, content);
}
