import { type Left, NOTHING_LEFT, totalLeft } from "../../protocol/left.ts";
import { isNewer } from "../../runs/newer.ts";
import { isDismissed } from "../../runs/run-file.ts";
import { listRuns, type RunEntry } from "../../runs/run-list.ts";
import { leftIn } from "./left.ts";
import { type RunState, stateOf } from "./state.ts";

/** A run as it is now. */
export interface KnownRun {
  entry: RunEntry;
  state: RunState;
  /** What its journal still names; nothing of a run that a newer version made, whose journal is not read. */
  left: Left;
  /** Somebody has put it away. */
  dismissed: boolean;
}

/** All runs of the folder, the newest first. Rejects with FolderError where it cannot be read. */
export async function knownRuns(runs: string): Promise<KnownRun[]> {
  return Promise.all((await listRuns(runs)).map(knownRun));
}

async function knownRun(entry: RunEntry): Promise<KnownRun> {
  const [state, left, dismissed] = await Promise.all([
    stateOf(entry),
    isNewer(entry.file) ? NOTHING_LEFT : leftIn(entry.folder),
    isDismissed(entry.folder),
  ]);
  return { entry, state, left, dismissed };
}

/** Whether it has left something, by its journal. */
export function hasLeft({ left }: Pick<KnownRun, "left">): boolean {
  return totalLeft(left) > 0;
}
