import { noPreparation } from "./no-preparation.mjs";
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
  // ssh2's optional native parts: it falls back to JavaScript and WebAssembly without them.
  external: ["vscode", "cpu-features", "*.node"],
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

/** A file that begins one of the processes of processes.js. */
const entry = { platform: "node", format: "cjs", bundle: false, sourcemap: false, logLevel: "warning" };
function begins(name, outdir) {
  const contents = `require("./processes.js").${name}();`;
  return { stdin: { contents, loader: "js" }, outfile: `${outdir}/${name}.js` };
}

/** Everything that ships, as esbuild takes it; files go into `outdir`. */
export function bundlesIn(outdir, production = true) {
  const node = nodeSettings(production);
  const loaded = loadedSettings(production);
  const browser = browserSettings(production);
  return [
    {
      ...node,
      plugins: [...node.plugins, noPreparation],
      entryPoints: ["src/extension.ts"],
      outfile: `${outdir}/extension.js`,
    },
    // Command line, runner and shards share most of what they consist of, so they are one file; each process
    // evaluates its own part of it.
    { ...loaded, entryPoints: ["src/processes.ts"], outfile: `${outdir}/processes.js` },
    { ...entry, ...begins("cli", outdir), banner: { js: "#!/usr/bin/env node" } },
    { ...entry, ...begins("runner", outdir) },
    { ...entry, ...begins("shard", outdir) },
    { ...node, entryPoints: ["src/sandbox/coder-stub.ts"], outfile: `${outdir}/sandbox-coder.js` },
    { ...browser, entryPoints: ["src/webview/main.ts"], outfile: `${outdir}/webview.js` },
    // As a classic script: it is put into the page of a report, which is a file.
    { ...browser, format: "iife", entryPoints: ["src/webview/report.ts"], outfile: `${outdir}/report.js` },
  ];
}
