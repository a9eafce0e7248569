import type { LevelPlan } from "../../contract/plan.ts";
import type { Level } from "../../protocol/snapshot.ts";

export type WantedLevel = readonly [of: string, value: number];

/**
 * Sets several levels of a step in the order in which it has them: a rate of all connections is of those that there are then.
 * Returns whether all are reached; undefined: at once. Throws what `set` throws.
 */
export function setInOrder(
  levels: readonly LevelPlan[],
  wanted: readonly WantedLevel[],
  set: (of: string, value: number) => LevelPlan,
): (() => boolean) | undefined {
  const order = levels.map(({ of }) => of);
  const sorted = wanted.toSorted(([one], [other]) => order.indexOf(one) - order.indexOf(other));
  const slow = sorted.map(([of, value]) => set(of, value)).filter((level) => level.isReached);
  return slow.length > 0 ? () => slow.every((level) => level.isReached?.() ?? true) : undefined;
}

export function shownLevel({ of, label, now, max }: LevelPlan): Level {
  return { of, label, now: now(), ...(max === undefined ? {} : { max }) };
}
