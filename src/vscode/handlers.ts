import { commands, env, ProgressLocation, Uri, window } from "vscode";
import { cleanedUpAfter } from "../app/clean-up/runs.ts";
import { formatTime } from "../l10n/figures.ts";
import { leftWords } from "../l10n/left.ts";
import { t } from "../l10n/text.ts";
import { NOTHING_LEFT, totalLeft } from "../protocol/left.ts";
import type { Handlers } from "./commands.ts";
import { execute } from "./commands.ts";
import { readCliLogin } from "./features/deployments/cli-login.ts";
import {
  compareRuns,
  deleteRuns,
  exportRun,
  filterHistory,
  type HistoryParts,
  openFailures,
  openReport,
  openReportInBrowser,
  saveReport,
} from "./features/history/commands.ts";
import { opensFiles } from "./features/history/report-tabs.ts";
import {
  askForCleanup,
  askForOrphaning,
  askForRecovery,
  askForTicked,
  type CleanupParts,
  findLeftoversForTree,
  type LeftoversTree,
} from "./features/leftovers/command.ts";
import { originOf } from "./features/runs/sign-ins.ts";
import {
  offerDeployment,
  type StartParts,
  startAny,
  startRun,
  startWorkload,
} from "./features/start/start.ts";
import { type CleanUpRequest, type DeploymentReference, LEFTOVERS_VIEW, type RunReference } from "./ids.ts";
import { hostOf } from "./model/deployments/origin.ts";
import type { RunList } from "./model/runs/run-list.ts";
import type { WatchedRun } from "./model/runs/watched-run.ts";
import { BACK } from "./ui/inputs.ts";
import { askForPreflight, CREATE, TRAFFIC } from "./wizards.ts";

export interface HandlerParts extends StartParts {
  cleanup: CleanupParts;
  leftovers: LeftoversTree;
  history: HistoryParts;
  setStaging(url: string, staging: boolean): Promise<void>;
  refreshDeployments(): void;
  showLog(): void;
}

/** What each command does. */
export function createHandlers(parts: HandlerParts): Handlers {
  return { ...deploymentHandlers(parts), ...runHandlers(parts), ...historyHandlers(parts) };
}

function deploymentHandlers(parts: HandlerParts) {
  const { session } = parts;
  return {
    "scaletest.signIn": async (request) => {
      const deployment = await session.signIn(request);
      if (deployment && !request?.token) {
        void window.showInformationMessage(
          t("Signed in to {0} as {1}.", hostOf(deployment.url), deployment.username),
        );
      }
    },
    "scaletest.signInFromCli": async () => {
      const login = await readCliLogin();
      if (!login)
        throw new Error(t("The coder command is not logged in on this machine: coder login <address>"));
      const deployment = await session.signIn(login);
      if (deployment) {
        void window.showInformationMessage(
          t("Signed in to {0} as {1}.", hostOf(deployment.url), deployment.username),
        );
      }
    },
    "scaletest.signOut": (deployment) => signOut(parts, deployment),
    "scaletest.openDeployment": (deployment) => env.openExternal(Uri.parse(urlOf(deployment))),
    "scaletest.markStaging": (deployment) => parts.setStaging(urlOf(deployment), true),
    "scaletest.unmarkStaging": (deployment) => parts.setStaging(urlOf(deployment), false),
    "scaletest.refreshDeployments": () => parts.refreshDeployments(),
    "scaletest.startSandbox": () => startSandbox(parts),
    "scaletest.stopSandbox": () => parts.sandbox.stop(),
    "scaletest.showLog": () => parts.showLog(),
  } satisfies Partial<Handlers>;
}

