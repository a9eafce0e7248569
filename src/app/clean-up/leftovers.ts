import { type Leftover, runIdOf } from "../../workloads/leftovers.ts";

export { countsOf, type Leftover, runIdOf } from "../../workloads/leftovers.ts";

/** What one run has left; `run` is undefined for what another tool has made. */
export interface LeftoverGroup {
  run: string | undefined;
  leftovers: readonly Leftover[];
}

/** By the run that made it, the largest group first; what other tools have left comes last. */
export function byRun(leftovers: readonly Leftover[]): LeftoverGroup[] {
  const groups = new Map<string | undefined, Leftover[]>();
  for (const leftover of leftovers) {
    const run = runIdOf(leftover.workspaces[0]?.name ?? leftover.owner);
    groups.set(run, [...(groups.get(run) ?? []), leftover]);
  }
  return [...groups]
    .map(([run, group]) => ({ run, leftovers: group }))
    .sort(
      (a, b) =>
        Number(a.run === undefined) - Number(b.run === undefined) || b.leftovers.length - a.leftovers.length,
    );
}

/** When the oldest of it was made, in Unix milliseconds; undefined where the deployment does not say. */
export function oldestOf(leftovers: readonly Leftover[]): number | undefined {
  const times = leftovers
    .flatMap(({ user, workspaces }) => [user?.created_at, ...workspaces.map(({ created_at }) => created_at)])
    .map((time) => Date.parse(time ?? ""))
    .filter(Number.isFinite);
  return times.length > 0 ? Math.min(...times) : undefined;
}

/** Names of the templates that its workspaces are of. */
export function templatesOf(leftovers: readonly Leftover[]): string[] {
  return [...new Set(leftovers.flatMap(({ workspaces }) => workspaces.map((one) => one.template_name)))];
}
