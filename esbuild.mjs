// Builds everything that ships: dist/extension.js, dist/runner.js, dist/cli.js, dist/webview.js and the
// sandbox's stand-in for the `coder` command. `--watch` rebuilds, `--test` builds the in-editor tests too
// (dist-test/), `--only=webview,report` these bundles alone.
import { globSync } from "node:fs";
import { readdir, rm } from "node:fs/promises";
import path from "node:path";
import { context } from "esbuild";
import { nodeRequired } from "./scripts/node-required.mjs";
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

/**
 * Command line, runner and shards share most of what they consist of. Split at its dynamic imports, each process
 * reads only the files that it needs: the sandbox, or SSH, only where it is used. CommonJS packages in there ask for
 * `require` and `__filename`; `__dirname` is dist, as our own code has it.
 */
const processes = {
  ...loaded,
  entryPoints: { index: "src/processes.ts" },
  format: "esm",
  splitting: true,
  outdir: "dist/processes",
  outExtension: { ".js": ".mjs" },
  metafile: true,
  plugins: [...node.plugins, nodeRequired],
  banner: {
    js: [
      'import { createRequire as requireFrom } from "node:module";',
      'import { dirname as folderOf } from "node:path";',
      "const require = requireFrom(import.meta.url), __filename = import.meta.filename;",
      "const __dirname = folderOf(import.meta.dirname);",
    ].join(" "),
  },
};

/** A file that begins one of the processes of dist/processes. */
const entry = { platform: "node", bundle: false, sourcemap: false, logLevel: "warning" };
function begins(name) {
  const contents = `import("./processes/index.mjs").then((processes) => processes.${name}());`;
  return { stdin: { contents, loader: "js" }, outfile: `dist/${name}.js` };
}

const bundles = [
  { ...node, entryPoints: ["src/extension.ts"], outfile: "dist/extension.js" },
  processes,
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

/** dist/cli.js is `cli`, dist/processes is `processes`. */
const nameOf = ({ outfile, outdir }) => path.parse(outfile ?? outdir).name;
const wanted = only ? bundles.filter((bundle) => only.includes(nameOf(bundle))) : bundles;
if (process.argv.includes("--test")) {
  await rm("dist-test", { recursive: true, force: true });
  wanted.push(tests);
}
const contexts = await Promise.all(wanted.map((options) => context(options)));
if (watch) {
  await Promise.all(contexts.map((one) => one.watch()));
} else {
  const built = await Promise.all(contexts.map((one) => one.rebuild()));
  for (const { metafile } of built) if (metafile) await removeOthers(Object.keys(metafile.outputs));
  await Promise.all(contexts.map((one) => one.dispose()));
}

/** Split files have names by their content: those of a build before are of no use. */
async function removeOthers(files) {
  const kept = new Set(files.map((file) => path.basename(file)));
  for (const file of await readdir(processes.outdir))
    if (!kept.has(file)) await rm(path.join(processes.outdir, file));
}
