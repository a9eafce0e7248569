import { execute, feature, registerCommands } from "../../commands.ts";
import type { RunReference } from "../../ids.ts";
import type { WatchedRun } from "../../model/runs/watched-run.ts";
import type { Parts } from "../../parts.ts";
import {
  deleteRuns,
  exportRun,
  filterHistory,
  type HistoryParts,
  openFailures,
  openReport,
  openReportInBrowser,
  reportPage,
  type ShownRuns,
  saveReport,
  writeFailures,
} from "./commands.ts";
import { compareRuns } from "./compare.ts";
import { ComparisonTabs } from "./comparison-tabs.ts";
import { problemLines } from "./failures.ts";
import { ReportTabs } from "./report-tabs.ts";

/** The runs that are over: their reports, comparisons, exports, and their deletion. */
export function registerHistory(
  { inputs, runs, extension, dist, texts, front, log }: Parts,
  view: ShownRuns,
) {
  const comparisons = new ComparisonTabs({
    ...{ extension, texts, front, log },
    find: (id) => runs.open(id),
    stored: () => runs.stored(),
    show: (id) => execute("scaletest.showPanel", id),
  });
  const reports = new ReportTabs(
    front,
    extension,
    (id) => runs.open(id),
    (run, nonce) => reportPage(dist, texts, run, nonce),
  );
  const parts: HistoryParts = { inputs, runs, view, comparisons, reports, dist, texts };
  const commands = registerCommands(
    {
      "scaletest.openReport": (reference) => openReport(parts, reference),
      "scaletest.saveReport": () => saveReport(parts),
      "scaletest.openReportInBrowser": () => openReportInBrowser(parts),
      "scaletest.export": (reference) => exportRun(parts, reference),
      "scaletest.openFailures": (reference) => openFailures(parts, reference),
      "scaletest.compare": (run, several) => compareRuns(parts, selected(view, run, several)),
      "scaletest.deleteRun": (run, several) => deleteRuns(parts, selected(view, run, several)),
      "scaletest.filterHistory": () => filterHistory(parts),
      "scaletest.refreshHistory": () => view.refresh(),
    },
    { front, log },
  );
  return {
    ...feature(commands, comparisons, reports),
    /** Writes what went wrong in a run; resolves with lines for a task's problem matcher, none where nothing did. */
    problems: async (run: WatchedRun): Promise<string[]> => {
      const { file, failures } = await writeFailures(run);
      return problemLines(file, failures.problems);
    },
  };
}

/** What a command of the list of runs is about: the lines given, or those that are selected. */
function selected(
  view: ShownRuns,
  run: RunReference | undefined,
  several: readonly RunReference[] | undefined,
): readonly RunReference[] {
  if (several && several.length > 0) return several;
  return run === undefined ? view.selection : [run];
}
