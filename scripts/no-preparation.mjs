import path from "node:path";

/**
 * An esbuild plugin: leaves out how workloads prepare runs. The editor knows every workload by its definition; a run
 * prepares itself in a process of its own, with the engine and the load path.
 */
export const noPreparation = {
  name: "no-preparation",
  setup(build) {
    build.onResolve({ filter: /^\.\/(\w+-)?prepare\.ts$/ }, ({ kind, importer, path: file }) =>
      kind === "dynamic-import" && /^(\w+-)?workload\.ts$/.test(path.basename(importer))
        ? { path: path.resolve(path.dirname(importer), file), namespace: "no-preparation" }
        : undefined,
    );
    build.onLoad({ filter: /.*/, namespace: "no-preparation" }, () => ({
      contents: 'export const prepare = () => { throw new Error("the editor prepares no run itself"); };',
      loader: "js",
    }));
  },
};
