import type { Profile } from "../contract/fields/field.ts";
import type { Workload } from "../contract/workload.ts";
import { profileField } from "./kinds.ts";
import type { Draft } from "./step.ts";

type Config = Readonly<Record<string, unknown>>;

/** Where nothing limits a step: longer than any. */
const DAY_MS = 24 * 3_600_000;
/** Its time limit is over its length. */
const SLACK_MS = 60_000;
/** Its ramp is as long as the other step. */
const LEAST_MS = 1_000;

/**
 * How long a step is that goes along with another, where it does not say so itself: as long as that one; of one whose
 * length nobody knows, as long as its time limit lets it be. It ends with the other in any case.
 */
export function lengthOf({ workload, said }: Draft, own: Config, host: Draft, hostConfig: Config): Config {
  const hold = profileField(workload, "hold");
  if (!hold || hold.key in said.places) return {};
  const isSaid = (part: Profile) => (profileField(workload, part)?.key ?? "") in said.places;
  const its = (part: Profile) => msOf(host.workload, hostConfig, part) ?? 0;
  const mine = (part: Profile) => msOf(workload, own, part) ?? 0;
  const parts = new Map<Profile, number>();
  if (its("hold") > 0) {
    const lengthMs = its("ramp") + its("warm_up") + its("hold");
    if (!isSaid("ramp") && !isSaid("warm_up"))
      for (const part of ["ramp", "warm_up", "hold"] as const) parts.set(part, its(part));
    else parts.set("hold", Math.max(LEAST_MS, lengthMs - mine("ramp") - mine("warm_up")));
    if (!isSaid("limit")) parts.set("limit", its("limit"));
  } else {
    const holdMs = its("limit") || DAY_MS;
    parts.set("hold", holdMs);
    if (!isSaid("limit")) parts.set("limit", holdMs + mine("ramp") + mine("warm_up") + SLACK_MS);
  }
  return Object.fromEntries(
    [...parts].flatMap(([part, ms]) => {
      const key = profileField(workload, part)?.key;
      return key === undefined ? [] : [[key, ms] as const];
    }),
  );
}

/** The value of the file, else the default. */
function msOf(workload: Workload, config: Config, part: Profile): number | undefined {
  const known = profileField(workload, part);
  const value = known && (config[known.key] ?? known.field.default);
  return typeof value === "number" ? value : undefined;
}
