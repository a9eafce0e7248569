import { describe, expect, it } from "vitest";
import { Durations } from "../../../src/measure/durations.ts";
import type { Metric } from "../../../src/measure/metric.ts";
import type { Second, StepSecond } from "../../../src/measure/seconds.ts";
import { isMet, parseThreshold, ThresholdError } from "../../../src/measure/threshold.ts";
import { ThresholdWatch } from "../../../src/measure/threshold-watch.ts";
import { say } from "../../../src/text/message.ts";

const METRICS: Metric[] = [
  { name: "round_trip", kind: "duration", unit: "ms", labels: ["transport"], better: "lower", text: "rt" },
  { name: "failures", kind: "share", unit: "none", labels: [], better: "lower", text: "f" },
  {
    name: "connections",
    kind: "counter",
    unit: "none",
    labels: ["end"],
    better: "none",
    text: "c",
    aliases: { dropped: { figure: "count", labels: { end: "dropped" }, text: "dropped" } },
  },
  { name: "sent", kind: "counter", unit: "bytes", labels: [], better: "higher", text: "s" },
];
const parse = (text: string) => parseThreshold(text, METRICS);

function problem(text: string): ThresholdError {
  try {
    parse(text);
  } catch (error) {
    if (error instanceof ThresholdError) return error;
  }
  throw new Error(`${text} is no mistake`);
}

describe("a threshold's text", () => {
  it("has a metric, labels, a figure, a limit with its unit, and conditions", () => {
    expect(
      parse('round_trip{step=terminals, transport="ssh"}.p99.9 < 200ms over 30s after 1m abort'),
    ).toMatchObject({
      expression: "round_trip{step=terminals,transport=ssh}.p99.9<200ms over 30s after 1m abort",
      figure: "p99.9",
      labels: { transport: "ssh" },
      step: "terminals",
      comparison: "<",
      limit: 200,
      overMs: 30_000,
      afterMs: 60_000,
      abort: true,
    });
  });

  it.each([
    ["round_trip.p95<200ms", 200],
    ["round_trip.p95 < 200 ms", 200],
    ["failures.rate<1%", 0.01],
    ["failures.rate < 0.5 %", 0.005],
    ["failures.count<=7", 7],
    ["connections.dropped<1", 1],
    ["sent.rate >= 40KB/s", 40_000],
    ["round_trip.max<1h30m", 5_400_000],
  ])("%s is what people have written", (text, limit) => {
    expect(parse(text).limit).toBe(limit);
  });

  it("has one form for all spellings of the same", () => {
    expect(parse("failures.rate < 1 %").expression).toBe(parse("failures.rate<1%").expression);
  });

  it.each([
    ["", 0, /write it like/],
    ["p95<200ms", 0, /a metric of this run: round_trip, failures/],
    ["roundtrip.p95<200ms", 0, /not "roundtrip"/],
    ["round_trip<200ms", 10, /write it like .*not "<"/],
    [
      "round_trip.p95{transport=ssh}<1s",
      14,
      /the labels before the figure, like round_trip\{label=value\}\.p95/,
    ],
    ["round_trip.p95=200ms", 14, /a comparison: <, <=, > or >=, not "="/],
    ["round_trip.rate<1%", 11, /a figure of round_trip: p50, p95, .*not "rate"/],
    ["round_trip.p95<200", 15, /a duration such as 200ms or 3m, not "200"/],
    ["round_trip.p95<200KB", 15, /a duration/],
    ["round_trip.p95<NaN", 15, /a duration/],
    ["failures.rate<1", 14, /a share such as 1%/],
    ["connections.dropped<1%", 20, /a whole number/],
    ["round_trip{transprt=ssh}.p95<1s", 11, /a label of round_trip: step, transport, not "transprt"/],
    ["round_trip{transport: ssh}.p95<1s", 20, /transport=VALUE, not ":"/],
    ["round_trip{transport=ssh.p95<1s", 24, /a comma or }/],
    ["round_trip.p95<1s over", 22, /a time of 1s or more, such as 30s, not the end/],
    ["round_trip.p95<1s over 0s", 23, /1s or more/],
    ["round_trip.p95<1s abort abort", 24, /or nothing more/],
    ["round_trip.p95<1s please", 18, /over TIME, after TIME, abort, or nothing more, not "please"/],
  ])("%s: the mistake is named, with its place", (text, offset, sentence) => {
    const { message, offset: at } = problem(text);
    expect(message).toMatch(sentence);
    expect(at).toBe(offset);
  });
});

describe("a limit", () => {
  it.each([
    ["<", 5, false],
    ["<=", 5, true],
    [">", 5, false],
    [">=", 5, true],
    ["<", 4.99, true],
    [">", 5.01, true],
    ["<", 0, true],
  ] as const)("%s 5 of %d is met: %s", (comparison, value, met) => {
    expect(isMet({ comparison, limit: 5 }, { value })).toBe(met);
  });

  it("above is never kept by what is only known to be at least so much", () => {
    expect(isMet({ comparison: "<", limit: 5 }, { value: 1, atLeast: true })).toBe(false);
    expect(isMet({ comparison: "<=", limit: 5 }, { value: 1, atLeast: true })).toBe(false);
    expect(isMet({ comparison: ">", limit: 5 }, { value: 6, atLeast: true })).toBe(true);
  });
});

