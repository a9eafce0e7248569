import { describe, expect, it } from "vitest";
import {
  always,
  BASELINE_S,
  count,
  drillOf,
  from,
  type Measured,
  type Story,
  took,
} from "../causes/story.ts";

const PAGE: Measured = {
  'server_up{source="a"}': always(1, 2),
  'server_query{query="GetUser"}': (at) => (at % 2 === 0 ? took(3, 40)() : undefined),
};
const QUICK = { 'api_latency{method="GET"}': took(30, 10) };
/** Nothing is answered from the 15th to the 21st second; what waited comes then. */
const paused = (at: number) => at >= 15 && at < 21;
const API: Measured = {
  'api_latency{method="GET"}': (at) =>
    paused(at) ? undefined : at === 21 ? took(6_000, 8)() : took(30, 10)(),
};
const QUERIES: Measured = {
  'server_query{query="GetUser"}': (at) => {
    if (at % 2 !== 0 || (paused(at) && at > 15)) return undefined;
    return at === 22 ? took(6_000, 12)() : took(3, 40)();
  },
};
const TERMINALS: Measured = {
  'connections{event="opened",transport="pty"}': (at) => (at === 0 ? count(40)() : undefined),
  'round_trip{transport="pty"}': took(20),
};
const story = (load: Measured, more: Partial<Story> = {}): Story => ({
  before: { ...PAGE, ...QUICK },
  load: { ...PAGE, ...QUICK, ...TERMINALS, ...load },
  loadS: 40,
  ...more,
});
const pauseOf = (of: Story) => drillOf(of, "database_pause");
const PROGRAM = [{ name: "drill", from: BASELINE_S + 15, until: BASELINE_S + 21 }];

describe("a database that stood still", () => {
  it("is promised to take no terminal along, and to let calls wait for as long", () => {
    const drill = pauseOf(story({ ...API, ...QUERIES }));
    expect(drill?.at).toBe(BASELINE_S + 15);
    expect(drill?.lines["connections lost"]).toEqual({
      promised: ["none: their data does not go through the database", 0],
      seen: ["0 of 40; round trips took 20ms (p95), 20ms before", 0],
    });
    expect(drill?.lines["slowest API call"]).toEqual({
      promised: ["waits for the pause: 6s", expect.closeTo(6_000, -2)],
      seen: ["6s, 30ms on average before", expect.closeTo(6_000, -2)],
    });
    expect(drill?.lines["API calls lost"]?.seen).toEqual(["0 without an answer", 0]);
    expect(drill?.lines["API as before"]?.seen).toEqual(["7 s after it began", 7]);
    expect(drill?.lines.builds).toBeUndefined();
  });

  it("counts what was lost all the same", () => {
    const dropped = {
      'connections{event="dropped",transport="pty"}': (at: number) => (at === 17 ? count(1)() : undefined),
      'api_latency{method="GET"}': (at: number) =>
        paused(at) ? undefined : at === 21 ? took(6_000, 8, 3)() : took(30, 10)(),
    };
    const failures = [{ id: "api_timeout", text: "GET /x: timeout", count: 2, seconds: [25, 26] }];
    const drill = pauseOf(story({ ...API, ...QUERIES, ...dropped }, { failures }));
    expect(drill?.lines["connections lost"]?.seen[1]).toBe(1);
    expect(drill?.lines["API calls lost"]?.seen).toEqual([
      "3 without an answer; 2 workspaces failed by a call",
      3,
    ]);
  });

  it("says how much later builds were, and whether one failed", () => {
    const builds = {
      queue: (at: number) => (paused(at) ? undefined : took(at === 22 ? 6_200 : 200, 1)()),
      provision: took(4_000, 1),
    };
    expect(pauseOf(story({ ...API, ...QUERIES, ...builds }))?.lines.builds).toEqual({
      promised: ["up to 6s later, and none fails", expect.closeTo(6_000, -2)],
      seen: ["6s later than usual, at most; 0 failed", expect.closeTo(6_000, -2)],
    });
  });

  it("is known without coderd's page where a program of the run did it", () => {
    const load = { ...QUICK, ...TERMINALS, ...API };
    const blind = (more: Partial<Story> = {}) => ({ before: QUICK, load, loadS: 40, ...more });
    expect(pauseOf(blind())).toBeUndefined();
    expect(pauseOf(blind({ programs: PROGRAM }))?.at).toBe(BASELINE_S + 15);
    expect(
      pauseOf(blind({ load: { ...load, 'server_health{section="database"}': from(18, 2, 0) } }))?.at,
    ).toBe(BASELINE_S + 15);
    // A server that has gone takes connections along.
    const burst = {
      'connections{event="dropped",transport="pty"}': (at: number) => (at === 16 ? count(20)() : undefined),
    };
    expect(pauseOf(blind({ programs: PROGRAM, load: { ...load, ...burst } }))).toBeUndefined();
  });

  it("is no single slow query, no database that is slow throughout, and no restart", () => {
    const one = {
      'server_query{query="GetUser"}': (at: number) =>
        at % 2 === 0 ? took(at === 22 ? 3_000 : 3, 40)() : undefined,
    };
    expect(pauseOf(story(one))).toBeUndefined();
    const slow = {
      'server_query{query="GetUser"}': (at: number) => (at % 2 === 0 ? took(2_000, 40)() : undefined),
    };
    expect(pauseOf(story(slow))).toBeUndefined();
    const restart = { 'server_restarts{source="a"}': from(20, 1) };
    expect(pauseOf(story({ ...API, ...QUERIES, ...restart }))).toBeUndefined();
  });
});
