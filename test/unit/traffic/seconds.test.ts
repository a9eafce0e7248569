import { describe, expect, it } from "vitest";
import { Seconds, type UnderWay } from "../../../src/load/seconds.ts";
import { Collector, type Second } from "../../../src/measure/seconds.ts";
import { Spread } from "../../../src/measure/spread.ts";
import { Totals } from "../../../src/measure/totals.ts";
import type { Value } from "../../../src/measure/values.ts";
import { EchoGroup } from "../../../src/workloads/workspace-traffic/probe/echo-counts.ts";
import { EchoMatcher } from "../../../src/workloads/workspace-traffic/probe/echo-matcher.ts";
import { Payload } from "../../../src/workloads/workspace-traffic/probe/payload.ts";
import { inEnglish } from "../../../test/support/in-english.ts";

const BYTES = 100;
const INTERVAL = 100;

/** One connection of a thread, ticked and echoed by hand; times are milliseconds of the run. */
function thread(roundTripMs: number, { until = 60_000 } = {}) {
  const group = new EchoGroup("pty", BYTES);
  const { tallies } = group;
  const payload = new Payload(1, BYTES, true);
  const echo = { payload, salt: 0, length: BYTES, tail: Buffer.alloc(0) };
  const window = { from: 0, until };
  const matcher = new EchoMatcher(echo, tallies, window);
  const seconds = new Seconds("0", 10);
  const closed: Second[] = [];
  const collector = new Collector({ graceS: 0, onSecond: (second) => closed.push(second) });
  const lateness = new Spread();
  const back: { at: number; bytes: Buffer }[] = [];
  let underWay: UnderWay = new Map();

  const send = (due: number, lateMs: number) => {
    const { schedule } = tallies.of(due, window);
    schedule.due++;
    schedule.sent++;
    lateness.record(lateMs);
    const bytes = Buffer.alloc(BYTES);
    payload.write(bytes, 0, 0, matcher.next, BYTES);
    matcher.sent(due);
    back.push({ at: due + lateMs + roundTripMs, bytes });
  };

  /** One second of the run. `lateMs`: how late its ticks are sent. */
  const second = (at: number, lateMs = 0) => {
    for (let due = at * 1_000; due < (at + 1) * 1_000; due += INTERVAL) if (due < until) send(due, lateMs);
    for (const one of back.splice(0)) {
      if (one.at < (at + 1) * 1_000) matcher.take(one.bytes, 0, one.bytes.length, one.at);
      else back.push(one);
    }
    const place = { connections: 1, busy: 0, backlogBytes: 0, outstanding: matcher.outstanding };
    const batch = seconds.take({ second: at, part: 0, isOver: at * 1_000 >= until }, [group], {
      place,
      lateness,
      underWay,
    });
    if (batch.invalid !== undefined) tallies.spoiledUntil = (at + 1) * 1_000;
    underWay = new Map(
      batch.invalid === undefined ? [[group, matcher.outstandingSince(tallies.spoiledUntil)]] : [],
    );
    collector.take({ ...batch, step: "a", ms: at * 1_000 < until ? 1_000 : 0 });
  };
  return { second, end: () => collector.end(), closed };
}

function totals(closed: readonly Second[]) {
  const all = new Totals();
  for (const { second, steps } of closed) if (steps.a) all.take(second, steps.a);
  const { values, ms } = all.over("valid");
  const ticks = (outcome: string) =>
    (values.get(`ticks{outcome="${outcome}",transport="pty"}`) as (Value & { n?: number }) | undefined)?.n ??
    0;
  return { ticks, ms, validity: all.validity };
}

describe("seconds that do not count", () => {
  it.each([5, 150, 950, 2_400])(
    "leave every tick that counts in all that it went through, at a round trip of %d ms",
    (roundTripMs) => {
      const { second, end, closed } = thread(roundTripMs, { until: 20_000 });
      // Much beside the round trip: a little changes nothing there.
      const lateMs = Math.max(40, 0.3 * roundTripMs);
      for (let at = 0; at < 25; at++) second(at, [5, 6, 12].includes(at) ? lateMs : 0);
      end();
      const { ticks, validity } = totals(closed);
      expect(validity).toMatchObject({ measured: 20, valid: 17, first: { second: 5 } });
      expect(inEnglish(validity.first?.reason)).toMatch(/^messages were sent up to \d+ms late/);
      expect(ticks("sent")).toBe(ticks("due"));
      expect(ticks("echoed")).toBe(ticks("sent"));
      expect(ticks("due")).toBe(170 - ticks("left_out"));
    },
  );

  it("say nothing of what was carried: that is as much as came in the others", () => {
    const { second, end, closed } = thread(950, { until: 20_000 });
    for (let at = 0; at < 23; at++) second(at, at === 8 ? 300 : 0);
    end();
    const { ticks, ms } = totals(closed);
    expect(ms).toBe(19_000);
    // Ten a second, but for the first, in which the first echo is under way.
    expect(ticks("carried")).toBeGreaterThanOrEqual(180);
    expect(ticks("carried")).toBeLessThanOrEqual(190);
  });
});
