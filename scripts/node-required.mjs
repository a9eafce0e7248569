// An esbuild plugin: files in the format of ECMAScript modules ask `require` for node's own modules. An `import` of
// one reads all that it exports, and with `http` that loads node's copy of undici: a fifth of a start.
import { isBuiltin } from "node:module";

export const nodeRequired = {
  name: "node-required",
  setup(build) {
    build.onResolve({ filter: /^[a-z]/ }, ({ path, kind }) =>
      isBuiltin(path) && kind === "import-statement" ? { path, namespace: "node-required" } : undefined,
    );
    build.onLoad({ filter: /.*/, namespace: "node-required" }, ({ path }) => ({
      contents: `module.exports = require(${JSON.stringify(path)});`,
      loader: "js",
    }));
  },
};
