import type { TreeViewOptions, Uri } from "vscode";
import type { PanelTarget } from "../protocol/panel.ts";
import type { StartRequest } from "./ask/run-request.ts";
import type { CreateWorkspacesRequest } from "./features/create/request.ts";
import type { WorkspaceTrafficRequest } from "./features/traffic/request.ts";

/** Every command, view and setting that package.json contributes; a test holds the two against each other. */

/** Which run a command is about: what the tree hands over, or a run's id. */
export type RunReference = string | { runId: string };

export interface SignInRequest {
  url?: string;
  token?: string;
}

/** What is to be cleaned up; what is missing is asked for. */
export interface CleanUpRequest {
  url?: string;
  runId?: string;
  /** Of a run whose clean-up has failed: delete workspaces even where their destroy fails. */
  orphan?: boolean;
}

/** A scenario's file: what menus and the tree hand over, or its URI as a text; without it, that of the editor in front. */
export type ScenarioReference = Uri | string | { scenario: string };

/** A threshold of the test results, as their menus hand it over. */
export interface TestReference {
  test: { id: string };
}

/** A line of the tree of deployments, or an address. */
export type DeploymentReference = string | { url: string };

/** A file: an address, or an object that is written as one. */
export type FileReference = string | { toString(): string };

/** Arguments by command. A misspelt id or a wrong argument does not compile. */
export interface Commands {
  "scaletest.start": [request?: StartRequest];
  "scaletest.runScenario": [file?: ScenarioReference];
  "scaletest.runScenarioStep": [file?: ScenarioReference, step?: string];
  /** Of a scenario, or of what a person chooses. */
  "scaletest.findLimit": [file?: ScenarioReference];
  "scaletest.preflightScenario": [file?: ScenarioReference];
  "scaletest.lastScenarioResult": [file?: ScenarioReference];
  "scaletest.scenarioResults": [file?: ScenarioReference];
  /** Where a threshold of the test results broke. */
  "scaletest.showThreshold": [threshold?: TestReference];
  "scaletest.runAgain": [run?: RunReference];
  "scaletest.editAndRun": [run?: RunReference];
  "scaletest.runFailedOnly": [run?: RunReference];
  "scaletest.copyAsCommand": [run?: RunReference];
  "scaletest.saveAsScenario": [run?: RunReference];
  /** By the name of its file, without folder and ending; without it, a person chooses. */
  "scaletest.newScenario": [preset?: string];
  "scaletest.createWorkspaces": [request?: CreateWorkspacesRequest];
  "scaletest.workspaceTraffic": [request?: WorkspaceTrafficRequest];
  "scaletest.preflight": [request?: CreateWorkspacesRequest];
  "scaletest.signIn": [request?: SignInRequest];
  "scaletest.signInFromCli": [];
  "scaletest.signInAgain": [run?: RunReference];
  "scaletest.signOut": [deployment?: DeploymentReference];
  "scaletest.openDeployment": [deployment: DeploymentReference];
  "scaletest.markStaging": [deployment: DeploymentReference];
  "scaletest.unmarkStaging": [deployment: DeploymentReference];
  "scaletest.refreshDeployments": [];
  /** Of that deployment, or of one that a person chooses. */
  "scaletest.connectServerMetrics": [deployment?: DeploymentReference];
  "scaletest.cleanUp": [request?: CleanUpRequest];
  "scaletest.findLeftovers": [deployment?: DeploymentReference];
  "scaletest.deleteTicked": [];
  "scaletest.startSandbox": [];
  "scaletest.stopSandbox": [];
  "scaletest.showPanel": [run?: RunReference, at?: PanelTarget];
  /** The panel in front. */
  "scaletest.keepOpen": [];
  "scaletest.stop": [run?: RunReference];
  "scaletest.stopAndKeep": [run?: RunReference];
  "scaletest.pause": [run?: RunReference];
  "scaletest.resume": [run?: RunReference];
  "scaletest.stopAll": [];
  "scaletest.endRunner": [run?: RunReference];
  "scaletest.forget": [run?: RunReference];
  "scaletest.openRunFolder": [run?: RunReference];
  "scaletest.showLog": [];
  "scaletest.openReport": [run?: RunReference];
  /** Of the report that is looked at. */
  "scaletest.saveReport": [];
  "scaletest.openReportInBrowser": [];
  "scaletest.export": [run?: RunReference];
  "scaletest.openFailures": [run?: RunReference];
  "scaletest.compare": [run?: RunReference, runs?: readonly RunReference[]];
  "scaletest.deleteRun": [run?: RunReference, runs?: readonly RunReference[]];
  "scaletest.filterHistory": [];
  "scaletest.refreshHistory": [];
  /** Of the scenario that is looked at, or of this file: what the editor's title hands over, or its address. */
  "scaletest.showPlan": [file?: FileReference];
  "scaletest.planDeployment": [];
  "scaletest.planFromRun": [run?: RunReference];
}
export type CommandId = keyof Commands;

