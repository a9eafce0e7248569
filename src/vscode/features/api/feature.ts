import { Disposable, EventEmitter } from "vscode";
import { feature } from "../../commands.ts";
import type { WatchedRun } from "../../model/runs/watched-run.ts";
import type { Parts } from "../../parts.ts";
import { type EnglishSnapshot, inEnglish } from "./in-english.ts";
import type { RunSummary, ScaleTestApi } from "./types.ts";

/** What other extensions may use: `api`. */
export function registerApi(
  { runs }: Parts,
  starting: Pick<ScaleTestApi, "start" | "startTraffic" | "startRun" | "runAgain">,
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

/** Its texts are made when somebody reads them: most updates nobody does. */
function summaryOf({ id, title, condition, silentSince, snapshot }: WatchedRun): RunSummary {
  let read: EnglishSnapshot | undefined;
  return {
    id,
    title,
    condition,
    silentSince,
    get snapshot() {
      read ??= snapshot && inEnglish(snapshot);
      return read;
    },
  };
}
