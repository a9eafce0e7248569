import { describe, expect, it } from "vitest";
import type { Outcome, Sample } from "../../../src/protocol/snapshot.ts";
import type { StepView } from "../../../src/protocol/steps.ts";
import { say } from "../../../src/text/message.ts";
import { cardsOf } from "../../../src/webview/cards/described.ts";
import { lateSeconds } from "../../../src/webview/cards/generator.ts";
import { readyAMinute } from "../../../src/webview/cards/own.ts";
import { Described } from "../../../src/webview/model/described.ts";
import { shortBytes } from "../../../src/webview/model/format.ts";
import type { OneStep } from "../../one-step.ts";
import { CREATION_DESCRIPTION, fixtureSample, fixtureSnapshot, noCounts } from "../../webview/fixtures.ts";
import {
  endedTraffic,
  LIMIT_MS,
  OVER,
  TRAFFIC,
  trafficSample,
  trafficSnapshot,
} from "../../webview/traffic-fixtures.ts";

const AT = 40_000;
const creation = new Described(CREATION_DESCRIPTION);
const outcome: Outcome = {
  verdict: "failed",
  summary: say(""),
  succeeded: 5,
  failed: 3,
  orphans: 0,
  kept: 0,
  exitCode: 1,
};

function card(id: string, snapshot: StepView, samples: readonly Sample[] = []) {
  return cardsOf(snapshot, new Described(snapshot.description), samples).find((one) => one.id === id);
}

describe("a card that a run describes", () => {
  it("has its value, what is beside it, and the lines that are not 0", () => {
    expect(card("achieved", trafficSnapshot(AT))).toMatchObject({
      label: "Achieved now, each way",
      value: "1,000/s",
      unit: "of 1,000/s",
      detail: "4.00 MB/s of 4.00 MB/s · 100 %",
    });
    expect(card("connections", trafficSnapshot(AT))).toMatchObject({
      value: "100",
      unit: "of 100",
      detail: "1 failed to open · 5 dropped · 5 reconnected",
      detailTone: "bad",
    });
    expect(card("echoes", trafficSnapshot(AT))).toMatchObject({
      value: "2",
      tone: "bad",
      detail: "31 missed",
      detailTone: "warning",
    });
  });

  it("is that of the measured part once the jobs are through", () => {
    expect(card("achieved", endedTraffic(60_000))).toMatchObject({
      label: "Achieved, each way",
      value: "997/s",
      detail: "3.99 MB/s of 4.00 MB/s · 99.7 %",
    });
    expect(card("connections", endedTraffic(60_000))).toMatchObject({
      label: "Connections opened",
      value: "99",
    });
    // A run that was ended in the middle of them is through, too.
    expect(card("connections", trafficSnapshot(AT, {}, { outcome }))).toMatchObject({
      label: "Connections opened",
    });
  });

  it("says what it says of nothing where no line is to be shown", () => {
    const none = { "connections.failed": 0, "connections.dropped": 0, "connections.reconnected": 0 };
    expect(card("connections", trafficSnapshot(AT, none))).toMatchObject({
      detail: "none dropped",
      detailTone: "neutral",
    });
    expect(card("round_trip", trafficSnapshot(5_000))).toMatchObject({ value: "–", detail: "no echo yet" });
  });

  it("does not make more of a figure than is known of it", () => {
    const snapshot = trafficSnapshot(AT);
    const p95 = { value: 60_000, unit: "duration" as const, atLeast: { unfinished: 7, of: 120 } };
    const figures = { ...snapshot.figures, "round_trip.p95": p95 };
    expect(card("round_trip", { ...snapshot, figures })).toMatchObject({
      value: "> 1m0s",
      hint: "7 of 120 have not ended",
    });
  });
});

describe("the part of a run", () => {
  it("has the time that is left where it is known, and whether anything is measured yet", () => {
    const part = (snapshot: StepView) => {
      const { value = "", detail = "" } = card("part", snapshot) ?? {};
      return `${value}: ${detail}`;
    };
    expect(part(trafficSnapshot(5_000))).toBe("Opening: not measured yet");
    expect(part(trafficSnapshot(15_000))).toBe("Warming up: 02:05 left · not measured yet");
    expect(part(trafficSnapshot(AT))).toBe("Measuring: 01:40 left");
    const draining = { id: "draining", label: say("draining"), remainingMs: 0, over: false };
    expect(part(trafficSnapshot(AT, {}, { part: draining }))).toBe("Draining: waiting for the last answers");
    expect(part(trafficSnapshot(AT, {}, { part: OVER }))).toBe("Finished: final figures");
  });
});

