import { window } from "vscode";
import { execute } from "./commands.ts";
import { t } from "./l10n.ts";
import type { Panels } from "./panel/panels.ts";
import type { RunList } from "./runs/run-list.ts";
import type { WatchedRun } from "./runs/watched-run.ts";
import type { Unsubscribe } from "./signal.ts";
import { interruptedText, progressText, silentText } from "./text.ts";

const SHOW = "Show Panel";
const CLEAN_UP = "Clean Up…";
const DISMISS = "Dismiss";

/** Tells of a run's end whoever is not looking at its panel, and of what an interrupted one has left. */
export function announceEnds(runs: RunList, panels: Panels): Unsubscribe {
  const stops = [
    runs.finished.on((run) => {
      if (run.condition !== "lost" && !panels.isVisible(run.id)) void tellEnd(run);
    }),
    runs.interrupted.on((run) => void tellInterrupted(run)),
    runs.silenced.on((run) => void tellSilent(run)),
  ];
  return () => {
    for (const stop of stops) stop();
  };
}

async function tellEnd(run: WatchedRun): Promise<void> {
  const { snapshot } = run;
  if (!snapshot?.outcome) return;
  const { verdict } = snapshot.outcome;
  const tell =
    verdict === "passed"
      ? window.showInformationMessage
      : verdict === "interrupted"
        ? window.showWarningMessage
        : window.showErrorMessage;
  const chosen = await tell(`${run.title}: ${progressText(snapshot)}`, SHOW);
  if (chosen === SHOW) void execute("scaletest.showPanel", run.id);
}

async function tellSilent(run: WatchedRun): Promise<void> {
  if (run.silentSince === undefined) return;
  const [end, wait] = [t("End Runner…"), t("Wait")];
  const chosen = await window.showWarningMessage(`${run.title}: ${silentText(run.silentSince)}.`, end, wait);
  if (chosen === end) void execute("scaletest.endRunner", run.id);
}

async function tellInterrupted(run: WatchedRun): Promise<void> {
  const text = `${run.title} on ${run.file.deployment.host}: ${interruptedText(run.remains)}.`;
  const chosen = await window.showWarningMessage(text, CLEAN_UP, DISMISS);
  if (chosen === CLEAN_UP) void execute("scaletest.cleanUp", { runId: run.id });
  if (chosen === DISMISS) void execute("scaletest.forget", run.id);
}
