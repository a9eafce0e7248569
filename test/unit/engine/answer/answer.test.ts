import { describe, expect, it } from "vitest";
import { foreign, english as inWords, type Message, say } from "../../../../src/text/message.ts";
import { answer, applied, ended, line, loadOf, named, RAMP, threshold, times } from "./story.ts";

const line0 = (part: Message | undefined) => (part ? inWords(part) : "");
const PARTED = loadOf(RAMP);
const LATE = loadOf(times(30, (at) => (at >= 12 && at < 16 ? { achieved: 100, late: true } : {})));
const BOTH = loadOf(RAMP.map((told, at) => (at >= 14 && at < 24 ? { ...told, late: true } : told)));
const OBJECTIVES = [
  threshold("met", 0.12),
  threshold("met", 0.6, { expression: "failures.rate<1%", label: say("Failure rate") }),
];

describe("what limits it", () => {
  it("is the deployment or the way to it where achieved parts from offered and this tool is on time", () => {
    const told = answer({ load: PARTED });
    expect(told).toMatchObject({ holds: "no", limited_by: "deployment_or_way", since: 10 });
    expect(line({ load: PARTED })).toBe(
      "Does not hold: 65 % of what was offered came back; limited by the deployment or the way to it, not by this tool, " +
        "since 00:10: achieved stopped following offered at 25 connections (250 messages a second); the generator was " +
        "3 % busy; which of the two is unknown: connect the deployment's metrics (--server-metrics)",
    );
    expect(applied(told)).toEqual([1, 4]);
  });

  it("is connections that are not open where messages have none to go by", () => {
    const load = loadOf(times(30, (at) => (at < 6 ? {} : { missing: 150 })));
    const failed = {
      workspace: "scaletest-1-0",
      what: say("web terminal: refused with status 502"),
      atMs: 30_000,
    };
    const told = answer({ load, firstFailure: failed });
    expect(told).toMatchObject({ limited_by: "deployment_or_way", since: 6 });
    expect(line({ load, firstFailure: failed })).toContain(
      "limited by the deployment or the way to it, not by this tool, since 00:06: 30 % of the messages had no open " +
        "connection to go by; first to break: connections, at 00:06",
    );
    expect(applied(told)).toEqual([1, 4]);
    expect(line0(told.why[0]?.text)).toContain("30 % of the messages had no open connection");
  });

  it("is not this tool for one late second beside connections that are gone for a while", () => {
    // As behind a restart: all is lost, comes back, and the second in which it does is a late one.
    const load = loadOf(
      times(57, (at) =>
        at >= 30 && at < 40 ? { missing: 400 } : at === 40 ? { achieved: 300, late: true } : {},
      ),
    );
    expect(load).toMatchObject({ lateSeconds: 1, lagging: { late: 1, onTime: 0 }, parting: undefined });
    expect(answer({ load })).toMatchObject({ limited_by: "deployment_or_way", since: 30 });
    const told = answer({ load, bottlenecks: named("replica", 30), hasServer: true });
    expect(told).toMatchObject({ limited_by: "deployment", since: 30 });
  });

  it("is the deployment only where a figure of its own agrees", () => {
    const told = answer({ load: PARTED, bottlenecks: named("coderd_cpu", 9), hasServer: true });
    expect(told).toMatchObject({ limited_by: "deployment", since: 9 });
    expect(line({ load: PARTED, bottlenecks: named("coderd_cpu", 9), hasServer: true })).toContain(
      "limited by: coderd has no CPU left, since 00:09 (achieved stopped following offered at 25 connections",
    );
    expect(line({ load: PARTED, hasServer: true })).toContain(
      "which of the two is unknown: none of the deployment's own figures explains it",
    );
  });

  it("is this tool, and which seconds, where it is late", () => {
    const told = answer({ load: LATE });
    expect(told).toMatchObject({ limited_by: "tool", since: 12, late: [{ from: 12, until: 16 }] });
    expect(line({ load: LATE })).toContain("limited by this tool: it was late (4 of 30 s: 00:12–00:16)");
    expect(applied(told)).toEqual([2]);
  });

  it("is this tool, whatever the deployment's rules say of it", () => {
    expect(answer({ load: LATE, bottlenecks: named("generator", 12) }).limited_by).toBe("tool");
    expect(answer({ load: loadOf(times(30)), bottlenecks: named("generator", 12) }).limited_by).not.toBe(
      "deployment",
    );
  });

  it("is undecided where both are so", () => {
    const told = answer({ load: BOTH });
    expect(told).toMatchObject({ limited_by: "undecided", since: 10 });
    expect(english(told)).toMatch(
      /^undecided whether this tool or the deployment limits it: .* late, too \(10 of 40 s/,
    );
    expect(applied(told)).toEqual([3]);
  });

  it("is not undecided for a few late seconds beside many in which this tool was on time", () => {
    const few = loadOf(RAMP.map((told, at) => (at % 8 === 5 ? { ...told, late: true } : told)));
    expect(few.lateSeconds).toBe(5);
    expect(answer({ load: few }).limited_by).toBe("deployment_or_way");
    expect(answer({ load: few, invalid: say("too few") }).limited_by).toBe("undecided");
  });

  it("is a cause by the deployment's own figures where nothing is offered, or all of it is achieved", () => {
    const told = answer({ bottlenecks: named("provisioners", 4), hasServer: true });
    expect(told).toMatchObject({ limited_by: "deployment", since: 4 });
    expect(english(told)).toMatch(/^limited by: .*provisioner.*, since 00:04$/);
    expect(applied(told)).toEqual([4]);
  });

  it("is unknown where users feel it and no figure says why, and then says what to connect", () => {
    const bottlenecks = { ...named("coderd_cpu", 9), named: [] };
    expect(english(answer({ bottlenecks }))).toBe(
      "round trips take 812ms (p95), and why is unknown: connect the deployment's metrics (--server-metrics)",
    );
    expect(english(answer({ bottlenecks, hasServer: true }))).toBe(
      "round trips take 812ms (p95), and why is unknown: none of the deployment's own figures explains it",
    );
  });

  it("is unknown where a threshold is broken that nothing explains", () => {
    const told = answer({ thresholds: [threshold("broken", -0.5)] });
    expect(told).toMatchObject({ limited_by: "unknown", since: null });
    expect(english(told)).toMatch(/^what limits it is unknown: connect/);
  });

  it("does not take a failure for a limit: that may have nothing to do with the load", () => {
    const told = answer({ jobs: { total: 8, succeeded: 7, failed: 1 } });
    expect(told.limited_by).toBe("unknown");
    expect(english(told)).toMatch(/^whether the load is the cause is unknown: connect/);
  });

  it("is nothing where all is well, also where one second of many does not count", () => {
    const once = loadOf(times(60, (at) => ({ late: at === 30 })));
    expect(answer()).toMatchObject({ limited_by: "nothing", since: null });
    expect(answer({ load: once })).toMatchObject({ limited_by: "nothing", late: [{ from: 30, until: 31 }] });
  });

  function english(told: ReturnType<typeof answer>): string {
    return line0(told.parts[1]);
  }
});

describe("whether it holds", () => {
  it.each<[string, Parameters<typeof answer>[0], string, RegExp]>([
    [
      "all thresholds are met",
      { thresholds: OBJECTIVES, outcome: ended("passed") },
      "yes",
      /^Holds: all 2 thresholds met, the closest is Round trip p95 176ms, required < 200ms \(12 % to spare\)$/,
    ],
    [
      "one threshold is met",
      { thresholds: [threshold("met", 0.12)], outcome: ended("passed") },
      "yes",
      /^Holds: Round trip p95 176ms/,
    ],
    ["they are met so far", { thresholds: OBJECTIVES }, "yes", /^Holds so far: all 2 thresholds met/],
    [
      "one has no figure yet",
      { thresholds: [...OBJECTIVES, threshold("pending")] },
      "yes",
      /^Holds so far: 2 of 3 thresholds met, Round trip/,
    ],
    [
      "none has a figure yet",
      { thresholds: [threshold("pending"), threshold("pending")] },
      "unknown",
      /^Cannot tell yet: 2 thresholds, and no figure of any$/,
    ],
    [
      "one is broken",
      { thresholds: [...OBJECTIVES, threshold("broken", -0.56)] },
      "no",
      /^Does not hold: Round trip p95 is 312ms, required < 200ms \(56 % off\)$/,
    ],
    [
      "several are broken, the worst first",
      { thresholds: [threshold("broken", -0.1), threshold("broken", -0.5)] },
      "no",
      /300ms.*, and 1 more threshold broken$/,
    ],
    [
      "one was not measured",
      { thresholds: [threshold("broken")], outcome: ended("failed") },
      "no",
      /^Does not hold: Round trip p95 was not measured, required < 200ms$/,
    ],
    [
      "workspaces failed",
      { jobs: { total: 8, succeeded: 5, failed: 3 } },
      "no",
      /^Does not hold: 3 of 8 failed$/,
    ],
    [
      "no more failed than are allowed",
      {
        jobs: { total: 800, succeeded: 799, failed: 1 },
        allowsFailures: true,
        thresholds: OBJECTIVES,
        outcome: ended("passed"),
      },
      "yes",
      /^Holds: all 2/,
    ],
    [
      "there is no threshold",
      { jobs: { total: 8, succeeded: 8, failed: 0 }, outcome: ended("passed") },
      "yes",
      /^Holds: all 8 succeeded, and no threshold is set$/,
    ],
    [
      "it is no test",
      { jobs: { total: 8, succeeded: 8, failed: 0 }, outcome: ended("passed"), isTest: false },
      "yes",
      /^All 8 succeeded$/,
    ],
    [
      "nothing was measured yet",
      { load: loadOf([]) },
      "unknown",
      /^Cannot tell yet: nothing has been measured$/,
    ],
    [
      "it was refused",
      { outcome: ended("refused", { refusal: foreign("no such template") }) },
      "unknown",
      /^Cannot tell: no such template$/,
    ],
    [
      "it was stopped",
      { thresholds: OBJECTIVES, outcome: ended("interrupted") },
      "unknown",
      /^Cannot tell: the run was stopped before its end$/,
    ],
    [
      "it was stopped when something was broken",
      { thresholds: [threshold("broken", -0.5)], outcome: ended("interrupted") },
      "no",
      /^Does not hold, and was stopped: Round trip p95 is 300ms/,
    ],
    [
      "what was not measured by the stop",
      { thresholds: [threshold("broken")], outcome: ended("interrupted") },
      "unknown",
      /^Cannot tell: the run was stopped/,
    ],
    [
      "this tool was the limit",
      { invalid: say("too few"), thresholds: OBJECTIVES, outcome: ended("invalid") },
      "unknown",
      /^Cannot tell: this tool was the limit/,
    ],
    [
      "it is broken by a mistake of this tool",
      {
        jobs: { total: 8, succeeded: 5, failed: 0 },
        outcome: ended("failed", { summary: say("internal error") }),
      },
      "unknown",
      /^Cannot tell: internal error$/,
    ],
  ])("is told where %s", (_name, facts, holds, said) => {
    const told = answer(facts);
    expect(line0(told.parts[0])).toMatch(said);
    expect(told.holds).toBe(holds);
  });

  it("is held to the thresholds, whether or not achieved follows offered", () => {
    expect(answer({ load: PARTED, thresholds: OBJECTIVES, outcome: ended("passed") })).toMatchObject({
      holds: "yes",
      limited_by: "deployment_or_way",
      margin: { expression: "round_trip.p95<200ms", share: 0.12 },
    });
  });

  it("has what failed first, of jobs before thresholds", () => {
    const firstFailure = { workspace: "w-3", what: foreign("build failed: quota exceeded"), atMs: 9_400 };
    const broken = threshold("broken", -0.5, { since: 46 });
    expect(line({ firstFailure })).toMatch(/; first to fail at 00:09: w-3, build failed: quota exceeded$/);
    // Echoes that are missing at the end were missing from where achieved parted from offered.
    expect(line({ load: PARTED, firstFailure: { ...firstFailure, atMs: 48_000 } })).toMatch(
      /^Does not hold: 65 % of what .*; first to break: achieved, at 00:10$/,
    );
    expect(line({ thresholds: [broken] })).toMatch(/; first to break: Round trip p95, at 00:46$/);
  });

  it("says nothing of a limit before anything has begun", () => {
    const { parts, why } = answer({ load: loadOf([]), outcome: ended("refused", { refusal: foreign("x") }) });
    expect([parts.length, why]).toEqual([1, []]);
  });
});
