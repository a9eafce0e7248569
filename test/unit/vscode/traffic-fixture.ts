import type { EndedRecord } from "../../../src/app/runs/ended.ts";
import type { Sample, WorkspaceRow } from "../../../src/protocol/snapshot.ts";
import type { StepView } from "../../../src/protocol/steps.ts";
import { say } from "../../../src/text/message.ts";
import { endedRecord, type OneStep, oneStepRun } from "../../one-step.ts";
import { figuresOf, type Numbers, valuesOf } from "../../webview/described.ts";
import { fixtureSnapshot } from "../../webview/fixtures.ts";
import { OVER, TRAFFIC } from "../../webview/traffic-fixtures.ts";

export { OVER };

const STEP = "workspace-traffic";

const rate = (outcome: string) => `ticks{outcome="${outcome}"}.rate`;
const open = (state: string) => `open_connections{state="${state}"}.last`;

/** Round trips, in milliseconds. */
const trips = (p50: number) => ({
  "round_trip.p50": p50,
  "round_trip.p95": p50 * 3,
  "round_trip.p99": p50 * 5,
});

/** Traffic of 50 connections, measured for a while. */
function numbers(p50: number): Numbers {
  return {
    ...trips(p50),
    [rate("due")]: 500,
    [rate("carried")]: 495,
    "offered_bytes.rate": 2_000_000,
    "achieved_bytes.rate": 1_980_000,
    "achieved.rate": 0.99,
    "ticks.missed": 0,
    "ticks.lost": 0,
    "ticks.wrong": 0,
    "connections.opened": 50,
    "connections.failed": 0,
    "connections.dropped": 2,
    [open("planned")]: 50,
    [`${open("active")}@second`]: 48,
    "round_trip.p95@second": p50 * 3,
  };
}

export function trafficSnapshot(p50 = 4, changes: Partial<OneStep> = {}, more: Numbers = {}): StepView {
  const base = fixtureSnapshot(50, 22_000);
  return oneStepRun({
    ...base,
    run: { ...base.run, workload: STEP, title: "web terminal traffic to 50 workspaces" },
    counts: { total: 50, waiting: 0, active: 50, succeeded: 0, failed: 0, canceled: 0 },
    phases: [],
    causes: [],
    remainingMs: null,
    description: TRAFFIC,
    figures: figuresOf(TRAFFIC, { ...numbers(p50), ...more }),
    part: { id: "measuring", label: say("measuring"), remainingMs: 90_000, over: false },
    ...changes,
  });
}

/** A run of traffic that has ended. */
export function trafficFinal(p50 = 4): EndedRecord {
  const row = (index: number): WorkspaceRow => ({
    step: STEP,
    index,
    name: `scaletest-k3x9q2ab-${index}`,
    owner: `scaletest-k3x9q2ab-${index}`,
    state: "succeeded",
    doing: say("done"),
    prebuilt: false,
    phases: { open: 20 },
    apiCalls: 2,
    values: { bytes_read: 1_000, bytes_written: 1_001 },
  });
  const rows = Array.from({ length: 50 }, (_, index) => row(index));
  return endedRecord({ version: 2, snapshot: trafficSnapshot(p50), rows, samples: [] });
}

/** Seconds of such a run, whose round trips wander a little. */
export function trafficSeconds(p50: number, count = 60): Sample[] {
  return Array.from({ length: count }, (_, second) => ({
    step: STEP,
    second,
    values: valuesOf(TRAFFIC, {
      ...trips(p50 * (1 + ((second * 7_919) % 11) / 50)),
      "achieved.rate": 0.99,
      "offered_bytes.rate": 2_000_000,
      "achieved_bytes.rate": 1_980_000,
    }),
  }));
}
