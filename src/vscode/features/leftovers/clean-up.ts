import { cleanedUpAfter } from "../../../app/clean-up/runs.ts";
import { NOTHING_LEFT, totalLeft } from "../../../protocol/left.ts";
import type { CleanUpRequest } from "../../ids.ts";
import type { NewRun, RunList } from "../../model/runs/run-list.ts";
import type { WatchedRun } from "../../model/runs/watched-run.ts";
import { askForCleanup, askForOrphaning, askForRecovery, type CleanupParts } from "./command.ts";

export interface CleaningParts {
  runs: RunList;
  cleanup: CleanupParts;
  /** Resolves with the run's id. */
  start(run: NewRun): Promise<string>;
}

/**
 * After a run whose journal names something by that, else by what the deployment lists. Resolves with the id of the run
 * that cleans up; undefined where the person left, or nothing is there.
 */
export async function cleanUp(parts: CleaningParts, request: CleanUpRequest): Promise<string | undefined> {
  const { runs, cleanup } = parts;
  const ended = request.runId ? await recordOf(runs, request.runId) : undefined;
  const left = ended && !ended.active ? await runs.left(ended) : NOTHING_LEFT;
  if (!ended || totalLeft(left) === 0) {
    const run = await askForCleanup(cleanup, addressed(runs, request));
    return run && parts.start(run);
  }
  const ask = request.orphan ? askForOrphaning : askForRecovery;
  const run = await ask(cleanup, ended, left);
  const id = run && (await parts.start(run));
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

/** From the tree of deployments comes a line with an address, from that of runs one with a run's id. */
function addressed(runs: RunList, { url, runId }: CleanUpRequest): CleanUpRequest {
  const ofRun = runId ? runs.get(runId)?.file.deployment.url : undefined;
  const address = url ?? ofRun;
  return { ...(address ? { url: address } : {}), ...(runId ? { runId } : {}) };
}
