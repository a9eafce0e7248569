import { writeFile } from "node:fs/promises";
import path from "node:path";
import { build as bundle } from "esbuild";
import { filesReadFor } from "./parts.mjs";

/**
 * All that an entry point of a split bundle reads at once becomes one file, which is read in a third of the time of many:
 * esbuild makes a file of whatever the same dynamic imports share. Those files stay, and hand on what the one has.
 */
export const oneFileFor = (entryPoint) => ({
  name: "one-file",
  setup(build) {
    build.onEnd(async ({ metafile, errors }) => {
      if (errors.length > 0) return;
      const { outputs } = metafile;
      const [first, ...others] = filesReadFor(outputs, entryPoint);
      const folder = path.resolve(path.dirname(first));
      const shared = others.map((file, at) => ({
        file,
        name: path.basename(file),
        at,
        exports: outputs[file].exports,
      }));
      const { outputFiles } = await bundle({
        stdin: {
          contents: [`export * from "./${path.basename(first)}";`, ...shared.map(handsOn)].join("\n"),
          resolveDir: folder,
        },
        ...{ bundle: true, write: false, outfile: path.resolve(first), sourcemap: true, logLevel: "warning" },
        ...{ format: "esm", platform: "node", target: build.initialOptions.target },
        minify: build.initialOptions.minify,
        external: build.initialOptions.external,
        plugins: [onlyOf(new Set([first, ...others].map((file) => path.resolve(file))))],
      });
      await Promise.all(outputFiles.map(({ path: file, contents }) => writeFile(file, contents)));
      await Promise.all(
        shared.map((one) => writeFile(one.file, `${takesFrom(one, path.basename(first))}\n`)),
      );
    });
  },
});

/** What a file exports, by names that are unique among all of them. */
function handsOn({ name, at, exports }) {
  return `export { ${exports.map((one) => `${one} as ${unique(one, at)}`).join(", ")} } from "./${name}";`;
}

function takesFrom({ at, exports }, first) {
  return `export{${exports.map((one) => `${unique(one, at)} as ${one}`).join(",")}}from"./${first}";`;
}

const unique = (name, at) => `${name}_${at}`;

/** Other files, which are read later, stay files. */
const onlyOf = (files) => ({
  name: "only-of",
  setup(build) {
    build.onResolve({ filter: /^\.\.?\// }, ({ path: asked, resolveDir }) =>
      files.has(path.resolve(resolveDir, asked)) ? undefined : { path: asked, external: true },
    );
  },
});
