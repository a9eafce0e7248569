import type { EndedRecord } from "../src/app/runs/ended.ts";
import { type Snapshot, type Step, snapshotSchema, stepSchema } from "../src/protocol/snapshot.ts";
import type { StepRequest } from "../src/protocol/step-request.ts";
import { type StepView, viewOf } from "../src/protocol/steps.ts";
import type { Final } from "../src/runs/final.ts";
import { EDITOR } from "../src/vscode/wording.ts";

/** A run of one step, told flat: the step has the name of the run's workload. */
export type OneStep = Omit<StepView, "name" | "workload" | "steps">;

/** What a runner says of such a run. */
export function wholeOf(one: OneStep): Snapshot {
  const { run, outcome } = one;
  const ended = outcome ? { summary: outcome.summary } : {};
  const step = { name: run.workload, workload: run.workload, state: outcome ? "done" : "active", ...ended };
  return {
    ...(picked(one, snapshotSchema.shape) as Omit<Snapshot, "steps">),
    steps: [{ ...picked(one, stepSchema.shape), ...step } as Step],
  };
}

/** Those of its fields that a schema has; they stay the same objects. */
function picked(from: object, shape: object): object {
  return Object.fromEntries(
    Object.entries(from).filter(([name, value]) => name in shape && value !== undefined),
  );
}

/** The same, as readers have it that have room for one step. */
export function oneStepRun(one: OneStep): StepView {
  return viewOf(wholeOf(one));
}

/** A run's record, as the editor has it. */
export function recordOf(final: Final): EndedRecord {
  return { ...final, whole: final.snapshot, snapshot: viewOf(final.snapshot) };
}

/** A record of a run of one step, as the editor has it. */
export function endedRecord({
  snapshot,
  ...rest
}: Omit<Final, "snapshot"> & { snapshot: OneStep }): EndedRecord {
  return recordOf({ ...rest, snapshot: wholeOf(snapshot) });
}

/** What the one step of a run is asked to do. */
export function askedConfig(asked: { steps: readonly StepRequest[] } | undefined): StepRequest["config"] {
  return askedStep(asked).config;
}

export function askedStep(asked: { steps: readonly StepRequest[] } | undefined): StepRequest {
  const [only, ...more] = asked?.steps ?? [];
  if (!only || more.length > 0) throw new Error("a run of one step was expected");
  return only;
}

/** What a report draws of it. */
export function reportedOf({ whole, rows }: EndedRecord) {
  return { snapshot: whole, rows, wording: EDITOR };
}
