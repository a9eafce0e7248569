import { window } from "vscode";
import { execute } from "./commands.ts";
import type { Panels } from "./panel/panels.ts";
import type { RunList } from "./runs/run-list.ts";
import type { Unsubscribe } from "./signal.ts";
import { progressText } from "./text.ts";

const SHOW = "Show Panel";

/** Tells of a run's end whoever is not looking at its panel. */
export function announceEnds(runs: RunList, panels: Panels): Unsubscribe {
  return runs.finished.on((run) => {
    if (panels.isVisible(run.id)) return;
    const { snapshot } = run;
    const lost = run.condition === "lost" || !snapshot;
    const text = lost ? "its runner is gone; what it created may still exist" : progressText(snapshot);
    const verdict = lost ? "failed" : snapshot.outcome?.verdict;
    const tell =
      verdict === "passed"
        ? window.showInformationMessage
        : verdict === "interrupted"
          ? window.showWarningMessage
          : window.showErrorMessage;
    void tell(`${run.title}: ${text}`, SHOW).then((chosen) => {
      if (chosen === SHOW) void execute("scaletest.showPanel", run.id);
    });
  });
}
