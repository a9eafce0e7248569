import type { Workload } from "../contract/workload.ts";
import type { StepRequest } from "../protocol/step-request.ts";
import { profileField } from "./kinds.ts";
import type { Scenario } from "./model.ts";

/** What a runner is asked for. Of a scenario without errors. Throws an Error where a step could not be read. */
export function toRequest({ steps, thresholds }: Pick<Scenario, "steps" | "thresholds">): {
  steps: StepRequest[];
  thresholds: string[];
} {
  return {
    steps: steps.map(({ name, workload, config, checked, begin, stages }) => {
      if (!checked) throw new Error(`step "${name}" cannot be run: it has an error`);
      return {
        name,
        workload: workload.name,
        config: { ...checked.config },
        ...(begin ? { begin } : {}),
        ...(stages.length > 0 ? { profile: { ...from(workload, config), stages: [...stages] } } : {}),
      };
    }),
    thresholds: [...thresholds],
  };
}

/** Stages of a load begin at nothing, unless a ramp has brought it up before. */
function from(workload: Workload, config: Readonly<Record<string, unknown>>): { from?: number } {
  const ramp = profileField(workload, "ramp")?.key;
  return ramp === undefined || config[ramp] ? {} : { from: 0 };
}
