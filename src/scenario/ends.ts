import { say } from "../text/message.ts";
import type { Step } from "./model.ts";
import { goesBy } from "./order.ts";
import type { Source } from "./source.ts";

/** Tells of steps that never run: they wait for the end of one that nothing ends. */
export function checkEnds(source: Source, steps: readonly Step[]): void {
  for (const [at, step] of steps.entries()) {
    const endless = waitsForEver(steps, at);
    if (endless !== undefined)
      source.error(
        step.places.begin ?? step.places.kind,
        say('this step never runs: it begins when "{0}" ends, which nothing ends; give that a hold', endless),
      );
  }
}

/** The step without an end that this one waits for, by way of others or not; of several, the one that begins. */
function waitsForEver(steps: readonly Step[], first: number): string | undefined {
  const path = new Set<number>();
  let found: string | undefined;
  // Steps that wait for each other have a problem of their own: the circle.
  for (let at = first; at >= 0 && !path.has(at); ) {
    path.add(at);
    const by = goesBy(steps, at);
    const before = steps.findIndex(({ name }) => name === by);
    const kind = steps[at]?.begin?.kind ?? "after";
    if (before >= 0 && kind === "after" && isEndless(steps, before)) found = steps[before]?.name;
    at = before;
  }
  return found;
}

/** One that goes along with another ends with it. */
function isEndless(steps: readonly Step[], first: number): boolean {
  const path = new Set<number>();
  for (let at = first; at >= 0 && !path.has(at); ) {
    path.add(at);
    const step = steps[at];
    if (step?.begin?.kind !== "with") return step?.checked?.endless ?? false;
    const host = step.begin.step;
    at = steps.findIndex(({ name }) => name === host);
  }
  return false;
}
