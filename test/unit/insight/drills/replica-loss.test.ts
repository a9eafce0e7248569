import { describe, expect, it } from "vitest";
import { look } from "../../../../src/measure/values.ts";
import {
  always,
  BASELINE_S,
  count,
  drillOf,
  from,
  type Measured,
  names,
  type Story,
} from "../causes/story.ts";

const at = (second: number, n: number) => (now: number) => (now === second ? count(n)() : undefined);
const REPLICAS: Measured = { server_replicas: always(3), 'server_up{source="a"}': always(1, 2) };
/** Forty connections of twenty users: each has two. One of three replicas goes in the tenth second. */
const LOST: Measured = {
  'server_up{source="a"}': always(1, 2),
  server_replicas: from(10, 2, 3),
  'connections{event="opened",transport="pty"}': at(0, 40),
  'connections{event="dropped",transport="pty"}': at(9, 13),
  'users{event="hit"}': at(9, 11),
  'user_connections{connections="2"}': from(9, 9, 20),
  'user_connections{connections="1"}': from(9, 9, 0),
};
const lost = (more: Measured = {}, story: Partial<Story> = {}): Story => ({
  before: REPLICAS,
  load: { ...LOST, ...more },
  ...story,
});
const replicaOf = (story: Story) => drillOf(story, "replica_loss");
const back = (event: (second: number) => number | undefined): Measured => ({
  'connections{event="reconnected",transport="pty"}': (now) => {
    const n = event(now);
    return n === undefined ? undefined : count(n)();
  },
});

