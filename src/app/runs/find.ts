import { isNewer } from "../../runs/newer.ts";
import { workloadByName } from "../../workloads/index.ts";
import { type KnownRun, knownRuns } from "./list.ts";
import { isUnderWay } from "./state.ts";

/** Names that stand for a run: the newest that is over, and the newest that has passed. */
export const LAST = "last";
export const LAST_PASSED = "last-passed";

/** The run of this id, or of one of these names; of clean-ups there is nothing to compare, so no name means one. */
export async function findNamed(runs: string, id: string): Promise<KnownRun | undefined> {
  const known = await knownRuns(runs);
  if (id !== LAST && id !== LAST_PASSED) return known.find(({ entry }) => entry.file.id === id);
  const over = known.filter(
    ({ entry, state, dismissed }) =>
      !dismissed &&
      !isUnderWay(state) &&
      !isNewer(entry.file) &&
      workloadByName(entry.file.workload)?.removes !== true,
  );
  if (id === LAST) return over[0];
  return over.find(({ entry }) => entry.result?.outcome.verdict === "passed");
}
