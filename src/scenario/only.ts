import { parseRunThreshold } from "../measure/run-threshold.ts";
import { ThresholdError } from "../measure/threshold.ts";
import { type Message, say } from "../text/message.ts";
import { profileField } from "./kinds.ts";
import type { Scenario, Step } from "./model.ts";

/** One step of a scenario with what it needs, or why it cannot be run without the others. */
export type OnlyStep = { scenario: Scenario; before: readonly Step[] } | { problem: Message };

/**
 * Of a scenario without errors, the one of a single step: with the steps that make the workspaces it takes, where the file has any before it. The
 * step begins when they are there, whatever it waits for otherwise, and is held to what is about it.
 */
export function onlyStep(scenario: Scenario, name: string): OnlyStep {
  const at = scenario.steps.findIndex((step) => step.name === name);
  const step = scenario.steps[at];
  if (!step) return { problem: say('there is no step "{0}"', name) };
  const { checked, workload } = step;
  if (!checked) return { problem: say('step "{0}" has an error', name) };
  if (!checked.demand && checked.program === undefined && !workload.removes)
    return { problem: say('step "{0}" does nothing by itself: it only fills time between others', name) };
  const takes = profileField(workload, "share") !== undefined;
  const before = takes ? scenario.steps.slice(0, at).filter(makes) : [];
  const steps = [...before, step].map((one) => ({ ...one, begin: undefined }));
  return {
    before,
    scenario: {
      ...scenario,
      search: undefined,
      steps,
      thresholds: scenario.thresholds.filter((text) => isAbout(text, step)),
    },
  };
}

/** Workspaces that are there for the steps after it. */
function makes({ checked }: Step): boolean {
  return (checked?.makes ?? 0) > 0;
}

/** Whether a threshold of the whole run is about what this step measures. */
function isAbout(text: string, { name, workload }: Step): boolean {
  try {
    const { step } = parseRunThreshold(text, [{ name, metrics: workload.metrics }]);
    return step === undefined || step === name;
  } catch (error) {
    if (error instanceof ThresholdError) return false;
    throw error;
  }
}
