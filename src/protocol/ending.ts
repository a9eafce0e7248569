import type { Outcome, Verdict } from "./snapshot.ts";

/**
 * What people read of how a run ended, in one word. Scripts have the verdict, whose names stay. `ended`: nobody has said
 * what has to hold, so that nothing failed, and the run's own answer is that it does not hold: no word of praise.
 */
export type Ending = Verdict | "ended";

export function endingOf({ verdict, unjudged }: Pick<Outcome, "verdict" | "unjudged">): Ending {
  return verdict === "passed" && unjudged === true ? "ended" : verdict;
}
