import type { Sample, Snapshot } from "../../src/protocol/snapshot.ts";
import type { Connections, Percentiles, Ticks, Traffic, TrafficPart } from "../../src/protocol/traffic.ts";
import { fixtureSnapshot } from "./fixtures.ts";

/**
 * A run of traffic: `COUNT` connections of 40 KB/s, opened over ten seconds, measured from the twentieth on.
 * At half a minute, five connections are dropped and opened again. All figures follow from the time.
 */
const COUNT = 100;
const RAMP_S = 10;
const MEASURED_FROM_S = 20;
const DROP_AT_S = 30;
export const LIMIT_MS = 10;

function percentiles(count: number, p50: number): Percentiles {
  return { count, p50, p95: p50 * 3.2, p99: p50 * 5.9, max: p50 * 31 };
}

function connectionsAt(second: number): Connections {
  const begun = Math.min(COUNT, Math.floor((second / RAMP_S) * COUNT));
  const opening = begun < COUNT ? Math.min(4, begun) : 0;
  const reconnecting = second === DROP_AT_S ? 5 : 0;
  return { planned: COUNT, opening, active: begun - opening - reconnecting, reconnecting, down: 0 };
}

function ticksOf(due: number, missed: number): Ticks {
  return { due, sent: due - missed, missed, skipped: 0, echoed: due - missed - 2, wrong: 0, lost: 2 };
}

function ratesAt(second: number) {
  const { active } = connectionsAt(second);
  return { offeredBytesPerSecond: COUNT * 40_000, achievedBytesPerSecond: active * 40_000 };
}

function part(seconds: number): TrafficPart {
  return {
    offeredBytesPerSecond: seconds > 0 ? COUNT * 40_000 : 0,
    achievedBytesPerSecond: seconds > 0 ? COUNT * 39_880 : 0,
    roundTrip: percentiles(seconds * COUNT * 10, 12.4),
    ticks: ticksOf(seconds * COUNT * 10, 31),
    bytes: { lost: 8_000, wrong: 0, extra: 0 },
    connections: { opened: COUNT - 1, failed: 1, dropped: 5, reconnected: 5 },
  };
}

export function trafficAt(at: number, changes: Partial<Traffic> = {}): Traffic {
  const second = Math.floor(at / 1_000);
  const measured = Math.max(0, second - MEASURED_FROM_S);
  const total = part(measured);
  return {
    part: second < RAMP_S ? "opening" : second < MEASURED_FROM_S ? "warm_up" : "measuring",
    remainingMs: second < RAMP_S ? null : 140_000 - at,
    now: { ...ratesAt(second), roundTrip: percentiles(COUNT * 10, 11.8), outstanding: 14 },
    connections: connectionsAt(second),
    message: { bytes: 4_000, intervalMs: 100 },
    total,
    pty: total,
    drops: second < DROP_AT_S ? [] : [{ code: "1006", reason: "", count: 5, afterMs: 24_300 }],
    reconnect: percentiles(second < DROP_AT_S ? 0 : 5, 240),
    shards: [0, 1].map((shard) => ({
      shard,
      alive: true,
      connections: COUNT / 2,
      latenessP99Ms: 1.4 + shard,
      busy: 0.21,
      backlogBytes: 0,
    })),
    lateLimitMs: LIMIT_MS,
    invalid: null,
    ...changes,
  };
}

export function trafficSnapshot(
  at: number,
  traffic: Partial<Traffic> = {},
  changes: Partial<Snapshot> = {},
): Snapshot {
  const base = fixtureSnapshot(COUNT, 0);
  return {
    ...base,
    run: {
      ...base.run,
      title: "web terminal traffic, 10 messages/s × 4 KB a connection",
      workload: "workspace-traffic",
    },
    elapsedMs: at,
    remainingMs: null,
    stages: [
      { id: "check", label: "Check", state: "done", done: 0, total: 0 },
      { id: "jobs", label: "Traffic", state: "active", done: 0, total: COUNT },
      { id: "cleanup", label: "Revoke tokens", state: "pending", done: 0, total: COUNT },
    ],
    counts: { ...base.counts, waiting: 0, active: COUNT },
    phases: [
      { name: "token", label: "token", count: COUNT, p50: 42, p95: 81, p99: 96, max: 120 },
      { name: "open", label: "open", count: COUNT, p50: 15, p95: 66, p99: 88, max: 131 },
    ],
    causes: [],
    traffic: trafficAt(at, traffic),
    ...changes,
  };
}

export function trafficSample(t: number, latenessP99Ms = 1.4): Sample {
  const second = Math.floor(t / 1_000);
  const { counts } = trafficSnapshot(t);
  const slow = second === DROP_AT_S ? 14 : 1;
  return {
    t,
    host: "loadgen-1",
    shard: 0,
    counts,
    apiCalls: 400,
    rateLimitWaitMs: 0,
    latenessP99Ms: 0.9,
    cpu: 0.4,
    traffic: {
      ...ratesAt(second),
      roundTrip: percentiles(connectionsAt(second).active * 10, (11 + (second % 5) / 2) * slow),
      ticks: ticksOf(COUNT * 10, 0),
      connections: connectionsAt(second),
      outstanding: 12,
      latenessP99Ms,
    },
  };
}

export function trafficSamples(until: number): Sample[] {
  return Array.from({ length: Math.floor(until / 1_000) }, (_, second) =>
    trafficSample((second + 1) * 1_000),
  );
}

/** The same when the run has ended: its connections are closed, and no echo comes any more. */
export function endedTrafficSamples(until: number): Sample[] {
  const closed = [1, 2].flatMap((second) => {
    const sample = trafficSample(until + second * 1_000);
    if (!sample.traffic) return [];
    const traffic = {
      ...sample.traffic,
      offeredBytesPerSecond: 0,
      achievedBytesPerSecond: 0,
      roundTrip: percentiles(0, 0),
      connections: { planned: COUNT, opening: 0, active: 0, reconnecting: 0, down: 0 },
    };
    return [{ ...sample, traffic }];
  });
  return [...trafficSamples(until), ...closed];
}
