import type { ComparedStep } from "../../compare/judge.ts";
import { readData, readEarlier } from "../../compare/read.ts";
import { sayDifferences, type TestOf, testDifferences } from "../../compare/same-test.ts";
import type { BaselineInput } from "../../engine/baseline.ts";
import type { BaselineRequest } from "../../protocol/baseline.ts";
import type { StepRequest } from "../../protocol/step-request.ts";
import { say } from "../../text/message.ts";
import { SaidError } from "../../text/said-error.ts";
import { workloadByName, workloadNamed } from "../../workloads/index.ts";

/** What can be compared of a run's steps. */
export function comparedSteps(steps: readonly StepRequest[]): ComparedStep[] {
  return steps.map(({ name, workload }) => ({ name, metrics: workloadNamed(workload).metrics }));
}

/**
 * The earlier run that a run is compared with; what it has measured is read when the run asks for it. Rejects with one
 * sentence where it cannot be had, or was another test.
 */
export async function openBaseline(
  { asked, path, others }: BaselineRequest,
  { test, steps }: { test: TestOf; steps: readonly ComparedStep[] },
): Promise<BaselineInput> {
  const baseline = await readEarlier(path);
  const differences = testDifferences(test, baseline.test, workloadByName);
  if (differences.length > 0)
    throw new SaidError(say("baseline {0} was another test: {1}", asked, sayDifferences(differences)));
  return {
    asked,
    steps,
    async load() {
      const data = await readData(baseline, steps);
      const runs = await Promise.all(others.map((folder) => readEarlier(folder).catch(() => undefined)));
      const known = runs.flatMap((run) => run ?? []);
      return { baseline: data, others: await Promise.all(known.map((run) => readData(run, steps, false))) };
    },
  };
}
