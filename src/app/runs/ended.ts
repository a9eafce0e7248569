import type { Snapshot } from "../../protocol/snapshot.ts";
import { type StepView, viewOf } from "../../protocol/steps.ts";
import type { Final } from "../../runs/final.ts";

/** A run's record: as it is, and with the figures of the step in focus. */
export interface EndedRecord extends Omit<Final, "snapshot"> {
  whole: Snapshot;
  snapshot: StepView;
}

export function endedRecord(final: Final): EndedRecord {
  return { ...final, whole: final.snapshot, snapshot: viewOf(final.snapshot) };
}