describe("a replica that was lost", () => {
  it("is promised to take its part of the connections along, and of users more, by how many each has", () => {
    const drill = replicaOf(lost());
    expect(drill?.at).toBe(BASELINE_S + 9);
    expect(drill?.lines["connections lost"]).toEqual({
      promised: ["33 %, the part of 1 of 3 replicas", 0.3333],
      seen: ["33 %, which is 13 of 40", 0.325],
    });
    // 1 − (2/3)²
    expect(drill?.lines["users who lost a connection"]).toEqual({
      promised: ["56 %, with 2 connections each on average", 0.5556],
      seen: ["55 %, which is 11 of 20", 0.55],
    });
  });

  it("is promised the mean over users, where they have more and fewer connections", () => {
    const mixed = replicaOf(
      lost({
        'user_connections{connections="1"}': always(10),
        'user_connections{connections="2"}': always(0),
        'user_connections{connections="6"}': always(5),
      }),
    );
    const [, promised] = mixed?.lines["users who lost a connection"]?.promised ?? [];
    expect(promised).toBeCloseTo((10 * (1 / 3) + 5 * (1 - (2 / 3) ** 6)) / 15, 4);
  });

  it("is promised more where two of four go", () => {
    const two = replicaOf(
      lost({ server_replicas: from(10, 2, 4) }, { before: { ...REPLICAS, server_replicas: always(4) } }),
    );
    expect(two?.lines["connections lost"]?.promised).toEqual(["50 %, the part of 2 of 4 replicas", 0.5]);
    expect(two?.lines["users who lost a connection"]?.promised[1]).toBe(0.75);
  });

  it("says how soon connections were back, and how many never were", () => {
    const seen = (event: Parameters<typeof back>[0]) =>
      replicaOf(lost(back(event)))?.lines["opened again"]?.seen;
    expect(seen((now) => ({ 10: 12, 14: 1 })[now])).toEqual(["all within 6 s, 90 % within 2 s", 1]);
    expect(seen((now) => ({ 10: 12 })[now])).toEqual(["90 % within 2 s; 1 never were", 0.9231]);
    expect(seen((now) => ({ 11: 4 })[now])).toEqual(["4 of 13", 0.3077]);
    expect(seen(() => undefined)).toEqual(["none of them", 0]);
  });

  it("says how many terminals found their session again, and of which that cannot be known", () => {
    const seen = (more: Measured) =>
      replicaOf(lost({ ...back((now) => ({ 10: 13 })[now]), ...more }))?.lines[
        "terminals that found their session again"
      ]?.seen;
    expect(seen({ 'sessions{outcome="same"}': at(11, 12), 'sessions{outcome="new"}': at(11, 1) })).toEqual([
      "12 of 13; 1 found a new one",
      12,
    ]);
    expect(seen({ 'sessions{outcome="same"}': at(11, 12) })?.[0]).toMatch(
      /^12 of 13; 0 found a new one, and of 1 it cannot be known/,
    );
    expect(replicaOf(lost())?.lines["terminals that found their session again"]).toBeUndefined();
  });

  it("counts the builds that its daemons did not finish, those that the server gave up later, too", () => {
    const failures = [
      { id: "build_failed", text: "build failed: daemon", count: 2, seconds: [BASELINE_S + 10, 400] },
      {
        ...{ id: "build_failed", count: 1, seconds: [BASELINE_S + 320] },
        text: "build failed: Coder: Build has been detected as hung for … minutes and will be terminated",
      },
    ];
    const busy = { 'server_daemons{state="busy"}': always(6) };
    expect(replicaOf(lost(busy, { failures }))?.lines["builds lost"]).toEqual({
      promised: ["at most 2: a daemon builds one at a time", 2],
      seen: ["2 builds; of these, 1 hung until the server gave them up", 2],
    });
    expect(replicaOf(lost())?.lines["builds lost"]).toBeUndefined();
  });

  it("begins with the program that did it, and is there where nobody lost anything", () => {
    const programs = [{ name: "drill", from: BASELINE_S + 8, until: BASELINE_S + 9 }];
    expect(replicaOf(lost({}, { programs }))?.at).toBe(BASELINE_S + 8);
    const opened = { 'connections{event="opened",transport="pty"}': at(0, 40) };
    const load = { ...REPLICAS, ...opened, server_replicas: from(10, 2, 3) };
    const quiet = replicaOf({ before: REPLICAS, load });
    expect(quiet?.at).toBe(BASELINE_S + 10);
    expect(quiet?.lines["connections lost"]?.seen).toEqual(["0 %, which is 0 of 40", 0]);
  });

  it("is found by figures that are read seldom, and by pods alone", () => {
    const seldom = (of: string, before: number, after: number): Story => {
      const figure = (now: number) => (now % 20 === 0 ? look(now >= 20 ? after : before) : undefined);
      const { server_replicas: _replicas, 'server_up{source="a"}': _page, ...users } = LOST;
      return { before: { [of]: always(before) }, load: { ...users, [of]: figure }, loadS: 40 };
    };
    for (const of of ["server_replicas", 'server_pods{role="coderd",state="ready"}']) {
      const drill = replicaOf(seldom(of, 3, 2));
      expect(drill?.at).toBe(BASELINE_S + 9);
      expect(drill?.lines["connections lost"]?.seen).toEqual(["33 %, which is 13 of 40", 0.325]);
      expect(names(seldom(of, 3, 2))).toContain("replica");
    }
  });

  it("is found each time, with what was there by then", () => {
    const rolling: Measured = {
      server_replicas: (now) => look(now >= 30 ? 1 : now >= 10 ? 2 : 3),
      'connections{event="opened",transport="pty"}': at(0, 40),
      'connections{event="dropped",transport="pty"}': (now) => count({ 10: 13, 30: 20 }[now] ?? 0)(),
      ...back((now) => ({ 12: 13, 33: 20 })[now]),
    };
    const story = { before: REPLICAS, load: rolling, loadS: 40 };
    const [one, other] = [drillOf(story, "replica_loss", 0), drillOf(story, "replica_loss", 1)];
    expect([one?.at, other?.at]).toEqual([BASELINE_S + 10, BASELINE_S + 30]);
    expect(one?.lines["connections lost"]?.promised[0]).toBe("33 %, the part of 1 of 3 replicas");
    expect(one?.lines["opened again"]?.seen).toEqual(["all within 3 s, 90 % within 3 s", 1]);
    expect(other?.lines["connections lost"]).toEqual({
      promised: ["50 %, the part of 1 of 2 replicas", 0.5],
      seen: ["50 %, which is 20 of 40", 0.5],
    });
  });

  it("is told a bounded number of times, where a page comes and goes", () => {
    const load = {
      'server_up{source="a"}': (now: number) => look(now % 12 === 6 ? 0 : 1),
      'connections{event="dropped",transport="pty"}': (now: number) => count(now % 12 === 6 ? 1 : 0)(),
      'connections{event="opened",transport="pty"}': at(0, 400),
    };
    const story = { before: REPLICAS, load, loadS: 600 };
    expect(drillOf(story, "replica_loss", 19)?.at).toBe(BASELINE_S + 19 * 12 + 6);
    expect(drillOf(story, "replica_loss", 20)).toBeUndefined();
  });

  it("is none where a page alone does not answer, and users lose nothing", () => {
    const story = { before: REPLICAS, load: { ...REPLICAS, 'server_up{source="a"}': from(8, 0, 1) } };
    expect(replicaOf(story)).toBeUndefined();
  });
});
