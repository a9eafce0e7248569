import type { StepRequest } from "../protocol/step-request.ts";
import type { Scenario } from "./model.ts";

/** What a runner is asked for. Of a scenario without errors. Throws an Error where a step could not be read. */
export function toRequest({ steps, thresholds }: Pick<Scenario, "steps" | "thresholds">): {
  steps: StepRequest[];
  thresholds: string[];
} {
  return {
    steps: steps.map(({ name, workload, checked, begin }) => {
      if (!checked) throw new Error(`step "${name}" cannot be run: it has an error`);
      return { name, workload: workload.name, config: { ...checked.config }, ...(begin ? { begin } : {}) };
    }),
    thresholds: [...thresholds],
  };
}
