import { env, Uri, window } from "vscode";
import { listed, t, wordsOf } from "../../../l10n/text.ts";
import { namedRun, pickEarlier } from "../../ask/pick-run.ts";
import type { RunRequest } from "../../ask/run-request.ts";
import type { EarlierConfig } from "../../ask/wizard.ts";
import { feature, registerCommands } from "../../commands.ts";
import type { RunReference } from "../../ids.ts";
import type { KnownDeployment } from "../../model/deployments/store.ts";
import { readAsked } from "../../model/runs/asked.ts";
import type { WatchedRun } from "../../model/runs/watched-run.ts";
import type { Parts } from "../../parts.ts";
import { wizardOf } from "../../wizards.ts";
import { type AgainParts, editAndRun, runAgain, runFailedOnly } from "./again.ts";

/** What is used of the other features. */
export interface AgainOthers {
  panel: { active(): string | undefined };
  start: {
    workload(workload: string, request: RunRequest, like?: EarlierConfig): Promise<string | undefined>;
  };
  sandbox: { start(): Promise<KnownDeployment> };
  scenarios: {
    start(file: Uri, title: string, deployment: KnownDeployment): Promise<string | undefined>;
  };
}

/** An earlier run once more: as it was, changed, what failed of it, or as a command. */
export function registerAgain(shared: Parts, { panel, start, sandbox, scenarios }: AgainOthers) {
  const { runs, session, wizards, front, log } = shared;
  const parts: AgainParts = {
    asked: async (folder) => readAsked(folder, (await import("../../../workloads/index.ts")).startable),
    wizards,
    signIn: (request) => session.signIn(request),
    startSandbox: () => sandbox.start(),
    requestOf: (workload, config) => wizardOf(workload).requestOf({ ...config }),
    start: (workload, request, like) => start.workload(workload, request, like),
    startScenario: (file, title, deployment) => scenarios.start(Uri.file(file), title, deployment),
  };
  /** Of the line that a menu stands at, the panel in front, or what is picked. */
  const withRun = async <T>(
    reference: RunReference | undefined,
    act: (run: WatchedRun) => Promise<T>,
  ): Promise<T | undefined> => {
    const run = await pickEarlier({ ...shared, runs }, namedRun(reference) ?? panel.active());
    return run && act(run);
  };
  const commands = registerCommands(
    {
      "scaletest.runAgain": (reference) => withRun(reference, (run) => runAgain(parts, run)),
      "scaletest.editAndRun": (reference) => withRun(reference, (run) => editAndRun(parts, run)),
      "scaletest.runFailedOnly": (reference) => withRun(reference, (run) => runFailedOnly(parts, run)),
      "scaletest.copyAsCommand": (reference) => withRun(reference, copyAsCommand),
    },
    { front, log },
  );
  return {
    ...feature(commands),
    /** Rejects with one sentence where it cannot begin. */
    runAgain: async (id: string) => withRun(id, (run) => runAgain(parts, run)),
  };
}

/** A command that names a scenario's file is of no use without it: the person is told to save that. */
async function copyAsCommand(run: WatchedRun): Promise<string> {
  const [{ readRepeat }, { workloads }] = await Promise.all([
    import("../../../app/repeat-command.ts"),
    import("../../../workloads/index.ts"),
  ]);
  const repeat = await readRepeat(run.folder, { workloads });
  if (!repeat)
    throw new Error(t("No command repeats {0}: it went on with what another run had left", run.title));
  await env.clipboard.writeText(repeat.command);
  const left = repeat.left.map(wordsOf);
  const { file } = repeat;
  if (file) left.push(t("save the scenario as {0}", file.name));
  if (left.length === 0) void window.showInformationMessage(t("Copied: {0}", repeat.command));
  else void window.showWarningMessage(t("Copied: {0}. Before it is run: {1}.", repeat.command, listed(left)));
  return repeat.command;
}
