import type * as z from "zod";
import type { createWorkspacesSchema } from "../workloads/create-workspaces/config.ts";
import type { trafficConfigSchema } from "../workloads/workspace-traffic/config.ts";

/** Every command, view and setting that package.json contributes; a test holds the two against each other. */

/** Which run a command is about: what the tree hands over, or a run's id. */
export type RunReference = string | { runId: string };

/** What may be said of the workloads, as their tables have it. */
export type CreateConfig = Partial<z.input<typeof createWorkspacesSchema>>;
export type TrafficConfig = Partial<z.input<typeof trafficConfigSchema>>;

/** What every request may say. */
interface RunRequest {
  /** Address of a deployment that is signed in to. */
  url?: string;
  /** Leaves out the last question. */
  start?: boolean;
  /** Host of a deployment that is not marked as one for tests, to say that it is meant. */
  acknowledgedHost?: string;
  /** Further keys of the workload's configuration, as a run's run.json has them. */
  config?: Record<string, unknown>;
}

/** A scale test of workspaces. Whatever is given is not asked for; an empty `runCommand` runs nothing. */
export interface CreateWorkspacesRequest
  extends RunRequest,
    Pick<CreateConfig, "template" | "parameters" | "count" | "runCommand" | "concurrency"> {
  /** Name or id, where several organizations have a template of that name. */
  organization?: string;
}

/** Traffic to workspaces that scale tests have left. What is missing is asked for, unless `start` is set. */
export interface WorkspaceTrafficRequest
  extends RunRequest,
    Pick<TrafficConfig, "template" | "app" | "rate" | "rampMs" | "warmUpMs" | "durationMs"> {
  /** Only the workspaces that this run made. A line of a tree has it too, so that commands take it from there. */
  runId?: string;
  transport?: "terminal" | "ssh";
  /** To each workspace. */
  connections?: number;
}

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

/** A line of the tree of deployments, or an address. */
export type DeploymentReference = string | { url: string };

/** Arguments by command. A misspelt id or a wrong argument does not compile. */
export interface Commands {
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
  "scaletest.cleanUp": [request?: CleanUpRequest];
  "scaletest.findLeftovers": [deployment?: DeploymentReference];
  "scaletest.deleteTicked": [];
  "scaletest.startSandbox": [];
  "scaletest.stopSandbox": [];
  "scaletest.showPanel": [run?: RunReference];
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
}
export type CommandId = keyof Commands;

export const TASK_TYPE = "coder-scaletest";
export const CONTAINER = "scaletest";
export const ACTIVE_TESTS_VIEW = "scaletest.activeTests";
export const DEPLOYMENTS_VIEW = "scaletest.deployments";
export const LEFTOVERS_VIEW = "scaletest.leftovers";
export const HISTORY_VIEW = "scaletest.history";
export const PANEL_TYPE = "scaletest.run";
export const REPORT_TYPE = "scaletest.report";

/** Keys of `setContext`, used in package.json's `when` clauses. */
export type ContextKey =
  | "scaletest.signedIn"
  | "scaletest.sandboxRunning"
  | "scaletest.runsActive"
  | "scaletest.runnerSilent"
  | "scaletest.sessionExpired"
  | "scaletest.ready";
