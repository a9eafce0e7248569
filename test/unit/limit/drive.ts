import { LimitSearch, type LimitSearchOptions } from "../../../src/limit/search.ts";
import { parseThreshold } from "../../../src/measure/threshold.ts";
import type { LimitEnd, LimitLevel } from "../../../src/protocol/limit.ts";
import { METRICS, type VirtualDeployment } from "./virtual-deployment.ts";

export const objective = (text: string) => parseThreshold(text, METRICS);

/** Nothing takes longer than this, or it has hung. */
const LONGEST_S = 20_000;

/** Drives a search by a virtual deployment's seconds, each of which is closed a second after its end. */
export function drive(
  deployment: Pick<VirtualDeployment, "setLevel" | "pass">,
  options: Partial<LimitSearchOptions> & { objectives: LimitSearchOptions["objectives"] },
  onSecond: (second: number, search: LimitSearch) => void = () => undefined,
): { end: LimitEnd; levels: LimitLevel[]; seconds: number; set: number[] } {
  const search = new LimitSearch({ from: 50, to: 2_000, precision: 0.05, budgetS: LONGEST_S, ...options });
  const set: number[] = [];
  let command: ReturnType<LimitSearch["take"]> = search.begin();
  let closed: ReturnType<VirtualDeployment["pass"]> | undefined;
  for (let second = 0; second < 2 * LONGEST_S; second++) {
    if (command?.kind === "level") {
      set.push(command.level);
      deployment.setLevel(command.level);
      search.levelIsSet(second);
    }
    const passed = deployment.pass(second);
    onSecond(second, search);
    command = closed && search.take(closed);
    closed = passed;
    if (search.end) return { end: search.end, levels: search.levels, seconds: second, set };
  }
  throw new Error("the search has not ended");
}
