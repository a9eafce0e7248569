import { type Guard, stricter } from "../../protocol/guard.ts";
import type { Target } from "../../protocol/target.ts";
import type { Scenario } from "../../scenario/model.ts";
import { toRequest } from "../../scenario/request.ts";
import type { RunRequest } from "../run-request.ts";
import { titleOf } from "./title.ts";

/** The run of a scenario without errors. Its limits only lower those of the person who runs it. */
export function scenarioRun(
  file: string,
  scenario: Scenario,
  by: { target: Target; guard: Guard; allowRun: boolean },
): RunRequest {
  const { target, guard, allowRun } = by;
  return {
    ...toRequest(scenario),
    title: titleOf(file, scenario),
    scenario: scenario.text,
    target,
    guard: { ...guard, limits: stricter(guard.limits, scenario.limits) },
    allowRun,
  };
}
