/**
 * Bundles the page into the one file that the Python package ships, with the licences of what it contains.
 *
 *     node build.js           write both
 *     node build.js --check   fail unless both are what the sources give
 */

import { build } from "esbuild";
import { readFile, writeFile } from "node:fs/promises";
import { argv, exit, stderr } from "node:process";
import { fileURLToPath } from "node:url";

const STATIC = fileURLToPath(new URL("../xent_monitor/tensorboard/static/", import.meta.url));

/** @returns {Promise<Record<string, string>>} content by name of the file */
async function outputs() {
  const result = await build({
    absWorkingDir: fileURLToPath(new URL(".", import.meta.url)),
    entryPoints: ["src/main.js"],
    bundle: true,
    format: "esm",
    target: "es2022",
    minify: true,
    charset: "utf8",
    loader: { ".css": "text" },
    // uPlot's notice is in a file beside it, which no bundler finds.
    banner: { js: "/* xent_monitor, Apache-2.0. Contains uPlot, MIT: see THIRD_PARTY_LICENSES.txt beside this file. */" },
    legalComments: "none",
    write: false,
  });
  const uplot = JSON.parse(await readFile(new URL("node_modules/uplot/package.json", import.meta.url), "utf8"));
  const licence = await readFile(new URL("node_modules/uplot/LICENSE", import.meta.url), "utf8");
  return {
    "index.js": result.outputFiles[0].text,
    "THIRD_PARTY_LICENSES.txt": `index.js contains uPlot ${uplot.version}, https://github.com/leeoniya/uPlot\n\n${licence}`,
  };
}

const files = await outputs();
if (argv.includes("--check")) {
  for (const [name, content] of Object.entries(files)) {
    const committed = await readFile(STATIC + name, "utf8").catch(() => "");
    if (committed !== content) {
      stderr.write(`xent_monitor/tensorboard/static/${name} is not what the sources give. Run: npm run build\n`);
      exit(1);
    }
  }
} else {
  for (const [name, content] of Object.entries(files)) await writeFile(STATIC + name, content);
}