export const TASK_TYPE = "coder-scaletest";
export const CONTAINER = "scaletest";
export const SCENARIOS_VIEW = "scaletest.scenarios";
export const RUNS_VIEW = "scaletest.runs";
export const DEPLOYMENTS_VIEW = "scaletest.deployments";
export const LEFTOVERS_VIEW = "scaletest.leftovers";

/** The views, and how VS Code draws each. */
export const VIEWS = {
  [SCENARIOS_VIEW]: {},
  [RUNS_VIEW]: { showCollapseAll: true, canSelectMany: true },
  [DEPLOYMENTS_VIEW]: {},
  [LEFTOVERS_VIEW]: { manageCheckboxStateManually: true },
} as const satisfies Record<string, Omit<TreeViewOptions<unknown>, "treeDataProvider">>;
export type ViewId = keyof typeof VIEWS;
export const viewIds = Object.keys(VIEWS) as ViewId[];

export const PANEL_TYPE = "scaletest.run";
export const PLAN_TYPE = "scaletest.plan";
export const SIZING_TYPE = "scaletest.sizing";
export const COMPARISON_TYPE = "scaletest.comparison";
export const REPORT_TYPE = "scaletest.report";
/** Panels that come back when a window is loaded anew, each with an activation event in package.json. */
export type PanelType = typeof PANEL_TYPE | typeof PLAN_TYPE | typeof COMPARISON_TYPE | typeof REPORT_TYPE;

/** Of documents that show logs. */
export const LOG_SCHEME = "scaletest-log";

/** Values by key of `setContext`, for package.json's `when` clauses. A view is ready once it is known what is in it. */
export interface ContextKeys extends Record<`${ViewId}.ready`, boolean> {
  /** Somebody is signed in to a deployment. */
  "scaletest.signedIn": boolean;
  "scaletest.sandboxRunning": boolean;
  "scaletest.runsActive": boolean;
  "scaletest.runnerSilent": boolean;
  "scaletest.sessionExpired": boolean;
  /** The panel in front is taken for the next run that is over. */
  "scaletest.panelIsPreview": boolean;
}
export type ContextKey = keyof ContextKeys;

/** Values by setting, without `scaletest.`. A misspelt setting does not compile. */
export interface Settings {
  /** The `coder` command with arguments; empty: the one on PATH. */
  coderCli: string;
  /** Folder that holds runs; empty: where the platform keeps an application's data. */
  home: string;
  /** What runs from here are held to, as a person wrote it: nothing is checked yet. */
  thresholds: readonly unknown[];
  "limits.count": number | null;
  "limits.connections": number | null;
  /** Bytes a second. */
  "limits.rate": number | null;
}

/** As package.json has them. */
export const SETTING_DEFAULTS: Settings = {
  coderCli: "",
  home: "",
  thresholds: [],
  "limits.count": null,
  "limits.connections": null,
  "limits.rate": null,
};

/** What the lines of the trees are, for `viewItem` in package.json's menus. */
export const LINE_CONTEXTS = [
  "run.active",
  "run.paused",
  "run.expired",
  "run.silent",
  "run.stopping",
  "run.ended",
  "run.failed",
  "run.done",
  "run.kept",
  "run.left",
  "run.lost",
  "run.gone",
  "group",
  "scenario",
  "stage",
  "count",
  "figures",
  "figure",
  "thresholds",
  "threshold",
  "errors",
  "cause",
  "workspace",
  "more",
  "expired",
  "newer",
  "deployment.sandbox",
  "deployment.staging",
  "deployment.other",
  "detail",
  "detail.leftovers",
  "detail.leftRun",
  "detail.metrics",
  "detail.signIn",
  "detail.retry",
  "leftover.run",
  "leftover.user",
] as const;
export type LineContext = (typeof LINE_CONTEXTS)[number];
