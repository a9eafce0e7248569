// Builds everything that ships: dist/extension.js, dist/runner.js, dist/cli.js, dist/webview.js and the
// sandbox's stand-in for the `coder` command. `--watch` rebuilds, `--test` builds the in-editor tests too
// (dist-test/), `--only=webview,report` these bundles alone.
import { globSync } from "node:fs";
import { rm } from "node:fs/promises";
import { context } from "esbuild";
import { bundlesIn, nodeSettings } from "./scripts/bundles.mjs";

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

const wanted = only ? bundles.filter(({ outfile }) => only.includes(outfile.slice(5, -3))) : bundles;
if (process.argv.includes("--test")) {
  await rm("dist-test", { recursive: true, force: true });
  wanted.push(tests);
}
const contexts = await Promise.all(wanted.map((options) => context(options)));
if (watch) {
  await Promise.all(contexts.map((one) => one.watch()));
} else {
  await Promise.all(contexts.map((one) => one.rebuild()));
  await Promise.all(contexts.map((one) => one.dispose()));
}
