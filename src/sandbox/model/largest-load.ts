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

/** What the load is held to: an answer within `limitMs`, a build, or a build's wait for a daemon. */
export interface LoadObjective {
  of: "answer" | "build" | "queue";
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
  objective: LoadObjective,
): number | null {
  return whole(Math.min(...Object.values(largestByPart(options, unit, objective))));
}

/** What of the deployment is used up first by such a load, by the same budget; null = nothing. */
export type Bottleneck = "coderd_cpu" | "database" | "database_pool" | "provisioners";

export function bottleneckOf(
  options: LoadModelOptions & { databaseSlowdown?: number },
  unit: UnitOfLoad,
  objective: LoadObjective,
): Bottleneck | null {
  const parts = Object.entries(largestByPart(options, unit, objective)) as [Bottleneck, number][];
  const [first] = parts.sort(([, a], [, b]) => a - b);
  if (!first || !Number.isFinite(first[1])) return null;
  // A pool that slow queries fill is the database's fault.
  return first[0] === "database_pool" && (options.databaseSlowdown ?? 1) > 1 ? "database" : first[0];
}

/** The largest load that each part of the deployment carries; it goes up to infinity where it has no limit. */
function largestByPart(
  options: LoadModelOptions & { databaseSlowdown?: number; daemons?: number },
  unit: UnitOfLoad,
  { of, limitMs, spread = 1 }: LoadObjective,
): Partial<Record<Bottleneck, number>> {
  const { replicas, coderdCores: cores, databaseCores, messageMs, requestMs, requestDatabaseMs } = options;
  const { messagesPerSecond = 0, requestsPerSecond = 0, builds = 0, buildMs = 0 } = unit;
  const buildCores = buildMs > 0 ? (builds * options.buildCpuSeconds * 1_000) / buildMs : 0;
  const mostOfReplica = (needed: number) =>
    cores > 0 && needed > 0 ? cores / needed : Number.POSITIVE_INFINITY;
  if (of === "queue") {
    // Slots that begin the next build when one ends: each waits for those that are more than there are daemons.
    const daemons = (options.daemons ?? 0) * replicas;
    return {
      provisioners:
        builds > 0 && buildMs > 0
          ? wholeOf((daemons * (1 + limitMs / buildMs)) / builds)
          : Number.POSITIVE_INFINITY,
    };
  }
  if (of === "build") {
    if (limitMs <= buildMs * spread) return { coderd_cpu: 0 };
    return { coderd_cpu: replicas * wholeOf(mostOfReplica(buildCores) * (limitMs / (buildMs * spread))) };
  }
  const service = Math.max(messagesPerSecond > 0 ? messageMs : 0, requestsPerSecond > 0 ? requestMs : 0);
  if (cores > 0 && (service * Math.ceil(cores)) / cores >= limitMs) return { coderd_cpu: 0 };
  const needed = (messagesPerSecond * messageMs + requestsPerSecond * requestMs) / 1_000 + buildCores;
  const databaseNeeds = (requestsPerSecond * requestDatabaseMs) / 1_000;
  const byDatabase =
    databaseCores > 0 && databaseNeeds > 0
      ? wholeOf(databaseCores / databaseNeeds)
      : Number.POSITIVE_INFINITY;
  // A query holds its connection for as long as it takes.
  const held = (requestsPerSecond * requestDatabaseMs * (options.databaseSlowdown ?? 1)) / 1_000;
  const byPool =
    databaseCores > 0 && held > 0
      ? wholeOf((options.databasePool * replicas) / held)
      : Number.POSITIVE_INFINITY;
  return {
    coderd_cpu: replicas * wholeOf(mostOfReplica(needed)),
    database: byDatabase,
    database_pool: byPool,
  };
}

/** 180.0000001 and 179.9999999 are 180. */
function wholeOf(value: number): number {
  return Number.isFinite(value) ? Math.floor(value + 1e-6) : value;
}

function whole(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}
