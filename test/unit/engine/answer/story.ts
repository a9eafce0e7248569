import { describeRun } from "../../../../src/contract/describe.ts";
import { answerOf } from "../../../../src/engine/answer/answer.ts";
import type { Facts } from "../../../../src/engine/answer/facts.ts";
import { LoadWatch } from "../../../../src/engine/answer/load-watch.ts";
import { RULES } from "../../../../src/insight/causes/rules.ts";
import type { StepSecond } from "../../../../src/measure/seconds.ts";
import { counted, look } from "../../../../src/measure/values.ts";
import type { Answer } from "../../../../src/protocol/answer.ts";
import type { Bottlenecks } from "../../../../src/protocol/bottlenecks.ts";
import type { Outcome } from "../../../../src/protocol/snapshot.ts";
import type { ThresholdState } from "../../../../src/protocol/threshold.ts";
import { verdictLine } from "../../../../src/protocol/verdict-line.ts";
import { english, foreign, say } from "../../../../src/text/message.ts";
import { describeTraffic } from "../../../../src/workloads/workspace-traffic/describe.ts";

const TRAFFIC = describeRun(describeTraffic(4_000, 10));

/** One second of traffic; what is not given is as it is with a load that is carried. */
export interface Told {
  connections?: number;
  /** Messages a second. */
  offered?: number;
  achieved?: number;
  /** Messages a second that had no connection. */
  missing?: number;
  busy?: number;
  late?: boolean;
  paused?: boolean;
}

/** What a load comes to that goes like this, second by second. */
export function loadOf(seconds: readonly Told[]) {
  const watch = new LoadWatch();
  seconds.forEach((told, second) => {
    watch.take({ second, steps: { traffic: stepSecond(told) } }, new Map([["traffic", TRAFFIC]]));
  });
  return watch.standing;
}

function stepSecond({
  connections = 40,
  offered,
  achieved,
  missing = 0,
  busy = 0.03,
  late,
  paused,
}: Told): StepSecond {
  const due = offered ?? connections * 10;
  return {
    places: ["0"],
    ms: 1_000,
    values: {
      measured: {
        'ticks{outcome="due",transport="pty"}': counted(due),
        'ticks{outcome="carried",transport="pty"}': counted(achieved ?? due - missing),
        'ticks{outcome="down",transport="pty"}': counted(missing),
      },
      always: {
        'open_connections{state="active"}': look(connections),
        'place_busy{place="0"}': look(busy),
        'place_busy{place="1"}': look(busy / 3),
      },
    },
    ...(late ? { invalid: say("this tool itself was {0} late", "2s") } : {}),
    ...(paused ? { paused } : {}),
  };
}

export const times = (count: number, of: (at: number) => Told = () => ({})): Told[] =>
  Array.from({ length: count }, (_, at) => of(at));

/** 40 connections over 16 seconds; the deployment carries 250 messages a second. */
export const RAMP: readonly Told[] = times(40, (at) => {
  const connections = Math.min(40, (at + 1) * 2.5);
  return { connections, achieved: Math.min(250, connections * 10) };
});

export function threshold(
  state: ThresholdState["state"],
  margin?: number,
  more: Partial<ThresholdState> = {},
): ThresholdState {
  return {
    expression: "round_trip.p95<200ms",
    label: say("Round trip p95"),
    limit: foreign("< 200ms"),
    observed: margin === undefined ? null : foreign(`${Math.round(200 * (1 - margin))}ms`),
    state,
    ...(margin === undefined ? {} : { margin }),
    ...more,
  };
}

export function ended(verdict: Outcome["verdict"], more: Partial<Outcome> = {}): Outcome {
  return {
    verdict,
    summary: say("40 succeeded"),
    succeeded: 40,
    failed: 0,
    orphans: 0,
    kept: 0,
    exitCode: 0,
    ...more,
  };
}

/** What breaks first, by a rule; `since` in seconds. */
export function named(rule: string, since: number | null): Bottlenecks {
  const found = RULES.find(({ id }) => id === rule);
  if (!found) throw new Error(rule);
  const { title, remedy, source } = found;
  const felt = [{ figure: "round_trip.p95", value: 812, text: say("round trips take {0} (p95)", "812ms") }];
  return {
    named: [{ rule, title, remedy, source, since, strength: 0.9, because: felt, counter: [] }],
    cannot_tell: [],
    felt,
  };
}

export function answer(changes: Partial<Facts> = {}): Answer {
  return answerOf({
    state: "running",
    outcome: null,
    thresholds: [],
    jobs: { total: 40, succeeded: 0, failed: 0 },
    isTest: true,
    allowsFailures: false,
    firstFailure: undefined,
    load: loadOf(times(30)),
    invalid: undefined,
    bottlenecks: undefined,
    hasServer: false,
    limit: undefined,
    baseline: undefined,
    ...changes,
  });
}

export const line = (changes: Partial<Facts> = {}) => english(verdictLine(answer(changes)));
export const applied = ({ why }: Answer) => why.flatMap(({ applies }, at) => (applies ? [at + 1] : []));