function runHandlers(parts: HandlerParts) {
  const { runs, panels } = parts;
  return {
    "scaletest.start": (request) => startAny(parts, request ?? {}),
    "scaletest.createWorkspaces": (request) => startWorkload(parts, CREATE, request ?? {}),
    "scaletest.workspaceTraffic": (request) => startWorkload(parts, TRAFFIC, request ?? {}),
    "scaletest.preflight": async (request) => {
      const known =
        parts.session.store.list().length > 0 || (await offerDeployment(parts, t("Scale Test: Preflight")));
      if (known) await askForPreflight(parts.wizards, request ?? {});
    },
    "scaletest.cleanUp": (request) => cleanUp(parts, request ?? {}),
    "scaletest.findLeftovers": async (deployment) => {
      await commands.executeCommand(`${LEFTOVERS_VIEW}.focus`);
      const url = deployment === undefined ? undefined : urlOf(deployment);
      await window.withProgress({ location: { viewId: LEFTOVERS_VIEW } }, () =>
        findLeftoversForTree(parts.cleanup, parts.leftovers, url),
      );
    },
    "scaletest.deleteTicked": async () => {
      const run = await askForTicked(parts.cleanup, parts.leftovers);
      return run && startRun(parts, run);
    },
    "scaletest.showPanel": async (reference) => {
      const run = await pickRun(parts, reference, runs.list());
      if (run) panels.show(run);
    },
    "scaletest.stop": async (reference) => (await pickRun(parts, reference, runs.active()))?.stop(false),
    "scaletest.stopAndKeep": async (reference) =>
      (await pickRun(parts, reference, runs.active()))?.stop(true),
    "scaletest.pause": async (reference) => (await pickRun(parts, reference, runs.active()))?.pause(true),
    "scaletest.resume": async (reference) => (await pickRun(parts, reference, runs.active()))?.pause(false),
    "scaletest.stopAll": () => Promise.all(runs.active().map((run) => run.stop(false))),
    "scaletest.signInAgain": async (reference) => {
      const run = await pickRun(parts, reference, runs.waiting());
      if (!run) return;
      // What comes of it is told where the token is handed on.
      if (run.expired) await parts.session.signIn({ url: originOf(run) });
      else void window.showInformationMessage(t("{0} does not wait for a sign-in any more.", run.title));
    },
    "scaletest.endRunner": async (reference) => {
      const run = await pickRun(parts, reference, runs.silent());
      if (run) await endRunner(parts, run);
    },
    "scaletest.forget": async (reference) => {
      const run = await pickRun(parts, reference, runs.list());
      if (run) await forget(parts, run);
    },
    "scaletest.openRunFolder": async (reference) => {
      const run = await pickRun(parts, reference, runs.list());
      if (run) await openRunFolder(run);
    },
  } satisfies Partial<Handlers>;
}

function historyHandlers({ history }: HandlerParts) {
  return {
    "scaletest.openReport": (reference) => openReport(history, reference),
    "scaletest.saveReport": () => saveReport(history),
    "scaletest.openReportInBrowser": () => openReportInBrowser(history),
    "scaletest.export": (reference) => exportRun(history, reference),
    "scaletest.openFailures": (reference) => openFailures(history, reference),
    "scaletest.compare": (run, several) => compareRuns(history, selected(history, run, several)),
    "scaletest.deleteRun": (run, several) => deleteRuns(history, selected(history, run, several)),
    "scaletest.filterHistory": () => filterHistory(history),
    "scaletest.refreshHistory": () => history.view.refresh(),
  } satisfies Partial<Handlers>;
}

/** What a command of the history is about: the lines given, or those that are selected. */
function selected(
  { view }: HistoryParts,
  run: RunReference | undefined,
  several: readonly RunReference[] | undefined,
): readonly RunReference[] {
  if (several && several.length > 0) return several;
  return run === undefined ? view.selection : [run];
}

/** Where no window of this system could show the folder, its files are offered to be opened in the editor. */
async function openRunFolder(run: WatchedRun): Promise<void> {
  const folder = Uri.file(run.folder);
  if (opensFiles()) {
    await commands.executeCommand("revealFileInOS", folder);
    return;
  }
  const [file] = (await window.showOpenDialog({ defaultUri: folder, title: run.title })) ?? [];
  if (file) await commands.executeCommand("vscode.open", file);
}

/** Asks first: without its runner, a run's workspaces stay until they are cleaned up by its journal. */
async function endRunner({ runs, cleanup }: HandlerParts, run: WatchedRun): Promise<void> {
  const question = t("End the runner of {0}?", run.title);
  const detail = t(
    "Its load ends at once, and nothing is cleaned up by it. What it created is offered for clean-up afterwards.",
  );
  if (await cleanup.confirm(question, detail, t("End Runner"))) await runs.endRunner(run);
}

