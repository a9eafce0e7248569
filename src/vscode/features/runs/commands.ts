import { commands, Uri, window } from "vscode";
import { leftWords } from "../../../l10n/left.ts";
import { t } from "../../../l10n/text.ts";
import { pickRun } from "../../ask/pick-run.ts";
import { registerCommands } from "../../commands.ts";
import type { RunReference } from "../../ids.ts";
import type { RunList } from "../../model/runs/run-list.ts";
import type { WatchedRun } from "../../model/runs/watched-run.ts";
import type { Parts } from "../../parts.ts";
import { confirm } from "../../ui/confirm.ts";
import { opensFiles } from "../../ui/opens-files.ts";
import { originOf } from "./sign-ins.ts";

export function registerRunCommands(parts: Parts) {
  const { runs, session, front, log } = parts;
  /** Does something with the run that is named, or that is picked from those that it can be done with. */
  const withRun = async (
    reference: RunReference | undefined,
    candidates: readonly WatchedRun[],
    act: (run: WatchedRun) => Promise<void> | void,
  ) => {
    const run = await pickRun(parts, reference, candidates);
    if (run) await act(run);
  };
  return registerCommands(
    {
      "scaletest.stop": (reference) => withRun(reference, runs.active(), (run) => run.stop(false)),
      "scaletest.stopAndKeep": (reference) => withRun(reference, runs.active(), (run) => run.stop(true)),
      "scaletest.pause": (reference) => withRun(reference, runs.active(), (run) => run.pause(true)),
      "scaletest.resume": (reference) => withRun(reference, runs.active(), (run) => run.pause(false)),
      "scaletest.stopAll": () => Promise.all(runs.active().map((run) => run.stop(false))),
      "scaletest.signInAgain": (reference) =>
        withRun(reference, runs.waiting(), async (run) => {
          // The place that hands on the token says what comes of it.
          if (run.expired) await session.signIn({ url: originOf(run) });
          else void window.showInformationMessage(t("{0} is no longer waiting for a sign-in.", run.title));
        }),
      "scaletest.endRunner": (reference) => withRun(reference, runs.silent(), (run) => endRunner(runs, run)),
      "scaletest.forget": (reference) => withRun(reference, runs.list(), (run) => forget(runs, run)),
      "scaletest.openRunFolder": (reference) => withRun(reference, runs.list(), openRunFolder),
    },
    { front, log },
  );
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
async function endRunner(runs: RunList, run: WatchedRun): Promise<void> {
  const question = t("Force-stop {0}?", run.title);
  const detail = t(
    "Its load ends at once, and it cleans up nothing. You can delete what it created afterwards.",
  );
  if (await confirm(question, detail, t("Force-Stop"))) await runs.endRunner(run);
}

/** Asks first where a run still names something: off the list, it would be taken for cleaned up. */
async function forget(runs: RunList, run: WatchedRun): Promise<void> {
  const left = run.condition === "lost" ? leftWords(await runs.left(run)) : "";
  if (left !== "") {
    const question = t("{0} has left {1} on {2}. Dismiss it anyway?", run.title, left, originOf(run));
    const detail = t(
      "That stays there. Clean Up… deletes it; so does: coder-scaletest runs clean {0}",
      run.id,
    );
    if (!(await confirm(question, detail, t("Dismiss Anyway")))) return;
  }
  runs.forget(run.id);
}
