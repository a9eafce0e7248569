// Builds everything that ships: dist/editor, dist/processes, dist/cli.js and its like, dist/webview.js and the
// sandbox's stand-in for the `coder` command. `--watch` rebuilds, `--test` builds the in-editor tests too
// (dist-test/), `--only=webview,report` these bundles alone.
import { globSync } from "node:fs";
import { readdir, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { context } from "esbuild";
import { bundlesIn, nodeSettings } from "./scripts/bundles.mjs";
import { bundledPackages, NOTICES, noticesOf } from "./scripts/notices.mjs";
import { METAFILE } from "./scripts/parts.mjs";

const production = !process.argv.includes("--dev");
const watch = process.argv.includes("--watch");
const only = process.argv
  .find((arg) => arg.startsWith("--only="))
  ?.slice("--only=".length)
  .split(",");

const bundles = bundlesIn("dist", production);
const node = nodeSettings(production);

// A file for each test file: mocha, which runs inside VS Code, loads them one by one.
const tests = {
  ...node,
  entryPoints: globSync("test/extension/*.ts"),
  outdir: "dist-test",
  external: [...node.external, "mocha"],
};

/** dist/cli.js is `cli`, dist/processes is `processes`. */
const nameOf = ({ outfile, outdir }) => path.parse(outfile ?? outdir).name;
const wanted = only ? bundles.filter((bundle) => only.includes(nameOf(bundle))) : [...bundles];
if (process.argv.includes("--test")) {
  await rm("dist-test", { recursive: true, force: true });
  wanted.push(tests);
}
const contexts = await Promise.all(wanted.map((options) => context(options)));
if (watch) {
  await Promise.all(contexts.map((one) => one.watch()));
} else {
  const built = await Promise.all(contexts.map((one) => one.rebuild()));
  // The tests are not given out.
  const shipped = built.slice(0, only ? 0 : bundles.length).map(({ metafile }) => metafile);
  if (shipped.length > 0) {
    const outputs = Object.assign({}, ...shipped.map((metafile) => metafile.outputs));
    await writeFile(path.join("dist", METAFILE), JSON.stringify({ outputs }));
    await writeFile(path.join("dist", NOTICES), noticesOf(bundledPackages(process.cwd(), shipped)));
  }
  await Promise.all(
    built.map(({ metafile }, at) => wanted[at].splitting && removeOthers(wanted[at].outdir, metafile)),
  );
  await Promise.all(contexts.map((one) => one.dispose()));
}

/** Split files have names by their content: those of a build before are of no use. */
async function removeOthers(folder, { outputs }) {
  const kept = new Set(Object.keys(outputs).map((file) => path.basename(file)));
  for (const file of await readdir(folder)) if (!kept.has(file)) await rm(path.join(folder, file));
}
