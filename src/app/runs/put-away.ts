import { rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { type Left, totalLeft } from "../../protocol/left.ts";
import { DISMISSED_FILE, refuseNewer } from "../../runs/run-file.ts";
import { say } from "../../text/message.ts";
import { SaidError } from "../../text/said-error.ts";
import { leftIn } from "./left.ts";

/** What is needed to put a run away. */
export interface Ended {
  folder: string;
}

/** It has left something on its deployment: off the list, it would be taken for cleaned up. */
export class StillNames extends SaidError {
  override readonly name = "StillNames";
  readonly left: Left;

  constructor(left: Left) {
    super(say("the run's journal still names what it has left"));
    this.left = left;
  }
}

/**
 * Takes a run that is over off every list; its record stays in its folder. Rejects with StillNames where it has left
 * something, and with NewerRun where nobody can tell that, unless `force` is set.
 */
export async function dismiss({ folder }: Ended, force: boolean): Promise<void> {
  if (!force) {
    await refuseNewer(folder);
    await refuseNamed(folder);
  }
  await writeFile(path.join(folder, DISMISSED_FILE), "", { mode: 0o600 });
}

/**
 * Deletes the record of a run that is over. Rejects with StillNames where it has left something: without its journal
 * nobody could tell what that is of; and with NewerRun, whose journal this version cannot read.
 */
export async function deleteRecord({ folder }: Ended): Promise<void> {
  await refuseNewer(folder);
  await refuseNamed(folder);
  await rm(folder, { recursive: true, force: true });
}

async function refuseNamed(folder: string): Promise<void> {
  const left = await leftIn(folder);
  if (totalLeft(left) > 0) throw new StillNames(left);
}