/** After a run whose journal names something by that, else by what the deployment lists. */
async function cleanUp(parts: HandlerParts, request: CleanUpRequest): Promise<string | undefined> {
  const { runs, cleanup } = parts;
  const ended = request.runId ? await recordOf(runs, request.runId) : undefined;
  const left = ended && !ended.active ? await runs.left(ended) : NOTHING_LEFT;
  if (!ended || totalLeft(left) === 0) {
    const run = await askForCleanup(cleanup, cleanUpRequestOf(parts, request));
    return run && startRun(parts, run);
  }
  const ask = request.orphan ? askForOrphaning : askForRecovery;
  const run = await ask(cleanup, ended, left);
  const id = run && (await startRun(parts, run));
  const stop = runs.finished.on((finished) => {
    if (finished.id !== id) return;
    stop();
    const isDone = finished.snapshot?.outcome?.verdict === "passed";
    if (isDone && ended.condition === "lost") runs.forget(ended.id);
  });
  if (!id) stop();
  return id;
}

/** The run whose journal names what a run has left: of one that cleaned up after another, that other. */
async function recordOf(runs: RunList, id: string): Promise<WatchedRun | undefined> {
  const run = await runs.open(id);
  const after = run && cleanedUpAfter(run.file);
  return after === undefined ? run : runs.open(after);
}

/** Asks first where a run still names something: off the list, it would be taken for cleaned up. */
async function forget({ runs, cleanup }: HandlerParts, run: WatchedRun): Promise<void> {
  const left = run.condition === "lost" ? leftWords(await runs.left(run)) : "";
  if (left !== "") {
    const question = t("{0} has left {1} on {2}. Dismiss it all the same?", run.title, left, originOf(run));
    const detail = t(
      "That stays there. Clean Up… deletes it; so does: coder-scaletest runs clean {0}",
      run.id,
    );
    if (!(await cleanup.confirm(question, detail, t("Dismiss All the Same")))) return;
  }
  runs.forget(run.id);
}

/** From the tree of deployments comes a line with an address, from that of runs one with a run's id. */
function cleanUpRequestOf({ runs }: HandlerParts, { url, runId }: CleanUpRequest): CleanUpRequest {
  const ofRun = runId ? runs.get(runId)?.file.deployment.url : undefined;
  const address = url ?? ofRun;
  return { ...(address ? { url: address } : {}), ...(runId ? { runId } : {}) };
}

function urlOf(deployment: DeploymentReference): string {
  return typeof deployment === "string" ? deployment : deployment.url;
}

async function startSandbox(parts: HandlerParts): Promise<void> {
  const deployment = await window.withProgress(
    { location: ProgressLocation.Notification, title: t("Starting the sandbox…") },
    () => parts.sandbox.start(),
  );
  const action = t("Create Workspaces…");
  const text = t("The sandbox is at {0}. It ends with this window.", hostOf(deployment.url));
  void window.showInformationMessage(text, action).then((chosen) => {
    if (chosen === action) void execute("scaletest.createWorkspaces", { url: deployment.url });
  });
}

async function signOut(
  { inputs, session }: HandlerParts,
  deployment: DeploymentReference | undefined,
): Promise<void> {
  const known = session.store.list();
  const answer =
    (deployment && urlOf(deployment)) ??
    (await inputs.choose({
      title: t("Sign Out"),
      back: false,
      placeholder: known.length > 0 ? t("Deployment to sign out of") : t("Nobody is signed in anywhere"),
      choices: known.map((deployment) => ({
        label: hostOf(deployment.url),
        description: deployment.username,
        value: deployment.url,
      })),
    }));
  if (typeof answer === "string") await session.store.remove(answer);
}

/** The run that a command is about: the one named, the only one, or the one that is picked. */
async function pickRun(
  { inputs, runs }: HandlerParts,
  reference: RunReference | undefined,
  candidates: readonly WatchedRun[],
): Promise<WatchedRun | undefined> {
  const id = typeof reference === "string" ? reference : reference?.runId;
  if (id !== undefined) return runs.open(id);
  if (candidates.length <= 1) {
    if (candidates.length === 0) void window.showInformationMessage(t("No scale test is running."));
    return candidates[0];
  }
  const answer = await inputs.choose({
    title: "Scale Test",
    back: false,
    placeholder: t("Which run?"),
    choices: candidates.map((run) => ({
      label: run.title,
      description: `${run.file.deployment.host} · ${formatTime(run.file.createdAt, "medium")}`,
      value: run,
    })),
  });
  return answer === BACK ? undefined : answer;
}
