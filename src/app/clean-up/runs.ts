import type { Target } from "../../protocol/target.ts";
import type { RunFile } from "../../runs/run-file.ts";
import { CLEANUP, RECOVERY } from "../../workloads/clean-up-names.ts";
import { idsOf, type Leftover } from "../../workloads/leftovers.ts";
import type { RunRequest } from "../run-request.ts";

/**
 * The run that deletes what a person has seen and confirmed, and nothing that comes in the meantime. `config` has what
 * else was asked for: filter and limits.
 */
export function cleanUpOf(
  confirmed: readonly Leftover[],
  request: { title: string; target: Target; config: Record<string, unknown> },
): RunRequest {
  return { workload: CLEANUP, ...request, config: { ...request.config, only: idsOf(confirmed) } };
}

/** A run that is over, and whose journal names what it has left. */
export interface Interrupted {
  id: string;
  folder: string;
}

/**
 * The run that deletes what another one's journal still names. With `orphan`, workspaces go even where their destroy
 * fails, and what they stand for stays.
 */
export function recoveryOf(
  { id, folder }: Interrupted,
  request: { title: string; target: Target; orphan: boolean },
): RunRequest {
  const { title, target, orphan } = request;
  return { workload: RECOVERY, title, target, config: { folder, run: id, orphan } };
}

/** Id of the run that this one cleaned up after; undefined where it was none of those. */
export function cleanedUpAfter({
  workload,
  config,
}: Pick<RunFile, "workload" | "config">): string | undefined {
  return workload === RECOVERY && typeof config.run === "string" ? config.run : undefined;
}
