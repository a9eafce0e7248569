import { DurationHistogram } from "../../metrics/histogram.ts";
import type { Traffic } from "../../protocol/traffic.ts";
import { addSpread } from "./figures.ts";
import type { ShardSecond } from "./shard/messages.ts";
import type { Window } from "./shard/tally.ts";

/** What is known of a shard: its last second, and what it comes to when the run is over. */
export interface ShardState {
  last: ShardSecond | undefined;
  alive: boolean;
  /** The most that it held, and how it kept up in the measured part. */
  result: {
    connections: number;
    backlogBytes: number;
    lateness: DurationHistogram;
    busyMs: number;
    measuredMs: number;
  };
}

type ShardFigures = Omit<Traffic["shards"][number], "shard" | "alive">;

export function newShardState(): ShardState {
  const lateness = new DurationHistogram();
  const result = { connections: 0, backlogBytes: 0, lateness, busyMs: 0, measuredMs: 0 };
  return { last: undefined, alive: true, result };
}

export function takeSecond(state: ShardState, second: ShardSecond): void {
  const { result } = state;
  state.last = second;
  result.connections = Math.max(result.connections, second.connections.active);
  result.backlogBytes = Math.max(result.backlogBytes, second.backlogBytes);
}

/** A second that took `ms`, some of it in the measured part. */
export function measureSecond(
  { result }: ShardState,
  second: ShardSecond,
  ms: number,
  measured: Window,
): void {
  addSpread(result.lateness, second.latenessMs);
  const from = Math.max(measured.from, second.at - ms);
  const measuredMs = Math.max(0, Math.min(measured.until, second.at) - from);
  result.busyMs += second.busy * measuredMs;
  result.measuredMs += measuredMs;
}

/** While the run goes on. */
export function shardNow({ last, alive }: ShardState): ShardFigures {
  return {
    connections: alive ? (last?.connections.active ?? 0) : 0,
    latenessP99Ms: last?.latenessP99Ms ?? 0,
    busy: last?.busy ?? 0,
    backlogBytes: last?.backlogBytes ?? 0,
  };
}

/** When it is over. */
export function shardResult({ result, alive }: ShardState): ShardFigures {
  const { connections, backlogBytes, lateness, busyMs, measuredMs } = result;
  return {
    connections: alive ? connections : 0,
    latenessP99Ms: Math.round(lateness.percentiles().p99 * 1_000) / 1_000,
    busy: measuredMs > 0 ? busyMs / measuredMs : 0,
    backlogBytes,
  };
}