/** A second of step `a` with one round trip, a failure share, and drops. */
function second(at: number, rt: number | undefined, changes: Partial<StepSecond> = {}, step = "a"): Second {
  const durations = new Durations();
  if (rt !== undefined) durations.record(rt);
  const measured = {
    'round_trip{transport="ssh"}': durations.value(),
    failures: { kind: "share", n: rt === undefined ? 1 : 0, of: 1 },
  } as const;
  return { second: at, steps: { [step]: { values: { measured }, places: ["x"], ms: 1_000, ...changes } } };
}

function held(text: string, seconds: readonly Second[], over = true) {
  const watch = new ThresholdWatch(parse(text));
  for (const one of seconds) watch.take(one);
  return watch.result(over);
}

describe("a threshold over closed seconds", () => {
  const calm = Array.from({ length: 60 }, (_, at) => second(at, 10));
  const collapse = calm.map((one, at) => (at >= 50 ? second(at, 900) : one));

  it("is met, or broken, by the whole measured part", () => {
    expect(held("round_trip.p95<50ms", calm)).toMatchObject({ state: "met", differsWithInvalid: false });
    expect(held("round_trip.p95<50ms", collapse)).toMatchObject({ state: "broken" });
    expect(held("round_trip.p50<50ms", collapse)).toMatchObject({ state: "met" });
  });

  it("is broken by the window in which it collapsed, which is named, where the whole run hides it", () => {
    const { state, windows } = held("round_trip.p50<50ms over 10s", collapse);
    expect(state).toBe("broken");
    expect(windows).toMatchObject({
      all: 51,
      first: { from: 46, until: 56 },
      worst: { from: 46, until: 56 },
    });
    const spike = calm.map((one, at) => (at === 30 ? second(at, 900) : one));
    expect(held("round_trip.p50<50ms over 10s", spike)).toMatchObject({ state: "met" });
  });

  it("leaves out what comes before its `after`, and data of that time do not count later", () => {
    const slowStart = calm.map((one, at) => (at < 10 ? second(at, 900) : one));
    expect(held("round_trip.max<50ms", slowStart)).toMatchObject({ state: "broken" });
    expect(held("round_trip.max<50ms after 10s", slowStart)).toMatchObject({ state: "met" });
  });

  it("that nothing was measured for is pending, and at the end not measured, which is no pass", () => {
    expect(held("round_trip.p95<1s", [], false)).toMatchObject({ state: "pending" });
    expect(held("round_trip.p95<1s", [])).toMatchObject({ state: "not_measured", observed: undefined });
    expect(held("round_trip.p95<1s over 5m", calm)).toMatchObject({ state: "not_measured" });
    expect(held("round_trip{transport=app}.p95<1s", calm)).toMatchObject({ state: "not_measured" });
  });

  it("is of its own step, and of its own labels", () => {
    const both = calm.map((one, at) => ({
      second: at,
      steps: { ...one.steps, ...second(at, 900, {}, "b").steps },
    }));
    expect(held("round_trip{step=a}.p95<50ms", both)).toMatchObject({ state: "met" });
    expect(held("round_trip{step=b}.p95<50ms", both)).toMatchObject({ state: "broken" });
    expect(held("round_trip.p95<50ms", both)).toMatchObject({ state: "broken" });
  });

  it("takes no notice of pauses and of seconds that do not count, but says where these would change it", () => {
    const late = calm.map((one, at) => (at < 5 ? second(at, 900, { invalid: say("late") }) : one));
    expect(held("round_trip.max<50ms", late)).toMatchObject({ state: "met", differsWithInvalid: true });
    const paused = calm.map((one, at) =>
      at < 5 ? second(at, 900, { paused: true, ms: 0, values: {} }) : one,
    );
    expect(held("round_trip.max<50ms", paused)).toMatchObject({ state: "met", differsWithInvalid: false });
  });

  it("is broken where the percentile falls among what did not end", () => {
    const open = new Durations();
    open.record(10);
    open.recordUnfinished(60_000);
    const lost = second(0, 10);
    const values = { measured: { round_trip: open.value() } };
    const result = held("round_trip.p95<90s", [
      { ...lost, steps: { a: { values, places: ["x"], ms: 1_000 } } },
    ]);
    expect(result).toMatchObject({ state: "broken", observed: { atLeast: { unfinished: 1, of: 2 } } });
  });

  it("of a share and of a count read their own figures", () => {
    const failing = calm.map((one, at) => (at === 0 ? second(at, undefined) : one));
    expect(held("failures.rate<1%", failing)).toMatchObject({ state: "broken" });
    expect(held("failures.count<2", failing)).toMatchObject({ state: "met", observed: { value: 1 } });
    expect(held("connections.dropped<1", failing)).toMatchObject({ state: "met", observed: { value: 0 } });
  });
});
