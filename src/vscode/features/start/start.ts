import { ProgressLocation, window } from "vscode";
import { lookedUp, t } from "../../../l10n/text.ts";
import type { ServerMetrics } from "../../../protocol/server-source.ts";
import type { Target } from "../../../protocol/target.ts";
import type { RunRequest, StartRequest } from "../../ask/run-request.ts";
import { type EarlierConfig, NothingToReach, type WizardParts } from "../../ask/wizard.ts";
import { execute } from "../../commands.ts";
import type { Session } from "../../model/deployments/session.ts";
import type { NewRun, RunList } from "../../model/runs/run-list.ts";
import type { WatchedRun } from "../../model/runs/watched-run.ts";
import { BACK, type Inputs } from "../../ui/inputs.ts";
import { wizardOf } from "../../wizards.ts";

/** What starting a run needs of the window. */
export interface StartParts {
  inputs: Inputs;
  runs: RunList;
  session: Session;
  panel: { show(run: WatchedRun): void };
  /** Starts it where it is not running, and signs in to it. */
  sandbox: { start(): Promise<unknown> };
  wizards: WizardParts;
  /** Where a run reads its deployment's own figures. Rejects with one sentence. */
  serverMetrics(of: { target: Target }): Promise<ServerMetrics | undefined>;
}

/** A run of the workload that the request names, or that a person chooses. Resolves and rejects as startWorkload. */
export async function startAny(
  parts: StartParts,
  { workload, ...request }: StartRequest,
): Promise<string | undefined> {
  const { startable } = await import("../../../workloads/index.ts");
  if (workload !== undefined && !startable.some(({ name }) => name === workload))
    throw new Error(t('There is no workload "{0}" that can be started', workload));
  const answer =
    workload ??
    (await parts.inputs.choose<string>({
      title: t("Scale Test: Start"),
      back: false,
      placeholder: t("Select what to run"),
      choices: startable.map(({ name, summary }) => ({
        label: name,
        detail: lookedUp(summary),
        value: name,
      })),
    }));
  return answer === undefined || answer === BACK ? undefined : startWorkload(parts, answer, request);
}

/**
 * Resolves with the run's id; undefined where the person left. Where there is nothing that the run could load, a person
 * is offered to create it; a request that starts by itself is refused.
 */
export async function startWorkload(
  parts: StartParts,
  workload: string,
  request: RunRequest,
  like?: EarlierConfig,
): Promise<string | undefined> {
  const wizard = wizardOf(workload);
  if (parts.session.store.list().length === 0 && !(await offerDeployment(parts, wizard.title())))
    return undefined;
  try {
    const run = await wizard.ask(parts.wizards, await addressed(parts, request), like);
    if (!run) return undefined;
    return await startRun(parts, { ...run, serverMetrics: await parts.serverMetrics(run) });
  } catch (error) {
    if (!(error instanceof NothingToReach) || request.start) throw error;
    const create = t("Create Workspaces…");
    const chosen = await window.showWarningMessage(`${error.message}.`, create);
    if (chosen === create)
      void execute("scaletest.createWorkspaces", request.url ? { url: request.url } : {});
    return undefined;
  }
}

/** From a line of a tree comes a run only: its file knows the deployment. */
async function addressed(
  { runs }: Pick<StartParts, "runs">,
  request: RunRequest & { runId?: string },
): Promise<RunRequest> {
  if (request.url || !request.runId) return request;
  const url = (await runs.open(request.runId))?.file.deployment.url;
  return url ? { ...request, url } : request;
}

export async function startRun(parts: Pick<StartParts, "runs" | "panel">, run: NewRun): Promise<string> {
  const started = await window.withProgress(
    { location: ProgressLocation.Window, title: t("Starting {0}", run.title) },
    () => parts.runs.start(run),
  );
  parts.panel.show(started);
  return started.id;
}

/** For whoever is signed in nowhere. False where the person left. */
export async function offerDeployment(
  parts: Pick<StartParts, "inputs" | "session" | "sandbox">,
  title: string,
): Promise<boolean> {
  const answer = await parts.inputs.choose<"sandbox" | "sign_in">({
    title,
    back: false,
    placeholder: t("Select a deployment to test"),
    choices: [
      {
        label: t("$(sign-in) Sign in to a Coder deployment"),
        detail: t("By its address and a session token"),
        value: "sign_in",
      },
      {
        label: t("$(beaker) Start the sandbox"),
        detail: t("A simulated deployment on this machine, for a first look"),
        value: "sandbox",
      },
    ],
  });
  if (answer === undefined || answer === BACK) return false;
  if (answer === "sign_in") return (await parts.session.signIn()) !== undefined;
  await parts.sandbox.start();
  return true;
}
