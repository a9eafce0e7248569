import { noPreparation } from "./no-preparation.mjs";
import { nodeRequired } from "./node-required.mjs";
import { oneFileFor } from "./one-file.mjs";
import { ssh2Ciphers } from "./ssh2-ciphers.mjs";
import { undiciClient } from "./undici-client.mjs";

/** For Node.js. */
export const nodeSettings = (production) => ({
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
  // Optional native parts of ssh2 and pg, which go without them.
  external: ["vscode", "cpu-features", "pg-native", "*.node"],
  define: { "process.env.NODE_ENV": JSON.stringify(production ? "production" : "development") },
});

/**
 * Where there is load: keepNames would define a property of every function that is made, also of those that
 * are made for each packet. Names stay as they are instead.
 */
const loadedSettings = (production) => ({
  ...nodeSettings(production),
  keepNames: false,
  minify: false,
  minifySyntax: production,
  minifyWhitespace: production,
});

const browserSettings = (production) => ({
  bundle: true,
  platform: "browser",
  target: "chrome128",
  format: "esm",
  minify: production,
  sourcemap: true,
  logLevel: "warning",
});

/**
 * Split at its dynamic imports: what somebody does not use is not read. CommonJS packages in there ask for `require` and
 * `__filename`; `__dirname` is the folder of all that is built, as our own code has it.
 */
const split = (settings, folder) => ({
  ...settings,
  format: "esm",
  splitting: true,
  outdir: folder,
  outExtension: { ".js": ".mjs" },
  plugins: [...settings.plugins, nodeRequired],
  banner: {
    js: [
      'import { createRequire as requireFrom } from "node:module";',
      'import { dirname as folderOf } from "node:path";',
      "const require = requireFrom(import.meta.url), __filename = import.meta.filename;",
      "const __dirname = folderOf(import.meta.dirname);",
    ].join(" "),
  },
});

/** What the editor reads when it starts: it asks for dist/editor, which is beside it, when somebody needs that. */
const extensionIn = (outdir, production) => {
  const settings = nodeSettings(production);
  return {
    ...settings,
    keepNames: false,
    entryPoints: ["src/extension.ts"],
    outfile: `${outdir}/extension.js`,
    plugins: [...settings.plugins, apart(/\/wiring\.ts$/, "./editor/index.mjs")],
  };
};

/** The features of the editor: what is read for the first of them is less than a third of all of it. */
const editorIn = (outdir, production) => {
  const settings = nodeSettings(production);
  const plugins = [...settings.plugins, noPreparation, oneFileFor("src/vscode/wiring.ts")];
  return {
    ...split({ ...settings, plugins }, `${outdir}/editor`),
    entryPoints: { index: "src/vscode/wiring.ts" },
  };
};

/**
 * Command line, its workers, runner and shards share most of what they consist of. Each process reads only the files that it needs: the
 * sandbox, SSH, what prepares a run, only where it is used.
 */
const processesIn = (outdir, production) => ({
  ...split(loadedSettings(production), `${outdir}/processes`),
  entryPoints: { index: "src/processes.ts" },
});

/** What is bundled elsewhere, and is read from there while it runs. */
const apart = (filter, file) => ({
  name: "apart",
  setup(build) {
    build.onResolve({ filter }, () => ({ path: file, external: true }));
  },
});

/** A file that begins one of the processes: see src/begin. */
function begins(name, outdir, production) {
  const settings = nodeSettings(production);
  return {
    ...settings,
    keepNames: false,
    entryPoints: [`src/begin/${name}.ts`],
    outfile: `${outdir}/${name}.js`,
    // What begins a process asks for dist/processes, which is beside it.
    plugins: [...settings.plugins, apart(/\/processes\.ts$/, "./processes/index.mjs")],
  };
}

/** Everything that ships, as esbuild takes it; files go into `outdir`. */
export function bundlesIn(outdir, production = true) {
  const node = nodeSettings(production);
  const browser = browserSettings(production);
  const bundles = [
    extensionIn(outdir, production),
    editorIn(outdir, production),
    processesIn(outdir, production),
    { ...begins("cli", outdir, production), banner: { js: "#!/usr/bin/env node" } },
    ...["worker", "runner", "shard"].map((name) => begins(name, outdir, production)),
    { ...node, entryPoints: ["src/sandbox/coder-stub.ts"], outfile: `${outdir}/sandbox-coder.js` },
    { ...browser, entryPoints: ["src/webview/main.ts"], outfile: `${outdir}/webview.js` },
    { ...browser, entryPoints: ["src/webview/plan/main.ts"], outfile: `${outdir}/plan.js` },
    { ...browser, entryPoints: ["src/webview/sizing/main.ts"], outfile: `${outdir}/sizing.js` },
    { ...browser, entryPoints: ["src/webview/compare/main.ts"], outfile: `${outdir}/compare.js` },
    // As a classic script: it is put into the page of a report, which is a file.
    { ...browser, format: "iife", entryPoints: ["src/webview/report.ts"], outfile: `${outdir}/report.js` },
  ];
  // For the licences of what is in them.
  return bundles.map((bundle) => ({ ...bundle, metafile: true }));
}
