/**
 * The arrows of the design: which folder under src may import which. A folder may always import itself.
 * Whatever is not listed here is an error, so a new folder has to say where it stands.
 */
const leaves = ["text", "protocol", "measure", "contract", "runs", "system"];
const mayImport = {
  text: [],
  system: [],
  protocol: ["text"],
  runs: ["protocol", "text"],
  measure: ["protocol", "text"],
  l10n: ["protocol", "text"],
  tailnet: ["text"],
  coder: ["protocol", "tailnet", "text", "system"],
  wire: ["text"],
  contract: ["coder", ...leaves],
  planner: ["protocol", "text"],
  compare: ["contract", "measure", "protocol", "runs", "text"],
  limit: ["compare", "measure", "protocol", "text"],
  scenario: ["contract", "measure", "protocol", "text"],
  load: ["contract", "measure", "protocol", "text"],
  workloads: ["load", "contract", "coder", "wire", ...leaves],
  insight: ["contract", "coder", ...leaves],
  telemetry: ["coder", ...leaves],
  engine: ["insight", "telemetry", "compare", "limit", "contract", "coder", ...leaves],
  runner: ["engine", "compare", "contract", "workloads", "coder", ...leaves],
  app: [
    "planner",
    "runner/client",
    "insight",
    "compare",
    "scenario",
    "contract",
    "workloads",
    "coder",
    ...leaves,
  ],
  begin: ["cli", "processes"],
  cli: [
    "app",
    "planner",
    "compare",
    "scenario",
    "runner/client",
    "contract",
    "workloads",
    "coder",
    "sandbox",
    ...leaves,
  ],
  vscode: [
    "app",
    "planner",
    "compare",
    "scenario",
    "runner/client",
    "contract",
    "workloads",
    "coder",
    "l10n",
    ...leaves,
  ],
  webview: ["protocol", "l10n", "text"],
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
  comment: "a rule of a use case stands once, in src/app. Left to the front ends: the list of workloads",
  severity: "error",
  from: { path: "^src/(cli|vscode)/" },
  to: { path: "^src/(workloads/(preflight/|remove|leftovers)|runner/client/start)" },
};

/** Files outside a workload's folder that may import from it, with what and why. */
const KNOWN_WORKLOADS = [
  {
    from: "^src/workloads/version-1\\.ts$",
    to: "^src/workloads/workspace-traffic/version-1\\.ts$",
    why: "records of version 1 have a section of their workload's own",
  },
  {
    from: "^src/workloads/probes\\.ts$",
    to: "^src/workloads/[^/]+/probe/[^/]+\\.ts$",
    why: "a place of the load has its probes from this list, and nothing else of their workloads",
  },
  {
    from: "^src/vscode/features/(create|traffic)/",
    to: "^src/workloads/(create-workspaces|workspace-traffic)/(config|describe)\\.ts$",
    why: "the two wizards that are made by hand; src/vscode/wizards.ts is their registry",
  },
];
const KNOWN = KNOWN_WORKLOADS.map(({ from }) => from);

/** What workloads have in common is in src/workloads itself and in src/workloads/preflight. */
const WORKLOAD = "^src/workloads/(?!preflight/)([^/]+)/";

const nobodyKnowsAWorkload = [
  {
    name: "nobody-knows-a-workload",
    comment:
      "a workload is one folder and one line in src/workloads/index.ts: nothing else imports from its folder, other workloads neither",
    severity: "error",
    from: { path: "^src/", pathNot: ["^src/workloads/[^/]+/", "^src/workloads/index\\.ts$", ...KNOWN] },
    to: { path: WORKLOAD },
  },
  {
    name: "workloads-know-no-other",
    comment: "what several workloads need is in src/workloads itself",
    severity: "error",
    from: { path: WORKLOAD },
    to: { path: WORKLOAD, pathNot: "^src/workloads/$1/" },
  },
  {
    name: "shared-knows-no-workload",
    severity: "error",
    from: { path: "^src/workloads/preflight/" },
    to: { path: WORKLOAD },
  },
  {
    name: "index-takes-definitions",
    comment: "the list is for both front ends: what reaches a deployment comes when a run is prepared",
    severity: "error",
    from: { path: "^src/workloads/index\\.ts$" },
    to: { path: WORKLOAD, pathNot: "[/-]workload\\.ts$" },
  },
  ...KNOWN_WORKLOADS.map(({ from, to, why }, index) => ({
    name: `exception-${index + 1}`,
    comment: `no more than what it is allowed for: ${why}`,
    severity: "error",
    from: { path: from },
    to: { path: WORKLOAD, pathNot: to },
  })),
];

const definitionsAreLight = {
  name: "definitions-are-light",
  comment:
    "every front end loads a workload's definition; how it prepares a run comes when a run is prepared",
  severity: "error",
  from: { path: "^src/workloads/[^/]+/workload\\.ts$" },
  to: {
    path: "^src/",
    pathNot: [
      "^src/(contract|measure|protocol|text)/",
      "^src/workloads/.*(config|deletion|describe|fields|names)\\.ts$",
    ],
    dynamic: false,
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

/** Files of the editor outside its features that may import from them, with what and why. */
const KNOWN_FEATURES = [
  {
    from: "^src/vscode/front/",
    to: "(occasion|types)\\.ts$",
    why: "it looks for what has a feature begin unasked, and has the shape of the API",
  },
  { from: "^src/vscode/wiring\\.ts$", to: "(feature|types)\\.ts$", why: "it registers all of them" },
  {
    from: "^src/vscode/wizards\\.ts$",
    to: "wizard\\.ts$",
    why: "it lists the wizards that are made by hand",
  },
  { from: "^src/vscode/ids\\.ts$", to: "request\\.ts$", why: "commands take these requests" },
];
const FEATURE = "^src/vscode/features/([^/]+)/";

const featuresStandApart = [
  {
    name: "features-know-no-insides",
    comment:
      "a feature of the editor is a folder that registers itself; of another it imports requests only, the rest is handed to it by src/vscode/wiring.ts",
    severity: "error",
    from: { path: FEATURE },
    to: { path: FEATURE, pathNot: ["^src/vscode/features/$1/", "^src/vscode/features/[^/]+/request\\.ts$"] },
  },
  {
    name: "shared-knows-no-feature",
    comment: "what the features of the editor share knows none of them",
    severity: "error",
    from: {
      path: "^src/vscode/",
      pathNot: ["^src/vscode/features/", ...KNOWN_FEATURES.map(({ from }) => from)],
    },
    to: { path: FEATURE },
  },
  ...KNOWN_FEATURES.map(({ from, to, why }, index) => ({
    name: `shared-knows-no-feature-exception-${index + 1}`,
    comment: `no more than what it is allowed for: ${why}`,
    severity: "error",
    from: { path: from },
    to: { path: FEATURE, pathNot: `${FEATURE}${to}` },
  })),
];

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
    ...nobodyKnowsAWorkload,
    definitionsAreLight,
    appHasNoScreen,
    extensionEntry,
    ...featuresStandApart,
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
