import type { Counts, Snapshot, Stage, Step } from "./snapshot.ts";

/** A run as one of its steps has it: what readers show that have room for one step. */
export type StepView = Snapshot & Omit<Step, "state" | "summary">;

/** What a step comes to before anything of it is known. */
export const NO_COUNTS: Counts = { total: 0, waiting: 0, succeeded: 0, failed: 0, canceled: 0 };

/**
 * The step that is looked at where nobody has chosen one: of those at work the one that began last, else the last that
 * has begun, else the first.
 */
export function stepInFocus({ steps }: Pick<Snapshot, "steps">): Step {
  const begun = steps.filter(({ begunAt }) => begunAt !== undefined);
  const step = begun.findLast(({ state }) => state === "active") ?? begun.at(-1) ?? steps[0];
  if (!step) throw new Error("a run has at least one step");
  return step;
}

/** The run with the figures of one of its steps, by default of the one in focus; held to what that step is held to. */
export function viewOf(snapshot: Snapshot, name?: string): StepView {
  const step = snapshot.steps.find((one) => one.name === name) ?? stepInFocus(snapshot);
  const { thresholds } = snapshot;
  const own =
    snapshot.steps.length > 1
      ? thresholds?.filter((one) => one.step === undefined || one.step === step.name)
      : thresholds;
  const { state: _state, summary: _summary, ...figures } = step;
  return { ...snapshot, ...figures, ...(own ? { thresholds: own } : {}) };
}

/** Stages of the run itself, and of the step that is shown. */
export function ownStages({ stages, name }: Pick<StepView, "stages" | "name">): Stage[] {
  return stages.filter(({ step }) => step === undefined || step === name);
}

/** Where all jobs of all steps are. */
export function allCounts({ steps }: Pick<Snapshot, "steps">): Counts {
  const sum: Counts = { ...NO_COUNTS };
  for (const { counts } of steps)
    for (const [state, count] of Object.entries(counts)) sum[state] = (sum[state] ?? 0) + count;
  return sum;
}
