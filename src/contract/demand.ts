/** It puts no load on a deployment: it deletes, or only looks. */
export const NO_LOAD = "no load";

/** What a step asks of a deployment at a time. What steps ask that run at the same time adds up. */
export interface Demand {
  /** Made, or used where another run has made them. */
  workspaces?: number;
  /** Held open at the same time. */
  connections?: number;
  /** Of all connections together, each way. */
  bytesPerSecond?: number;
}
