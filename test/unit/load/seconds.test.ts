import { describe, expect, it } from "vitest";
import { Seconds } from "../../../src/load/seconds.ts";
import { Spread } from "../../../src/measure/spread.ts";
import { english } from "../../../src/text/message.ts";
import { EchoGroup } from "../../../src/workloads/workspace-traffic/probe/echo-counts.ts";

const ALLOWED_MS = 10;

/** Why a second does not count in which messages were `lateMs` late, and so much came back of each kind. */
function invalid(lateMs: number, ...came: { ms: number; count: number; measured?: boolean }[]) {
  const groups = came.map(({ ms, count, measured = true }, at) => {
    const group = new EchoGroup(at === 0 ? "pty" : "ssh", 64);
    const { tallies } = group;
    for (let i = 0; i < count; i++) (measured ? tallies.measured : tallies.other).roundTrip.record(ms);
    return group;
  });
  const lateness = new Spread();
  lateness.record(lateMs);
  const at = { second: 3, part: 1, isOver: false };
  const batch = new Seconds("0", ALLOWED_MS).take(at, groups, {
    ...{ place: undefined, lateness, underWay: new Map() },
  });
  return batch.invalid && english(batch.invalid);
}

describe("a second in which messages were sent late", () => {
  it("does not count, and says what was allowed, rounded apart", () => {
    expect(invalid(9.9, { ms: 20, count: 50 })).toBeUndefined();
    expect(invalid(10.2, { ms: 20, count: 50 })).toBe(
      "messages were sent up to 11ms late (99th percentile), and 10ms is allowed",
    );
  });

  it("counts where what came back took so long that it changes nothing", () => {
    expect(invalid(20, { ms: 300, count: 50 })).toBeUndefined();
    expect(invalid(20, { ms: 300, count: 50, measured: false })).toBeUndefined();
    expect(invalid(40, { ms: 335, count: 50 })).toMatch(/up to 40ms late .* and 33ms is allowed/);
  });

  it("is judged by the faster kind of connection, and by no handful of messages", () => {
    expect(invalid(20, { ms: 900, count: 50 }, { ms: 50, count: 50 })).toMatch(/and 10ms is allowed/);
    expect(invalid(20, { ms: 900, count: 4 })).toMatch(/and 10ms is allowed/);
    expect(invalid(20)).toMatch(/and 10ms is allowed/);
  });

  it("cannot excuse itself: what was late is part of the round trip", () => {
    for (const late of [11, 100, 3_000]) expect(invalid(late, { ms: late + 5, count: 50 })).toBeDefined();
  });
});
