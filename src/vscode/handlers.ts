import { commands, ProgressLocation, Uri, window } from "vscode";
import type { Handlers } from "./commands.ts";
import { execute } from "./commands.ts";
import { askForRun, type CreateCommandParts } from "./create/command.ts";
import { hostOf } from "./deployments/origin.ts";
import type { Session } from "./deployments/session.ts";
import type { CreateWorkspacesRequest, RunReference } from "./ids.ts";
import type { Panels } from "./panel/panels.ts";
import type { RunList } from "./runs/run-list.ts";
import type { WatchedRun } from "./runs/watched-run.ts";
import type { OwnSandbox } from "./sandbox/own-sandbox.ts";
import { BACK, type Inputs } from "./ui/inputs.ts";

export interface HandlerParts {
  inputs: Inputs;
  runs: RunList;
  session: Session;
  panels: Panels;
  sandbox: OwnSandbox;
  create: CreateCommandParts;
  showLog(): void;
}

/** What each command does. */
export function createHandlers(parts: HandlerParts): Handlers {
  const { runs, session, panels } = parts;
  return {
    "scaletest.createWorkspaces": (request) => createWorkspaces(parts, request ?? {}),
    "scaletest.signIn": async (request) => {
      const deployment = await session.signIn(request);
      if (deployment && !request?.token) {
        void window.showInformationMessage(
          `Signed in to ${hostOf(deployment.url)} as ${deployment.username}.`,
        );
      }
    },
    "scaletest.signOut": (url) => signOut(parts, url),
    "scaletest.startSandbox": () => startSandbox(parts),
    "scaletest.stopSandbox": () => parts.sandbox.stop(),
    "scaletest.showPanel": async (reference) => {
      const run = await pickRun(parts, reference, runs.list());
      if (run) panels.show(run);
    },
    "scaletest.stop": async (reference) => (await pickRun(parts, reference, runs.active()))?.stop(false),
    "scaletest.stopAndKeep": async (reference) =>
      (await pickRun(parts, reference, runs.active()))?.stop(true),
    "scaletest.stopAll": () => Promise.all(runs.active().map((run) => run.stop(false))),
    "scaletest.forget": async (reference) => {
      const run = await pickRun(parts, reference, runs.list());
      if (run) runs.forget(run.id);
    },
    "scaletest.openRunFolder": async (reference) => {
      const run = await pickRun(parts, reference, runs.list());
      if (run) await commands.executeCommand("revealFileInOS", Uri.file(run.folder));
    },
    "scaletest.showLog": () => parts.showLog(),
  };
}

/** Resolves with the run's id; undefined where the person left. */
export async function createWorkspaces(
  parts: HandlerParts,
  request: CreateWorkspacesRequest,
): Promise<string | undefined> {
  if (parts.session.store.list().length === 0 && !(await offerDeployment(parts))) return undefined;
  const run = await askForRun(parts.create, request);
  if (!run) return undefined;
  const started = await window.withProgress(
    { location: ProgressLocation.Window, title: `Starting ${run.title}` },
    () => parts.runs.start(run),
  );
  parts.panels.show(started);
  return started.id;
}

/** For whoever is signed in nowhere. False where the person left. */
async function offerDeployment(parts: HandlerParts): Promise<boolean> {
  const answer = await parts.inputs.choose<"sandbox" | "sign_in">({
    title: "Scale Test: Create Workspaces",
    back: false,
    placeholder: "What is to be tested?",
    choices: [
      {
        label: "$(sign-in) Sign in to a Coder deployment",
        detail: "By its address and a session token",
        value: "sign_in",
      },
      {
        label: "$(beaker) Start the sandbox",
        detail: "A simulated deployment on this machine, for a first look",
        value: "sandbox",
      },
    ],
  });
  if (answer === undefined || answer === BACK) return false;
  if (answer === "sign_in") return (await parts.session.signIn()) !== undefined;
  await parts.sandbox.start();
  return true;
}

async function startSandbox(parts: HandlerParts): Promise<void> {
  const deployment = await window.withProgress(
    { location: ProgressLocation.Notification, title: "Starting the sandbox…" },
    () => parts.sandbox.start(),
  );
  const action = "Create Workspaces…";
  const text = `The sandbox is at ${hostOf(deployment.url)}. It ends with this window.`;
  void window.showInformationMessage(text, action).then((chosen) => {
    if (chosen === action) void execute("scaletest.createWorkspaces", { url: deployment.url });
  });
}

async function signOut({ inputs, session }: HandlerParts, url: string | undefined): Promise<void> {
  const known = session.store.list();
  const answer =
    url ??
    (await inputs.choose({
      title: "Sign Out",
      back: false,
      placeholder: known.length > 0 ? "Deployment to sign out of" : "Nobody is signed in anywhere",
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
  if (id !== undefined) return runs.get(id);
  if (candidates.length <= 1) {
    if (candidates.length === 0) void window.showInformationMessage("No scale test is running.");
    return candidates[0];
  }
  const answer = await inputs.choose({
    title: "Scale Test",
    back: false,
    placeholder: "Which run?",
    choices: candidates.map((run) => ({
      label: run.title,
      description: `${run.file.deployment.host} · ${new Date(run.file.createdAt).toLocaleTimeString()}`,
      value: run,
    })),
  });
  return answer === BACK ? undefined : answer;
}
