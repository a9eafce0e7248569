import type { Left } from "../protocol/left.ts";
import { readJournal } from "./journal.ts";
import type { JournalState } from "./journal-state.ts";

/**
 * What a run has left on its deployment, by its journal: the one rule of editor and command line. A token of one of
 * the run's own users is not counted, it goes with the user; one of somebody else's user is.
 */
export function leftOf(state: JournalState): Left {
  const left: Left = { users: 0, workspaces: 0, tokens: 0 };
  for (const { kind } of state.left()) left[`${kind}s`]++;
  return left;
}

/** Of the run in a folder. */
export async function readLeft(folder: string): Promise<Left> {
  return leftOf(await readJournal(folder));
}
