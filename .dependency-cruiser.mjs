/**
 * The arrows of the design: which folder under src may import which. A folder may always import itself.
 * Whatever is not listed here is an error, so a new folder has to say where it stands.
 */
const leaves = ["protocol", "measure", "contract", "runs"];
const mayImport = {
  protocol: [],
  runs: ["protocol"],
  measure: ["protocol"],
  l10n: ["protocol"],
  tailnet: [],
  coder: ["protocol", "tailnet"],
  wire: [],
  contract: ["coder", ...leaves],
  workloads: ["contract", "coder", "wire", ...leaves],
  engine: ["contract", "coder", ...leaves],
  runner: ["engine", "contract", "workloads", "coder", ...leaves],
  app: ["runner/client", "contract", "workloads", "coder", ...leaves],
  cli: ["app", "runner/client", "contract", "workloads", "coder", "sandbox", ...leaves],
  vscode: ["app", "runner/client", "contract", "workloads", "coder", "l10n", ...leaves],
  webview: ["protocol", "l10n"],
  sandbox: [],
};

const arrows = Object.entries(mayImport).map(([folder, targets]) => ({
  name: `${folder}-imports`,
  comment: `src/${folder} may import ${targets.length ? targets.map((t) => `src/${t}`).join(", ") : "only itself"}`,
  severity: "error",
  from: { path: `^src/${folder}/` },
  to: { path: "^src/", pathNot: [folder, ...targets].map((target) => `^src/${target}(/|\\.ts$)`) },
}));

/** It has no code of its own: what is found of it are its types. */
const VSCODE = "^vscode$|/@types/vscode/";

const vscodeOnly = {
  name: "vscode-only-under-src-vscode",
  comment: "the editor's API is imported under src/vscode and in src/extension.ts only",
  severity: "error",
  from: { path: "^src/", pathNot: ["^src/vscode/", "^src/extension\\.ts$"] },
  to: { path: VSCODE },
};

const runnerClient = {
  name: "runner-client-stays-light",
  comment: "front ends import runner/client; it must not pull the engine in",
  severity: "error",
  from: { path: "^src/runner/client" },
  to: { path: "^src/(engine|workloads|coder)/" },
};

const frontEndsAskApp = {
  name: "front-ends-ask-app",
  comment:
    "a rule of a use case stands once, in src/app. Left to the front ends: the list of workloads, and what they can be told (flags, tasks, steps, thresholds)",
  severity: "error",
  from: { path: "^src/(cli|vscode)/" },
  to: {
    path: "^src/(workloads/(preflight|cleanup|recover|create-workspaces|workspace-traffic|checks|remove)|runner/client/start)",
    pathNot: "^src/workloads/[a-z-]+/(config|describe)\\.ts$",
  },
};

const appHasNoScreen = {
  name: "app-has-no-screen",
  comment: "use cases return values and throw errors; the front ends ask and show",
  severity: "error",
  from: { path: "^src/app/" },
  to: { path: `(^|/)commander/|^(node:)?readline(/|$)|${VSCODE}` },
};

const extensionEntry = {
  name: "extension-wires-only",
  severity: "error",
  from: { path: "^src/extension\\.ts$" },
  to: { path: "^src/", pathNot: "^src/vscode/" },
};

const testsStayOut = {
  name: "tests-stay-out",
  comment: "what is shipped imports no tests and none of their tools",
  severity: "error",
  from: { path: "^src/" },
  to: {
    path: "^(test|scripts|bench)/|(^|/)(@types/)?(vitest|mocha|chai|playwright-core|@vscode/test-electron)(/|$)",
  },
};

const noCircular = { name: "no-circular", severity: "error", from: {}, to: { circular: true } };

const unlisted = {
  name: "unlisted-folder",
  comment: "a new folder under src has to be given its arrows in .dependency-cruiser.mjs",
  severity: "error",
  from: { path: "^src/[^/]+/", pathNot: Object.keys(mayImport).map((folder) => `^src/${folder}/`) },
  to: {},
};

const config = {
  forbidden: [
    ...arrows,
    vscodeOnly,
    runnerClient,
    frontEndsAskApp,
    appHasNoScreen,
    extensionEntry,
    testsStayOut,
    noCircular,
    unlisted,
  ],
  options: {
    parser: "swc",
    tsPreCompilationDeps: true,
    doNotFollow: { path: "node_modules" },
  },
};
export default config;
