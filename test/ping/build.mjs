// Builds the product with one more workload, `ping`, into a folder: as it ships, but for one import and one entry in
// src/workloads/index.ts, and with the manifest that is generated of the list.
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";
import { bundlesIn, nodeSettings } from "../../scripts/bundles.mjs";
import { noPreparation } from "../../scripts/no-preparation.mjs";

const root = fileURLToPath(new URL("../..", import.meta.url));
const workload = fileURLToPath(new URL("workload/workload.ts", import.meta.url));
const LIST = /[\\/]src[\\/]workloads[\\/]index\.ts$/;

/** The one line that a workload takes besides its folder, and its import. */
const withPing = {
  name: "with-ping",
  setup(builder) {
    builder.onLoad({ filter: LIST }, async ({ path: file }) => {
      const list = await readFile(file, "utf8");
      const longer = list.replace(/^\];$/m, "  ping,\n];");
      if (longer === list) throw new Error(`${file} has no list of workloads`);
      return { contents: `import { ping } from ${JSON.stringify(workload)};\n${longer}`, loader: "ts" };
    });
  },
};

/**
 * Builds into `folder`: dist/ with the product, editor.js with test/ping/editor.ts, package.json and package.nls.json.
 * Resolves with the files that dist/editor consists of.
 */
export async function buildWithPing(folder) {
  const dist = path.join(folder, "dist");
  await mkdir(dist, { recursive: true });
  const settings = [
    ...bundlesIn(dist),
    {
      ...nodeSettings(true),
      plugins: [...nodeSettings(true).plugins, noPreparation],
      entryPoints: ["test/ping/editor.ts"],
      outfile: path.join(folder, "editor.js"),
      define: {
        "import.meta.url": JSON.stringify(pathToFileURL(path.join(root, "scripts/manifest.ts")).href),
      },
    },
  ];
  const built = await Promise.all(
    settings.map((one) =>
      build({
        ...one,
        absWorkingDir: root,
        sourcemap: false,
        metafile: true,
        plugins: [withPing, ...(one.plugins ?? [])],
      }),
    ),
  );
  const { readManifest, withTasks } = createRequire(import.meta.url)(path.join(folder, "editor.js"));
  const { manifest, texts } = readManifest();
  const now = withTasks(manifest, texts);
  await writeFile(path.join(folder, "package.json"), JSON.stringify(now.manifest, null, 2));
  await writeFile(path.join(folder, "package.nls.json"), JSON.stringify(now.texts, null, 2));
  const editor = settings.findIndex(({ outdir }) => outdir === `${dist}/editor`);
  return Object.keys(built[editor]?.metafile.inputs ?? {});
}
