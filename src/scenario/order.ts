import type { Begin } from "../protocol/step-request.ts";
import { say } from "../text/message.ts";
import type { Place, Source } from "./source.ts";

/** A step, as far as its turn is concerned. */
export interface Turn {
  name: string;
  begin: Begin | undefined;
  place: Place;
}

/** Whom a step goes by: without a word of its own, the step above it; undefined where it goes by the clock. */
export function goesBy(steps: readonly Pick<Turn, "name" | "begin">[], at: number): string | undefined {
  const begin = steps[at]?.begin;
  if (begin) return begin.kind === "at" ? undefined : begin.step;
  return steps[at - 1]?.name;
}

/** Tells of steps that wait for each other, each circle once, and of those that wait for such a circle. */
export function checkOrder(source: Source, steps: readonly Turn[]): void {
  const told = new Set<string>();
  for (const [at, { name, place }] of steps.entries()) {
    const path = [name];
    for (let next = goesBy(steps, at); next !== undefined; ) {
      const from = path.indexOf(next);
      if (from === 0) {
        const circle = [...path, next];
        if (!circle.some((one) => told.has(one)))
          source.error(
            place,
            say("steps wait for each other: {0}; let one of them begin by another word", circle.join(" → ")),
          );
        for (const one of circle) told.add(one);
      } else if (from > 0)
        source.error(place, say('this step never runs: it waits for "{0}", which waits for itself', next));
      if (from >= 0) break;
      path.push(next);
      const step = steps.findIndex((one) => one.name === next);
      next = goesBy(steps, step);
    }
  }
}
