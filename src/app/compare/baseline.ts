import path from "node:path";
import { type EarlierRun, readEarlier } from "../../compare/read.ts";
import { sayDifferences, type TestOf, testDifferences } from "../../compare/same-test.ts";
import type { BaselineRequest } from "../../protocol/baseline.ts";
import { isNewer } from "../../runs/newer.ts";
import { readRunFile } from "../../runs/run-file.ts";
import { type Message, say } from "../../text/message.ts";
import { saidOf } from "../../text/said-error.ts";
import { workloadByName } from "../../workloads/index.ts";
import { Refused } from "../refused.ts";
import { LAST_PASSED } from "../runs/find.ts";
import { type KnownRun, knownRuns } from "../runs/list.ts";
import { isUnderWay } from "../runs/state.ts";

/** More earlier runs than this say no more about how runs differ. */
const MOST_OTHERS = 9;

export interface FoundBaseline {
  /** undefined: nothing is compared, and `remark` says why. */
  baseline: BaselineRequest | undefined;
  /** One sentence for people. */
  remark?: Message;
}

/**
 * What a run is to be compared with: a run by its id or folder, a result as a file, or the newest passed run of the same
 * test. Rejects with Refused where it cannot be had or was another test. The first run of a test has no passed one
 * before it: that is no reason not to run it. A path counts from `folder`.
 */
export async function findBaseline(
  runs: string,
  { asked, folder }: { asked: string; folder: string },
  test: TestOf,
): Promise<FoundBaseline> {
  const passed = (await knownRuns(runs)).filter(hasPassed);
  const same = await sameTests(passed, test);
  if (asked === LAST_PASSED) {
    const [newest, ...others] = same;
    if (newest) return { baseline: requestOf(asked, newest.entry.folder, others) };
    return { baseline: undefined, remark: await whyNone(passed, test) };
  }
  const file = await placeOf(runs, asked, folder);
  const earlier = await readEarlier(file).catch((error: unknown) => {
    throw new Refused(say("baseline {0} cannot be had: {1}", asked, saidOf(error)));
  });
  refuseOther(asked, earlier, test);
  const others = same.filter(({ entry }) => entry.file.id !== earlier.result.run_id);
  return { baseline: requestOf(asked, file, others) };
}

function requestOf(asked: string, file: string, others: readonly KnownRun[]): BaselineRequest {
  return { asked, path: file, others: others.slice(0, MOST_OTHERS).map(({ entry }) => entry.folder) };
}

function hasPassed({ entry, state, dismissed }: KnownRun): boolean {
  if (dismissed || isUnderWay(state) || isNewer(entry.file)) return false;
  return entry.result?.outcome.verdict === "passed";
}

async function sameTests(passed: readonly KnownRun[], test: TestOf): Promise<KnownRun[]> {
  const all = await Promise.all(
    passed.map(async (run) => ({ run, differs: await differencesTo(run, test) })),
  );
  return all.filter(({ differs }) => differs?.length === 0).map(({ run }) => run);
}

async function differencesTo({ entry }: KnownRun, test: TestOf): Promise<Message[] | undefined> {
  const file = await readRunFile(entry.folder).catch(() => undefined);
  if (!file) return undefined;
  const { deployment, steps } = file;
  return testDifferences(test, { url: deployment.url, sandbox: deployment.sandbox, steps }, workloadByName);
}

/** Where one has passed that is of the same kind, how it differs: somebody has changed the file since. */
async function whyNone(passed: readonly KnownRun[], test: TestOf): Promise<Message> {
  const kind = test.steps.map(({ workload }) => workload).join();
  const like = passed.find(({ entry }) => entry.file.steps.map(({ workload }) => workload).join() === kind);
  const differs = like && (await differencesTo(like, test));
  if (!like || !differs)
    return say("no run of this test has passed yet: there is nothing to compare this one with");
  return say(
    "nothing to compare this run with: the last that has passed, {0}, was another test: {1}",
    like.entry.file.id,
    sayDifferences(differs),
  );
}

/** The folder of the run of this id, else a path. */
async function placeOf(runs: string, asked: string, folder: string): Promise<string> {
  const run = (await knownRuns(runs)).find(({ entry }) => entry.file.id === asked);
  if (!run) return path.resolve(folder, asked);
  if (isUnderWay(run.state))
    throw new Refused(say("baseline {0} cannot be had: that run is not over", asked));
  return run.entry.folder;
}

function refuseOther(asked: string, earlier: EarlierRun, test: TestOf): void {
  const differences = testDifferences(test, earlier.test, workloadByName);
  if (differences.length > 0)
    throw new Refused(say("baseline {0} was another test: {1}", asked, sayDifferences(differences)));
}
