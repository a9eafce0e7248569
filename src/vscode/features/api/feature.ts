import { Disposable, EventEmitter } from "vscode";
import { feature } from "../../commands.ts";
import type { WatchedRun } from "../../model/runs/watched-run.ts";
import type { Parts } from "../../parts.ts";
import type { RunSummary, ScaleTestApi } from "./types.ts";

/** What other extensions may use: `api`. */
export function registerApi(
  { runs }: Parts,
  starting: Pick<ScaleTestApi, "start" | "startTraffic" | "startRun">,
) {
  const updated = new EventEmitter<RunSummary>();
  const unsubscribe = runs.changed.on((run) => run && updated.fire(summaryOf(run)));
  const api: ScaleTestApi = {
    version: 1,
    ...starting,
    list: () => runs.list().map(summaryOf),
    onDidUpdate: updated.event,
  };
  return { ...feature({}, updated, new Disposable(unsubscribe)), api };
}

function summaryOf({ id, title, condition, silentSince, snapshot }: WatchedRun): RunSummary {
  return { id, title, condition, silentSince, snapshot };
}
