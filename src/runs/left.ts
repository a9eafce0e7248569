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

/** `3 workspaces and 3 users`, for the command line; empty where nothing is left. */
export function leftText({ users, workspaces, tokens }: Left): string {
  const parts = [
    counted(workspaces, "workspace"),
    counted(users, "user"),
    counted(tokens, "token of another user", "tokens of other users"),
  ].filter(Boolean);
  const last = parts.pop() ?? "";
  return parts.length > 0 ? `${parts.join(", ")} and ${last}` : last;
}

function counted(count: number, one: string, other = `${one}s`): string {
  return count === 0 ? "" : `${count} ${count === 1 ? one : other}`;
}
