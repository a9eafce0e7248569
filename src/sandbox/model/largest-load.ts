import type { LoadModelOptions } from "./options.ts";

/** What one of a load does: a connection, a build, or a user who does several things. */
export interface UnitOfLoad {
  messagesPerSecond?: number;
  requestsPerSecond?: number;
  /** Builds at a time: 1 of a build slot that begins the next when one ends. */
  builds?: number;
  /** How long a build takes where there are cores enough. */
  buildMs?: number;
}

/** What the load is held to: an answer within `limitMs`, or a build. */
export interface LoadObjective {
  of: "answer" | "build";
  limitMs: number;
  /** Of builds that do not all take equally long: the objective's percentile over the mean. */
  spread?: number;
}

/**
 * The right answer: the largest load for which the objective holds, in units that are dealt to the replicas in turn.
 * null = no limit. It follows from the budget alone: answers come in time as long as the fullest replica and the
 * database do what is asked of them, and builds as long as the cores stretch them by less than the limit allows.
 */
export function largestLoad(
  options: LoadModelOptions,
  unit: UnitOfLoad,
  { of, limitMs, spread = 1 }: LoadObjective,
): number | null {
  const { replicas, coderdCores: cores, databaseCores, messageMs, requestMs, requestDatabaseMs } = options;
  const { messagesPerSecond = 0, requestsPerSecond = 0, builds = 0, buildMs = 0 } = unit;
  const buildCores = buildMs > 0 ? (builds * options.buildCpuSeconds * 1_000) / buildMs : 0;
  const mostOfReplica = (needed: number) =>
    cores > 0 && needed > 0 ? cores / needed : Number.POSITIVE_INFINITY;
  if (of === "build") {
    if (limitMs <= buildMs * spread) return 0;
    return whole(replicas * wholeOf(mostOfReplica(buildCores) * (limitMs / (buildMs * spread))));
  }
  const service = Math.max(messagesPerSecond > 0 ? messageMs : 0, requestsPerSecond > 0 ? requestMs : 0);
  if (cores > 0 && (service * Math.ceil(cores)) / cores >= limitMs) return 0;
  const needed = (messagesPerSecond * messageMs + requestsPerSecond * requestMs) / 1_000 + buildCores;
  const databaseNeeds = (requestsPerSecond * requestDatabaseMs) / 1_000;
  const byDatabase =
    databaseCores > 0 && databaseNeeds > 0
      ? wholeOf(databaseCores / databaseNeeds)
      : Number.POSITIVE_INFINITY;
  return whole(Math.min(replicas * wholeOf(mostOfReplica(needed)), byDatabase));
}

/** 180.0000001 and 179.9999999 are 180. */
function wholeOf(value: number): number {
  return Number.isFinite(value) ? Math.floor(value + 1e-6) : value;
}

function whole(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}
