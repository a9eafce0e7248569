// Builds everything that ships: dist/extension.js, dist/runner.js, dist/cli.js, dist/webview.js and the
// sandbox's stand-in for the `coder` command. `--watch` rebuilds, `--test` builds the in-editor tests too
// (dist-test/), `--only=webview,report` these bundles alone.
import { globSync } from "node:fs";
import { rm } from "node:fs/promises";
import { context } from "esbuild";
import { ssh2Ciphers } from "./scripts/ssh2-ciphers.mjs";
import { undiciClient } from "./scripts/undici-client.mjs";

const production = !process.argv.includes("--dev");
const watch = process.argv.includes("--watch");
const only = process.argv
  .find((arg) => arg.startsWith("--only="))
  ?.slice("--only=".length)
  .split(",");

const node = {
  bundle: true,
  platform: "node",
  target: "node22",
  format: "cjs",
  sourcemap: true,
  // Names stay, by keepNames, for stack traces.
  minify: production,
  keepNames: true,
  logLevel: "warning",
  plugins: [ssh2Ciphers, undiciClient],
  // ssh2's optional native parts: it falls back to JavaScript and WebAssembly without them.
  external: ["vscode", "cpu-features", "*.node"],
  define: { "process.env.NODE_ENV": JSON.stringify(production ? "production" : "development") },
};

/**
 * Where there is load: keepNames would define a property of every function that is made, also of those that
 * are made for each packet. Names stay as they are instead.
 */
const loaded = {
  ...node,
  keepNames: false,
  minify: false,
  minifySyntax: production,
  minifyWhitespace: production,
};

const browser = {
  bundle: true,
  platform: "browser",
  target: "chrome128",
  format: "esm",
  minify: production,
  sourcemap: true,
  logLevel: "warning",
};

/** A file that begins one of the processes of dist/processes.js. */
const entry = { platform: "node", format: "cjs", bundle: false, sourcemap: false, logLevel: "warning" };
function begins(name) {
  const contents = `require("./processes.js").${name}();`;
  return { stdin: { contents, loader: "js" }, outfile: `dist/${name}.js` };
}

const bundles = [
  { ...node, entryPoints: ["src/extension.ts"], outfile: "dist/extension.js" },
  // Command line, runner and shards share most of what they consist of, so they are one file; each process
  // evaluates its own part of it.
  { ...loaded, entryPoints: ["src/processes.ts"], outfile: "dist/processes.js" },
  { ...entry, ...begins("cli"), banner: { js: "#!/usr/bin/env node" } },
  { ...entry, ...begins("runner") },
  { ...entry, ...begins("shard") },
  { ...node, entryPoints: ["src/sandbox/coder-stub.ts"], outfile: "dist/sandbox-coder.js" },
  { ...browser, entryPoints: ["src/webview/main.ts"], outfile: "dist/webview.js" },
  // As a classic script: it is put into the page of a report, which is a file.
  { ...browser, format: "iife", entryPoints: ["src/webview/report.ts"], outfile: "dist/report.js" },
];

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
