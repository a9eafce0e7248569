import { window } from "vscode";
import { formatTime } from "../../../l10n/figures.ts";
import { plural, t } from "../../../l10n/text.ts";
import { endingOf } from "../../../protocol/ending.ts";
import { execute } from "../../commands.ts";
import type { RunList } from "../../model/runs/run-list.ts";
import type { WatchedRun } from "../../model/runs/watched-run.ts";
import type { Unsubscribe } from "../../signal.ts";
import { interruptedText, progressText, silentText } from "../../text.ts";
import { originOf, type SignInNotices } from "./sign-ins.ts";

/** What is used of the panels. */
export interface Shown {
  isVisible(runId: string): boolean;
}

/** Tells of a run's end whoever is not looking at its panel, and of what an interrupted one has left. */
export function announceEnds(runs: RunList, panels: Shown): Unsubscribe {
  const stops = [
    runs.finished.on((run) => {
      if (run.condition === "lost") return;
      if ((run.snapshot?.outcome?.destroyFailed ?? 0) > 0) void tellDestroyFailed(run);
      else if (!window.state.focused || !panels.isVisible(run.id)) void tellEnd(run);
    }),
    runs.interrupted.on((run) => void tellInterrupted(run)),
    runs.silenced.on((run) => void tellSilent(run)),
  ];
  return () => {
    for (const stop of stops) stop();
  };
}

/** Of several runs on one deployment, the first: one sign-in is for all of them. */
export function signInNotices(): SignInNotices {
  const asked = new Set<string>();
  const ask = async (run: WatchedRun, about: string, text: string) => {
    const key = `${about} ${originOf(run)}`;
    if (asked.has(key)) return;
    asked.add(key);
    const signIn = t("Sign In");
    const chosen = await window.showWarningMessage(text, signIn);
    asked.delete(key);
    if (chosen === signIn) void execute("scaletest.signInAgain", run.id);
  };
  return {
    waits: (run) => {
      const { expired } = run;
      if (!expired) return;
      const { host } = run.file.deployment;
      const by = formatTime(expired.until, "short");
      void ask(
        run,
        "waits",
        t("The session on {0} has expired. {1} waits for a sign-in until {2}.", host, run.title, by),
      );
    },
    goesOn: (run) => void window.showInformationMessage(t("{0} continues.", run.title)),
    refused: (run, reason) =>
      void ask(run, "refused", t("{0} still waits for a sign-in: {1}.", run.title, reason)),
  };
}

async function tellEnd(run: WatchedRun): Promise<void> {
  const { snapshot } = run;
  if (!snapshot?.outcome) return;
  const ending = endingOf(snapshot.outcome);
  const tell =
    ending === "passed"
      ? window.showInformationMessage
      : ending === "interrupted" || ending === "ended"
        ? window.showWarningMessage
        : window.showErrorMessage;
  const [panel, report] = [t("Open Panel"), t("Open Report")];
  const chosen = await tell(`${run.title}: ${progressText(snapshot)}`, panel, report);
  if (chosen === panel) void execute("scaletest.showPanel", run.id);
  if (chosen === report) void execute("scaletest.openReport", run.id);
}

/** Whoever looks at the panel, too, has to say how to go on. */
async function tellDestroyFailed(run: WatchedRun): Promise<void> {
  const failed = run.snapshot?.outcome?.destroyFailed ?? 0;
  const text = plural(
    failed,
    {
      one: "{1}: {0} workspace cannot be deleted, because its destroy fails.",
      other: "{1}: {0} workspaces cannot be deleted, because their destroy fails.",
    },
    run.title,
  );
  const orphan = t("Delete Without Destroying…");
  if ((await window.showErrorMessage(text, orphan)) === orphan)
    void execute("scaletest.cleanUp", { runId: run.id, orphan: true });
}

async function tellSilent(run: WatchedRun): Promise<void> {
  if (run.silentSince === undefined) return;
  const [end, wait] = [t("Force-Stop…"), t("Wait")];
  const chosen = await window.showWarningMessage(`${run.title}: ${silentText(run.silentSince)}.`, end, wait);
  if (chosen === end) void execute("scaletest.endRunner", run.id);
}

async function tellInterrupted(run: WatchedRun): Promise<void> {
  const text = t("{0} on {1}: {2}.", run.title, run.file.deployment.host, interruptedText(run.remains));
  const [cleanUp, dismiss] = [t("Clean Up…"), t("Dismiss")];
  const chosen = await window.showWarningMessage(text, cleanUp, dismiss);
  if (chosen === cleanUp) void execute("scaletest.cleanUp", { runId: run.id });
  if (chosen === dismiss) void execute("scaletest.forget", run.id);
}
