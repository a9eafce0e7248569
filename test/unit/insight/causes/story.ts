import { describeRun } from "../../../../src/contract/describe.ts";
import type { Part, RunView } from "../../../../src/insight/causes/rule.ts";
import { CauseWatch } from "../../../../src/insight/causes/watch.ts";
import { Durations } from "../../../../src/measure/durations.ts";
import type { Second, Window } from "../../../../src/measure/seconds.ts";
import { counted, look, type Value } from "../../../../src/measure/values.ts";
import type { Bottlenecks } from "../../../../src/protocol/bottlenecks.ts";
import type { DrillLine } from "../../../../src/protocol/drill.ts";
import { english, type Message, say } from "../../../../src/text/message.ts";
import { CREATION } from "../../../../src/workloads/create-workspaces/describe.ts";
import { describeTraffic } from "../../../../src/workloads/workspace-traffic/describe.ts";

/** What is measured in a second, by series key; `at`: seconds since the part began. undefined: nothing. */
export type Measured = Record<string, (at: number) => Value | undefined>;

/** A run told by generated seconds. */
export interface Story {
  before?: Measured;
  load: Measured;
  after?: Measured;
  loadS?: number;
  broken?: string[];
  failures?: RunView["failures"];
  programs?: RunView["programs"];
  /** Of which seconds of the load this tool was at its limits. */
  invalid?: (at: number) => boolean;
}

export const BASELINE_S = 6;
const AFTER_S = 6;
const LATE: Message = say("this tool itself was {0} late", "2s");

/** So much in every second, or in every other: as a page is looked at. */
export const always =
  (value: number, every = 1) =>
  (at: number): Value | undefined =>
    at % every === 0 ? look(value) : undefined;
export const from =
  (second: number, then: number, before = 0) =>
  (at: number): Value =>
    look(at >= second ? then : before);
export const count = (n: number) => () => counted(n);
export const share = (n: number, of: number) => (): Value => ({ kind: "share", n, of });
export const took =
  (ms: number, times = 10, never = 0) =>
  (): Value => {
    const durations = new Durations();
    for (let i = 0; i < times; i++) durations.record(ms);
    for (let i = 0; i < never; i++) durations.recordNever(ms);
    return durations.value();
  };

function second(at: number, measured: Measured, inPart: number, window: Window, invalid: boolean): Second {
  const values = Object.fromEntries(
    Object.entries(measured).flatMap(([key, of]) => {
      const value = of(inPart);
      return value ? [[key, value]] : [];
    }),
  );
  return {
    second: at,
    steps: {
      step: {
        ...{ values: { [window]: values }, places: ["runner"], ms: window === "measured" ? 1_000 : 0 },
        ...(invalid ? { invalid: LATE } : {}),
      },
    },
  };
}

/** What a run that goes like this names. */
export function told(story: Story): Bottlenecks {
  const {
    before = {},
    load,
    after = {},
    loadS = 20,
    broken = [],
    failures = [],
    programs = [],
    invalid = () => false,
  } = story;
  const watch = new CauseWatch();
  for (const own of [CREATION, describeTraffic(64, 10)]) watch.describe(describeRun(own).metrics);
  let at = 0;
  const take = (part: Part, seconds: number, measured: Measured, window: Window) => {
    for (let inPart = 0; inPart < seconds; inPart++, at++)
      watch.take(second(at, measured, inPart, window, part === "load" && invalid(inPart)), { part });
  };
  take("baseline", BASELINE_S, before, "before");
  take("load", loadS, load, "measured");
  take("recovery", AFTER_S, after, "after");
  return watch.bottlenecks({ broken: new Set(broken), failures, programs });
}

export function names(story: Story): string[] {
  return told(story).named.map(({ rule }) => rule);
}

/** What a drill of that kind says, line by line: the text and the number of what was promised and seen. */
export function drillOf(story: Story, kind: string, nth = 0) {
  const drill = told(story).drills?.filter((one) => one.drill === kind)[nth];
  if (!drill) return undefined;
  const side = ({ text, value }: DrillLine["seen"]): [string, number | null] => [english(text), value];
  const lines = drill.lines.map(
    ({ what, promised, seen }) => [english(what), { promised: side(promised), seen: side(seen) }] as const,
  );
  return {
    at: drill.at,
    lines: Object.fromEntries(lines) as Partial<Record<string, (typeof lines)[number][1]>>,
  };
}
