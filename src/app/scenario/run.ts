import type { Workload } from "../../contract/workload.ts";
import { type Guard, stricter } from "../../protocol/guard.ts";
import type { Target } from "../../protocol/target.ts";
import type { Scenario } from "../../scenario/model.ts";
import { toRequest } from "../../scenario/request.ts";
import { limitOf } from "../limit/request.ts";
import type { RunRequest } from "../run-request.ts";
import { titleOf } from "./title.ts";

/** The run of a scenario without errors; one with a search is that search. Its limits only lower those of the person who runs it. */
export function scenarioRun(
  file: string,
  scenario: Scenario,
  by: { target: Target; guard: Guard; allowRun: boolean },
): RunRequest {
  const { target, guard, allowRun } = by;
  const { steps, thresholds } = toRequest(scenario);
  return {
    ...(scenario.search ? limitOf(scenario.search, steps, workloadIn(scenario), (key) => key) : { steps }),
    thresholds,
    title: titleOf(file, scenario),
    scenario: scenario.text,
    target,
    guard: { ...guard, limits: stricter(guard.limits, scenario.limits) },
    allowRun,
  };
}

function workloadIn({ steps }: Scenario): (name: string) => Workload {
  return (name) => {
    const workload = steps.map((step) => step.workload).find((one) => one.name === name);
    if (!workload) throw new Error(`no step is of ${name}`);
    return workload;
  };
}
