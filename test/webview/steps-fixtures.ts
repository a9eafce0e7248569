import type { Sample, Snapshot, Step } from "../../src/protocol/snapshot.ts";
import { say, sayAll } from "../../src/text/message.ts";
import { wholeOf } from "../one-step.ts";
import { fixtureSamples, fixtureSnapshot } from "./fixtures.ts";
import { endedTraffic, trafficSamples, trafficSnapshot } from "./traffic-fixtures.ts";

/** A run of three steps in its second minute: creation is over, terminals and SSH are at work, a drill is to come. */
const CREATED_S = 60;
const AT = 100_000;

export const STEPS_SAMPLES: Sample[] = [
  ...fixtureSamples(100, CREATED_S * 1_000).map((sample) => ({ ...sample, step: "create" })),
  ...["terminals", "ssh"].flatMap((step) =>
    trafficSamples(40_000).map((sample) => ({ ...sample, step, second: sample.second + CREATED_S })),
  ),
];

function stepOf(snapshot: Snapshot, changes: Partial<Step>): Step {
  const [step] = snapshot.steps;
  if (!step) throw new Error("a fixture has a step");
  return { ...step, ...changes };
}

export function stepsSnapshot(changes: Partial<Snapshot> = {}): Snapshot {
  const create = wholeOf(fixtureSnapshot(100, 60_000));
  const traffic = wholeOf(trafficSnapshot(40_000));
  const stage = (id: string, step: string, state: "done" | "active" | "pending", label: string) => ({
    ...{ id, step, state, done: state === "done" ? 100 : 0, total: 100 },
    label: say(label),
  });
  return {
    ...traffic,
    run: { ...traffic.run, title: "Tuesday, nine o'clock", workload: "scenario" },
    elapsedMs: AT,
    stages: [
      { id: "check", label: say("Check"), state: "done", done: 0, total: 0 },
      stage("jobs", "create", "done", "Create and use"),
      stage("jobs", "terminals", "active", "Traffic"),
      stage("jobs", "ssh", "active", "Traffic"),
      { ...stage("jobs", "drill", "pending", "Run"), total: 0 },
      stage("cleanup", "create", "pending", "Clean up"),
    ],
    steps: [
      stepOf(create, {
        ...{ name: "create", state: "done", begunAt: 900, holdAt: 2_100, endedAt: 59_400 },
        ...{ verdict: "failed", summary: sayAll([say("{0} succeeded", 97), say("{0} failed", 3)], ", ") },
      }),
      stepOf(traffic, { name: "terminals", state: "active", begunAt: 59_500, holdAt: 80_000 }),
      stepOf(wholeOf(endedTraffic(40_000)), {
        ...{ name: "ssh", state: "done", begunAt: 59_500, holdAt: 72_000, endedAt: 95_000 },
        ...{ verdict: "passed", summary: sayAll([say("{0} succeeded", 100), say("{0} failed", 0)], ", ") },
      }),
      stepOf(traffic, { name: "drill", workload: "run", state: "pending", counts: EMPTY }),
    ],
    ...changes,
  };
}

const EMPTY = { total: 0, waiting: 0, succeeded: 0, failed: 0, canceled: 0 };
