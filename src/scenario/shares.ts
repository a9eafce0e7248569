import { say } from "../text/message.ts";
import type { Step } from "./model.ts";
import type { Source } from "./source.ts";
import { Overlaps } from "./times.ts";

/** Shares that are written with two digits add up to 100 %. */
const ROUNDING = 1e-9;

/**
 * Gives each share its part of the workspaces, in the order of the file: the first that no step has which may be at
 * work at the same time. Tells of shares for which nothing is free.
 */
export function assignShares(source: Source, steps: readonly Step[]): Step[] {
  const overlaps = new Overlaps(steps);
  const placed: Step[] = [];
  for (const step of steps) {
    const beside = placed.filter((other) => overlaps.between(step, other));
    placed.push(step.share === undefined ? step : withShare(source, step, step.share, beside));
  }
  return placed;
}

function withShare(source: Source, step: Step, share: number, beside: readonly Step[]): Step {
  const taken = beside.flatMap(({ part }) => part ?? []).sort((a, b) => a.from - b.from);
  let from = 0;
  for (const part of taken) if (from + share > part.from + ROUNDING) from = Math.max(from, part.to);
  if (from + share <= 1 + ROUNDING) return { ...step, part: { from, to: Math.min(1, from + share) } };
  const names = beside.filter(({ part }) => part).map(({ name }) => name);
  source.error(
    step.places.share ?? step.places.kind,
    say(
      "no {0} of the workspaces are left beside {1}: steps that overlap have 100% together; lower a share, or let one step follow the other",
      percent(share),
      names.join(" and "),
    ),
  );
  return step;
}

function percent(part: number): string {
  return `${Number((part * 100).toFixed(2))}%`;
}
