import type { ServerMetricsAsked } from "../../app/preflight.ts";
import type { Guard } from "../../protocol/guard.ts";
import type { Target } from "../../protocol/target.ts";
import type { WritableRun } from "../../scenario/write.ts";
import type { Memory } from "../host.ts";
import type { KnownDeployment } from "../model/deployments/store.ts";
import type { Inputs } from "../ui/inputs.ts";

/** The answers that every kind of run needs. */
export interface RunDraft {
  deployment: KnownDeployment | undefined;
  /** The deployment's host, as it was typed to say that it is meant. */
  acknowledgedHost: string | undefined;
  confirmed: boolean;
  /** What the run is held to, where the person has said it; undefined: as request and settings have it. */
  thresholds?: readonly string[];
  /** It is to be a scenario's file instead of a run. */
  saved?: boolean;
}

/** What asking for a run needs of the world, whatever the run is. */
export interface AskParts {
  inputs: Inputs;
  memory: Memory;
  deployments(): KnownDeployment[];
  /** Marked by a person as one that may be loaded: its name need not be typed. */
  isStaging(deployment: KnownDeployment): Promise<boolean>;
  /** Where the load comes from, for people. */
  from: string;
  /** Signs in again where the token is gone. Rejects where the person left that. */
  target(url: string): Promise<Target>;
  /** Asks for another token where the deployment does not accept the one there is. False where the person left. */
  signInAgain?(url: string): Promise<boolean>;
  /** Whether there is a token for it, good or not. */
  hasToken?(deployment: KnownDeployment): Promise<boolean>;
  /** Writes a run as a scenario to where the person says. Rejects with one sentence where it can be none. */
  saveScenario(run: WritableRun): Promise<unknown>;
  /** Where the deployment's own figures are, which the checks before a run try, too. */
  metricsAsked?(url: string): Promise<ServerMetricsAsked>;
  /** The `coder` command that the settings name; empty: the one on PATH. */
  coderCli(): string;
  /** Hard ceilings of every run. Throws with one sentence where one of them is no number. */
  limits(): Guard["limits"];
  /**
   * Expressions of the settings that a run of this workload can be held to. Rejects with one sentence where
   * one of them can be used for no run at all.
   */
  thresholds(workload: string): Promise<readonly string[]>;
}

export function chosen(deployment: KnownDeployment | undefined): KnownDeployment {
  if (!deployment) throw new Error("No deployment is chosen");
  return deployment;
}

/** What keeps the run from loading the wrong deployment. */
export async function guardOf(
  parts: Pick<AskParts, "isStaging" | "limits">,
  draft: RunDraft,
): Promise<Guard> {
  const { deployment, acknowledgedHost } = draft;
  const staging = deployment !== undefined && (await parts.isStaging(deployment));
  return {
    tag: staging ? "staging" : "production",
    ...(acknowledgedHost ? { acknowledgedHost } : {}),
    limits: parts.limits(),
  };
}
