import type { Facts } from "../../src/engine/answer/facts.ts";
import type { Outcome, Sample } from "../../src/protocol/snapshot.ts";
import type { StepView } from "../../src/protocol/steps.ts";
import { foreign, say } from "../../src/text/message.ts";
import { answer, ended, loadOf, named, RAMP, threshold, times } from "../unit/engine/answer/story.ts";
import { fixtureRows, fixtureSamples, fixtureSnapshot } from "./fixtures.ts";
import { endedTraffic, trafficSample, trafficSamples, trafficSnapshot } from "./traffic-fixtures.ts";

/** A run as it stands, with the answer that the engine gives of it. */
export interface Staged {
  name: string;
  view: StepView;
  samples: Sample[];
  rows: ReturnType<typeof fixtureRows>;
  /** What the first screen has to say. */
  holds: RegExp;
  limit: RegExp;
  first: RegExp;
}

const AT = 60_000;
const ROWS = fixtureRows(40, AT);
const FAILURE = {
  workspace: "scaletest-k3x9q2ab-41",
  what: say("build failed: {0}", "quota exceeded: no GPU in zone"),
  atMs: 9_400,
};
const TRIP = {
  figure: { metric: "round_trip", figure: "p95" },
  bound: 200,
} as const;
const MET = [
  threshold("met", 0.8, TRIP),
  threshold("met", 0.004, {
    expression: "achieved.rate>=99%",
    label: say("Achieved of offered"),
    limit: foreign(">= 99 %"),
    observed: foreign("99.4 %"),
    figure: { metric: "achieved", figure: "rate" },
    bound: 0.99,
  }),
];
const READY = threshold("broken", -0.19, {
  expression: "ready.p95<12s",
  label: say("Time to ready p95"),
  limit: foreign("< 12s"),
  observed: foreign("14.3s"),
  since: 11,
  figure: { metric: "ready", figure: "p95" },
  bound: 12_000,
});
/** Of what was offered, the deployment carries a quarter of a thousand messages a second. */
const SATURATED = loadOf(RAMP);
const LATE = loadOf(times(60, (at) => (at >= 31 && at < 43 ? { achieved: 200, late: true } : {})));

function traffic(facts: Partial<Facts>, changes: Parameters<typeof trafficSnapshot>[2] = {}): StepView {
  const jobs = { total: 100, succeeded: 0, failed: 0 };
  const told = answer({ jobs, load: loadOf(times(60)), ...facts });
  return { ...trafficSnapshot(AT, {}, changes), answer: told, thresholds: [...(facts.thresholds ?? [])] };
}

function over(
  facts: Partial<Facts>,
  outcome: Outcome,
  changes: Parameters<typeof endedTraffic>[1] = {},
): StepView {
  const jobs = { total: 100, succeeded: outcome.succeeded, failed: outcome.failed };
  const told = answer({ jobs, load: loadOf(times(60)), ...facts, outcome, state: "finished" });
  return {
    ...endedTraffic(AT, { ...changes, outcome }),
    answer: told,
    thresholds: [...(facts.thresholds ?? [])],
  };
}

function saturatedSamples(): Sample[] {
  return Array.from({ length: AT / 1_000 }, (_, second) => {
    const grown = Math.min(1_000, (second + 1) * 100);
    const carried = Math.min(250, grown);
    const ms = 12 + Math.max(0, second - 2) * 180;
    return trafficSample((second + 1) * 1_000, {
      'ticks{outcome="due"}.rate': grown,
      'ticks{outcome="carried"}.rate': carried,
      "achieved.rate": carried / grown,
      ...Object.fromEntries(["p50", "p95", "p99", "max"].map((figure) => [`round_trip.${figure}`, ms])),
    });
  });
}

function lateSamples(): Sample[] {
  return trafficSamples(AT).map((sample) =>
    sample.second >= 31 && sample.second < 43
      ? { ...sample, invalid: say("this tool itself was {0} late", "44ms") }
      : sample,
  );
}

/** A minute of six runs, each of which goes in a way of its own. */
export const STAGED: readonly Staged[] = [
  {
    name: "failing creation",
    view: {
      ...fixtureSnapshot(200, 22_000),
      answer: answer({
        jobs: { total: 200, succeeded: 40, failed: 2 },
        firstFailure: FAILURE,
        load: loadOf(times(22)),
      }),
    },
    samples: fixtureSamples(200, 22_000),
    rows: fixtureRows(200, 22_000),
    holds: /Does not hold: 2 of 200 failed/,
    limit: /whether the load is the cause is unknown: connect the deployment's metrics/,
    first: /first to fail at 00:09: scaletest-k3x9q2ab-41, build failed: quota exceeded: no GPU in zone/,
  },
  {
    name: "saturated traffic",
    view: traffic({
      load: SATURATED,
      hasServer: true,
      bottlenecks: named("coderd_cpu", 9),
      firstFailure: { ...FAILURE, what: say("echoes missing"), atMs: 59_000 },
    }),
    samples: saturatedSamples(),
    rows: ROWS,
    holds: /Does not hold: 65 % of what was offered came back/,
    limit:
      /limited by: coderd has no CPU left, since 00:09 \(achieved stopped following offered at 25 connections/,
    first: /first to break: achieved, at 00:10/,
  },
  {
    name: "healthy traffic",
    view: traffic({ thresholds: MET }),
    samples: trafficSamples(AT),
    rows: ROWS,
    holds: /Holds so far: all 2 thresholds met, the closest is Achieved of offered 99\.4 %/,
    limit: /nothing limit(s|ed) it at this load/,
    first: /^(?!.*first to)/s,
  },
  {
    name: "generator too slow",
    view: over(
      { load: LATE, thresholds: MET, invalid: say("too few seconds count") },
      ended("invalid", {
        summary: say("only {0} of {1} measured seconds count", 28, 40),
        succeeded: 100,
      }),
      {
        validity: {
          measured: 40,
          valid: 28,
          tooFew: true,
          first: { second: 31, reason: say("this tool itself was {0} late", "44ms") },
        },
      },
    ),
    samples: lateSamples(),
    rows: ROWS,
    holds: /Cannot tell: this tool was the limit/,
    limit: /limited by this tool: it was late \(12 of 60 s: 00:31–00:43\)/,
    first: /^(?!.*first to)/s,
  },
  {
    name: "stopped",
    view: over({ thresholds: MET }, ended("interrupted", { summary: say("{0} stopped", 100), succeeded: 0 })),
    samples: trafficSamples(AT),
    rows: ROWS,
    holds: /Cannot tell: the run was stopped before its end/,
    limit: /nothing limit(s|ed) it at this load/,
    first: /^(?!.*first to)/s,
  },
  {
    name: "threshold broken",
    view: {
      ...fixtureSnapshot(200, 22_000, { causes: [] }),
      thresholds: [READY],
      answer: answer({
        jobs: { total: 200, succeeded: 90, failed: 0 },
        thresholds: [READY],
        load: loadOf(times(22)),
        bottlenecks: named("provisioners", 4),
        hasServer: true,
      }),
    },
    samples: fixtureSamples(200, 22_000),
    rows: fixtureRows(200, 22_000),
    holds: /Does not hold: Time to ready p95 is 14\.3s, required < 12s \(19 % off\)/,
    limit: /limited by: .*provisioner.*, since 00:04/,
    first: /first to break: Time to ready p95, at 00:11/,
  },
];
