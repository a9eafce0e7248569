import type { Snapshot, WorkspaceRow } from "../../../src/protocol/snapshot.ts";
import type { Final } from "../../../src/runs/final.ts";
import { fixtureSnapshot } from "../../webview/fixtures.ts";

type Traffic = NonNullable<Snapshot["traffic"]>;

const trip = (p50: number, count = 1_000) => ({
  count,
  p50,
  p95: p50 * 3,
  p99: p50 * 5,
  max: p50 * 9,
});

/** Traffic of 50 connections, measured for a while; `p50` is the round trip's, in milliseconds. */
export function fixtureTraffic(p50 = 4, changes: Partial<Traffic> = {}): Traffic {
  const ticks = { due: 10_000, sent: 9_990, missed: 10, skipped: 0, echoed: 9_980, wrong: 0, lost: 10 };
  return {
    part: "measuring",
    remainingMs: 90_000,
    now: {
      offeredBytesPerSecond: 2_000_000,
      achievedBytesPerSecond: 1_990_000,
      roundTrip: trip(p50, 500),
      outstanding: 3,
    },
    connections: { planned: 50, opening: 0, active: 48, reconnecting: 0, down: 2 },
    total: {
      offeredBytesPerSecond: 2_000_000,
      achievedBytesPerSecond: 1_980_000,
      roundTrip: trip(p50, 9_980),
      ticks,
      bytes: { lost: 4_000, wrong: 0, extra: 0 },
      connections: { opened: 50, failed: 0, dropped: 2, reconnected: 0 },
    },
    drops: [{ code: "1006", reason: "", count: 2, afterMs: 30_000 }],
    reconnect: trip(0, 0),
    shards: [],
    invalid: null,
    ...changes,
  };
}

export function trafficSnapshot(p50 = 4, changes: Partial<Snapshot> = {}): Snapshot {
  const base = fixtureSnapshot(50, 22_000);
  return {
    ...base,
    run: { ...base.run, workload: "workspace-traffic", title: "web terminal traffic to 50 workspaces" },
    counts: {
      ...base.counts,
      total: 50,
      waiting: 0,
      queued: 0,
      building: 0,
      starting: 0,
      active: 48,
      failed: 2,
    },
    phases: [],
    causes: [],
    remainingMs: null,
    traffic: fixtureTraffic(p50),
    ...changes,
  };
}

/** A run of traffic that has ended. */
export function trafficFinal(p50 = 4): Final {
  const row = (index: number): WorkspaceRow => ({
    index,
    name: `scaletest-k3x9q2ab-${index}`,
    owner: `scaletest-k3x9q2ab-${index}`,
    state: "succeeded",
    doing: "done",
    prebuilt: false,
    phases: { open: 20 },
    apiCalls: 2,
    bytesRead: 1_000,
    bytesWritten: 1_001,
  });
  const rows = Array.from({ length: 50 }, (_, index) => row(index));
  return { version: 1, snapshot: trafficSnapshot(p50), rows };
}
