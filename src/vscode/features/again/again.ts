import { isSameOrigin } from "../../../coder/origin.ts";
import { t } from "../../../l10n/text.ts";
import type { RunFile } from "../../../runs/run-file.ts";
import type { RunDraft } from "../../ask/draft.ts";
import type { RunRequest } from "../../ask/run-request.ts";
import { namingStep } from "../../ask/steps.ts";
import type { EarlierConfig, WizardParts } from "../../ask/wizard.ts";
import type { SignInRequest } from "../../ids.ts";
import type { KnownDeployment } from "../../model/deployments/store.ts";
import { type AskedRun, failedOnly } from "../../model/runs/asked.ts";
import { runSteps } from "../../ui/inputs.ts";

/** The run that something is to be done with once more. */
export interface EarlierRun {
  id: string;
  title: string;
  folder: string;
  file: Pick<RunFile, "deployment">;
  snapshot: { outcome: { failed: number } | null } | undefined;
}

/** What doing something once more needs of the window. */
export interface AgainParts {
  /** Of a run's folder. */
  asked(folder: string): Promise<AskedRun>;
  wizards: Pick<WizardParts, "inputs" | "isStaging" | "deployments">;
  /** undefined where the person left. */
  signIn(request: SignInRequest): Promise<KnownDeployment | undefined>;
  startSandbox(): Promise<KnownDeployment>;
  /** The request that starts by itself. */
  requestOf(workload: string, config: EarlierConfig): RunRequest;
  start(workload: string, request: RunRequest, like?: EarlierConfig): Promise<string | undefined>;
  startScenario(file: string, title: string, deployment: KnownDeployment): Promise<string | undefined>;
}

/** The same as the run was asked for, on the same deployment. Resolves with the new run's id; undefined: the person left. */
export async function runAgain(parts: AgainParts, run: EarlierRun): Promise<string | undefined> {
  const asked = await parts.asked(run.folder);
  switch (asked.kind) {
    case "none":
      throw notRepeatable(run);
    case "scenario": {
      const deployment = await deploymentFor(parts, run.file.deployment);
      return deployment && parts.startScenario(asked.file, run.title, deployment);
    }
    case "workload":
      return startSame(parts, run, asked.workload.name, asked.config);
  }
}

/** The questions of the run's workload, with what this run was asked for in each. */
export async function editAndRun(parts: AgainParts, run: EarlierRun): Promise<string | undefined> {
  const asked = await parts.asked(run.folder);
  if (asked.kind === "scenario")
    throw new Error(t("{0} was run from a scenario. Save it as a scenario, and edit the file.", run.title));
  if (asked.kind === "none") throw notRepeatable(run);
  const deployment = await deploymentFor(parts, run.file.deployment);
  if (!deployment) return undefined;
  return parts.start(asked.workload.name, { url: deployment.url }, asked.config);
}

/** What failed of the run, and nothing else. */
export async function runFailedOnly(parts: AgainParts, run: EarlierRun): Promise<string | undefined> {
  const asked = await parts.asked(run.folder);
  const config = failedOnly(asked, run.snapshot?.outcome?.failed ?? 0);
  if (!config || asked.kind !== "workload")
    throw new Error(t("Nothing of {0} has failed that could be run again by itself", run.title));
  return startSame(parts, run, asked.workload.name, config);
}

async function startSame(
  parts: AgainParts,
  { file }: EarlierRun,
  workload: string,
  config: EarlierConfig,
): Promise<string | undefined> {
  const deployment = await deploymentFor(parts, file.deployment);
  if (!deployment) return undefined;
  // What is loaded without a mark has its name typed for each run.
  const draft: RunDraft = { deployment, acknowledgedHost: undefined, confirmed: true };
  if (!(await runSteps(t("Run Again"), draft, () => [namingStep<RunDraft>(parts.wizards)]))) return undefined;
  const { acknowledgedHost } = draft;
  const request = { ...parts.requestOf(workload, config), url: deployment.url };
  return parts.start(workload, acknowledgedHost ? { ...request, acknowledgedHost } : request);
}

/** The one that the run was on. A sandbox is gone with its window: another one is as good. */
async function deploymentFor(
  parts: AgainParts,
  { url, sandbox }: RunFile["deployment"],
): Promise<KnownDeployment | undefined> {
  const known = parts.wizards.deployments();
  const same = known.find((one) => isSameOrigin(one.url, url));
  if (same) return same;
  if (!sandbox) return parts.signIn({ url });
  return known.find((one) => one.sandbox) ?? parts.startSandbox();
}

function notRepeatable({ title }: EarlierRun): Error {
  return new Error(t("{0} cannot be asked for again: it went on with what another run had left", title));
}