describe("the generator", () => {
  const told = say("generator late");
  const late = (seconds: readonly number[], allowed = 10) =>
    seconds.map((ms, at) => ({
      ...trafficSample(AT + at * 1_000, { "lateness.p99": ms }),
      ...(ms > allowed ? { invalid: told } : {}),
    }));
  const now = (seconds: readonly number[]) => card("generator", trafficSnapshot(AT), late(seconds));

  it("is late from the limit on that the run has for it, and for how long", () => {
    expect(now([9, 9])).toMatchObject({
      value: "OK",
      tone: "good",
      unit: "0.40 cores",
      detail: "late p99 9ms, limit 10ms",
    });
    expect(now([9, 11, 11, 11, 11])).toMatchObject({ value: "late", unit: "for 4 s", tone: "warning" });
    expect(LIMIT_MS).toBe(10);
    // Where everything takes long, more is allowed.
    expect(card("generator", trafficSnapshot(AT), late([9, 25, 25], 40))).toMatchObject({
      value: "OK",
      tone: "good",
    });
  });

  it("says how many seconds count once some are left out", () => {
    const first = { second: 20, reason: say("generator late by 44ms") };
    const validity = { measured: 70, valid: 65, tooFew: false, first };
    const of = (changes: Partial<typeof validity>) =>
      card("generator", trafficSnapshot(AT, {}, { validity: { ...validity, ...changes } }), late([9]));
    expect(of({})).toMatchObject({
      value: "65",
      unit: "of 70 s valid",
      tone: "warning",
      detail: "5 s left out",
    });
    expect(of({ valid: 12, tooFew: true })).toMatchObject({ value: "12", tone: "bad", detailTone: "bad" });
  });

  it("has a limit of its own where the run has none", () => {
    const tone = (ms: number) =>
      card("generator", fixtureSnapshot(10, 9_000), [fixtureSample(10, 9_000, { "loop_lateness.p99": ms })]);
    expect(tone(3)).toMatchObject({ value: "OK", tone: "good" });
    expect(tone(80)).toMatchObject({ value: "late", tone: "warning", detail: "late p99 80ms, limit 50ms" });
    const { generator } = fixtureSnapshot(1, 1);
    const unseen = fixtureSnapshot(10, 9_000, { generator: { ...generator, latenessP99Ms: 80 } });
    expect(card("generator", unseen)).toMatchObject({ value: "late" });
  });

  it("tells at the end how late it was in all of the run", () => {
    const samples = [350, 3].map((ms, second) =>
      fixtureSample(8, (second + 1) * 1_000, { "loop_lateness.p99": ms, "generator_cpu.mean": 0.5 }),
    );
    expect(
      card("generator", fixtureSnapshot(8, 2_000, { state: "finished", outcome }), samples),
    ).toMatchObject({
      value: "was late",
      tone: "warning",
      unit: "0.50 cores",
      detail: "late p99 max 350ms, limit 50ms",
    });
  });

  it("late seconds are counted back from now", () => {
    const place = new Described(TRAFFIC).placeOf({ metric: "lateness", figure: "p99" });
    const lateness = { figure: { metric: "lateness", figure: "p99" }, limitMs: 10, isJudged: true };
    expect(lateSeconds(late([12, 3, 12, 12]), place, lateness)).toBe(2);
    expect(lateSeconds([], place, lateness)).toBe(0);
  });
});

describe("what is in progress", () => {
  const progress = (changes: Partial<OneStep>) => card("progress", fixtureSnapshot(8, 60_000, changes));
  const counts = noCounts(8);

  it("is told by state, whichever that is", () => {
    expect(progress({ counts: { ...counts, starting: 3, succeeded: 5 } })).toMatchObject({
      value: "3",
      detail: "3 starting",
    });
    expect(progress({ counts: { ...counts, active: 1, creating: 2, succeeded: 5 } })).toMatchObject({
      value: "3",
      detail: "2 creating · 1 in use",
    });
    expect(progress({ counts: { ...counts, succeeded: 8 } })).toMatchObject({ value: "0", detail: "none" });
    expect(progress({ counts: { ...counts, waiting: 8 } })).toMatchObject({
      value: "0",
      detail: "8 waiting",
    });
  });

  it("says what it waits for and when that is given up, where nothing ends", () => {
    const waitsFor = { doing: say("waiting for the agent"), count: 3, limitMs: 536_000 };
    expect(progress({ counts: { ...counts, starting: 3, succeeded: 5 }, waitsFor })).toMatchObject({
      detail: "3 waiting for the agent · time limit in 08:56",
    });
  });
});

describe("the pace of now", () => {
  const ready = (perSecond: readonly number[]) =>
    perSecond.map((count, second) => ({ ...fixtureSample(8, 0, { "ready.ended": count }), second }));

  it("is of the last half minute, and of a younger run of all its time", () => {
    expect(readyAMinute(creation, [])).toBe(0);
    expect(readyAMinute(creation, ready([0, 0, 4, 4]))).toBe(120);
    expect(readyAMinute(creation, ready(Array.from({ length: 90 }, (_, at) => (at < 60 ? 5 : 1))))).toBe(60);
  });
});

it("short bytes have their size behind them", () => {
  expect([0, 500_000, 2_500_000].map(shortBytes)).toEqual(["0", "500k", "2.5M"]);
});
