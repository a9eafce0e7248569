import { oneStep } from "../../protocol/step-request.ts";
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
  const { title, target, config } = request;
  return { title, target, steps: oneStep(CLEANUP, { ...config, only: idsOf(confirmed) }) };
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
  return { title, target, steps: oneStep(RECOVERY, { folder, run: id, orphan }) };
}

/** Id of the run that this one cleaned up after; undefined where it was none of those. */
export function cleanedUpAfter({ steps }: Pick<RunFile, "steps">): string | undefined {
  const run = steps.find(({ workload }) => workload === RECOVERY)?.config.run;
  return typeof run === "string" ? run : undefined;
}
