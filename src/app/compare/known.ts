import type { RunData } from "../../compare/data.ts";
import { type EarlierRun, readData, readEarlier } from "../../compare/read.ts";
import type { TestOf } from "../../compare/same-test.ts";
import type { Snapshot } from "../../protocol/snapshot.ts";

/** What a comparison knows of a run besides how it looked at its end. */
export interface KnownRun {
  test: TestOf;
  data: RunData;
}

/** From a run's folder; undefined where that has too little of it: the run did not come to its end. */
export async function readKnown(
  folder: string,
  { steps }: Pick<Snapshot, "steps">,
): Promise<KnownRun | undefined> {
  try {
    const run: EarlierRun = await readEarlier(folder);
    const described = steps.map(({ name, description }) => ({ name, metrics: description.metrics }));
    return { test: run.test, data: await readData(run, described) };
  } catch {
    return undefined;
  }
}
