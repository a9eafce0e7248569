import type { RunResult } from "../../protocol/result.ts";

type StepResult = NonNullable<RunResult["steps"]>[string];

/** What a step came to, in one word or two; of one without a verdict, why it has none. */
export function stepEnd({ verdict, begun_ms }: Pick<StepResult, "verdict" | "begun_ms">): string {
  return verdict ?? (begun_ms === null ? "not begun" : "not ended");
}
