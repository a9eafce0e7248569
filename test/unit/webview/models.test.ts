import { describe, expect, it } from "vitest";
import { foreign, sayCount } from "../../../src/text/message.ts";
import { together } from "../../../src/webview/events.ts";
import { Described } from "../../../src/webview/model/described.ts";
import { idleAfterFailure, lifeOf, openPart, waterfall } from "../../../src/webview/model/life.ts";
import { PhaseColours, phaseBars } from "../../../src/webview/model/phases.ts";
import { geometryOf, revealed, rowAt, rowsInSight } from "../../../src/webview/model/waterfall.ts";
import { TimeAxis, timeTicks, withinRun, zoomedBy } from "../../../src/webview/time/time-axis.ts";
import { FIRST_QUERY, sortedBy } from "../../../src/webview/workspaces/query.ts";
import { Rows } from "../../../src/webview/workspaces/rows.ts";
import { movedTo } from "../../../src/webview/workspaces/table.ts";
import { CREATION_DESCRIPTION, fixtureRow } from "../../webview/fixtures.ts";

const described = new Described(CREATION_DESCRIPTION);
const until = (elapsedMs: number) => ({ elapsedMs, described });

describe("phases", () => {
  it("add up to the mean of a workspace's time: of percentiles no sum says anything", () => {
    const phase = (name: string, count: number, mean: number) => ({
      ...{ name, label: name, count, mean },
      ...{ p50: 0, p95: 9_999, p99: 9_999, max: 9_999 },
    });
    const [bar, ...more] = phaseBars([
      phase("queue", 3, 500),
      phase("prebuilt_queue", 1, 100),
      phase("provision", 4, 1_000),
      phase("ssh", 2, 200),
    ]);
    expect(more).toEqual([]);
    expect(bar?.total).toBe(500 * 0.75 + 100 * 0.25 + 1_000 + 200);
    expect(bar?.parts.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1);
    const { mean: _older, ...older } = phase("queue", 4, 500);
    expect(phaseBars([older])).toEqual([]);
  });

  it("have a colour each by their place, and a claimed prebuilt workspace has the same ones", () => {
    const colours = new PhaseColours([{ name: "a" }, { name: "prebuilt_a" }, { name: "b" }]);
    expect(["a", "prebuilt_a", "b"].map((name) => colours.variable(name))).toEqual([
      "--phase-0",
      "--phase-0",
      "--phase-1",
    ]);
    const { phases, phaseColours } = { ...CREATION_DESCRIPTION, ...described };
    expect(new Set(phases.map(({ name }) => phaseColours.variable(name))).size).toBe(10);
  });

  it("make a waterfall that begins with the workspace and, while it is under way, ends now", () => {
    const row = fixtureRow(60, 9_000, 200);
    const life = waterfall(row, until(9_000));
    expect(life[0]).toMatchObject({ name: "api", start: (row.startedAt ?? 0) / 9_000 });
    const last = life.at(-1);
    expect(last?.name).toBe("");
    expect((last?.start ?? 0) + (last?.width ?? 0)).toBeCloseTo(1);
    expect(waterfall(fixtureRow(199, 100, 200), until(100))).toEqual([]);
  });
});

describe("a life with the times of its phases", () => {
  const row = {
    ...fixtureRow(0, 60_000, 1),
    startedAt: 1_000,
    phases: { api: 200, queue: 500, delete: 800 },
    begins: { api: 1_100, queue: 1_300, delete: 50_000 },
  };

  it("has gaps where nothing was done, and the deletion where it was", () => {
    expect(lifeOf(row, ["api", "queue", "delete"])).toEqual([
      { name: "api", from: 1_100, ms: 200 },
      { name: "queue", from: 1_300, ms: 500 },
      { name: "delete", from: 50_000, ms: 800 },
    ]);
  });

  it("is one phase after another where an older run does not say", () => {
    const { begins: _none, ...older } = row;
    expect(lifeOf(older, ["api", "queue", "delete"]).map(({ from }) => from)).toEqual([1_000, 1_200, 1_700]);
  });

  it("is open up to now until the workspace is over", () => {
    const life = lifeOf(row, ["api", "queue", "delete"]).slice(0, 2);
    expect(openPart({ ...row, state: "building" }, life, until(9_000))).toEqual({
      name: "",
      from: 1_800,
      ms: 7_200,
    });
    expect(openPart({ ...row, state: "failed" }, life, until(9_000))).toBeUndefined();
    const { startedAt: _none, ...waiting } = row;
    expect(openPart({ ...waiting, state: "waiting" }, [], until(9_000))).toBeUndefined();
  });
});

describe("a failed workspace", () => {
  const row = { ...fixtureRow(0, 60_000, 1), state: "failed", startedAt: 1_000 };
  const idle = (phases: Record<string, number>, begins: Record<string, number>) => {
    const failed = { ...row, phases, begins };
    return idleAfterFailure(failed, lifeOf(failed, described.phaseOrder), until(9_000));
  };

  it("is there for nothing until it is cleaned up, which is the last of the phases", () => {
    expect(idle({ api: 200, delete: 800 }, { api: 1_000, delete: 5_000 })).toEqual({
      from: 1_200,
      until: 5_000,
    });
    expect(idle({ command: 200, delete: 800 }, { command: 1_000, delete: 5_000 })).toEqual({
      from: 1_200,
      until: 5_000,
    });
  });

  it("is so up to now while it is not, or where the run knows no such phase", () => {
    expect(idle({ api: 200, queue: 300 }, { api: 1_000, queue: 1_200 })).toEqual({
      from: 1_500,
      until: 9_000,
    });
    expect(idle({}, {})).toEqual({ from: 1_000, until: 9_000 });
    const only = new Described({ ...CREATION_DESCRIPTION, phases: [{ name: "request", label: "request" }] });
    const failed = { ...row, phases: { request: 200 }, begins: { request: 1_000 } };
    const time = { elapsedMs: 9_000, described: only };
    expect(idleAfterFailure(failed, lifeOf(failed, ["request"]), time)).toEqual({
      from: 1_200,
      until: 9_000,
    });
  });
});

describe("the waterfall's geometry", () => {
  it("makes lines as high as lets all be seen, and scrolls from there on", () => {
    expect(geometryOf(10)).toMatchObject({ rowHeight: 14, height: 140 });
    expect(geometryOf(40).rowHeight).toBe(6);
    expect(geometryOf(5_000)).toMatchObject({ rowHeight: 4, height: 288 });
    expect(rowsInSight(geometryOf(5_000), 4_002)).toEqual({ first: 1_000, end: 1_073 });
    expect(rowsInSight(geometryOf(0), 0)).toEqual({ first: 0, end: 1 });
  });

  it("finds the line under the pointer, and how to bring one into sight", () => {
    const geometry = geometryOf(5_000);
    expect(rowAt(geometry, 400, 7)).toBe(101);
    expect(rowAt(geometryOf(3), 0, 100)).toBeUndefined();
    expect(revealed(geometry, 400, 50)).toBe(200);
    expect(revealed(geometry, 400, 120)).toBe(400);
    expect(revealed(geometry, 400, 400)).toBe(1_604 - 288);
  });
});

describe("the shared time", () => {
  it("shows all, the newest part as the run goes on, or what was marked", () => {
    const axis = new TimeAxis();
    expect(axis.span).toEqual({ min: 0, max: 1 });
    axis.extend(200);
    axis.zoomTo({ last: 60 });
    axis.extend(210);
    expect(axis.span).toEqual({ min: 150, max: 210 });
    axis.zoomTo({ min: 20, max: 30 });
    axis.zoomTo({ min: 25, max: 25.2 });
    expect(axis.span).toEqual({ min: 20, max: 30 });
  });

  it("tells of a cursor that moved, and who moved it, and of nothing that stayed", () => {
    const axis = new TimeAxis();
    const told: unknown[] = [];
    axis.onPoint((source) => told.push([axis.cursor, source]));
    axis.point(3, "chart");
    axis.point(3, "waterfall");
    axis.point(undefined, "waterfall");
    expect(told).toEqual([
      [3, "chart"],
      [undefined, "waterfall"],
    ]);
  });

  it("has round labels that do not touch", () => {
    expect(timeTicks({ min: 0, max: 60 }, 600, 70)).toEqual([0, 10, 20, 30, 40, 50, 60]);
    expect(timeTicks({ min: 61, max: 200 }, 300, 70)).toEqual([120, 180]);
  });

  it("is zoomed and moved by keys within what the run has been", () => {
    expect(zoomedBy("+", { min: 0, max: 100 })).toEqual({ min: 25, max: 75 });
    expect(zoomedBy("x", { min: 0, max: 100 })).toBeUndefined();
    expect(withinRun({ min: -10, max: 40 }, 100)).toEqual({ min: 0, max: 50 });
    expect(withinRun({ min: 80, max: 130 }, 100)).toEqual({ min: 50, max: 100 });
    expect(withinRun({ min: -50, max: 150 }, 100)).toBeUndefined();
  });
});

describe("events", () => {
  it("of the same words one after another are one line", () => {
    const event = (text: string, t: number) => ({ t, level: "info" as const, text: foreign(text) });
    expect(together([event("a", 1), event("b", 2), event("b", 3), event("a", 4)])).toEqual([
      event("a", 1),
      {
        ...event("b", 3),
        text: sayCount(2, { one: "{1} ({0} time)", other: "{1} ({0} times)" }, foreign("b")),
      },
      event("a", 4),
    ]);
  });
});

describe("the table's rows", () => {
  function setUp() {
    const asked: { request: number; offset: number }[] = [];
    let changes = 0;
    let now = 0;
    const rows = new Rows(
      FIRST_QUERY,
      (request, { offset }) => asked.push({ request, offset }),
      () => changes++,
      () => now,
    );
    const page = (from: number) => ({
      rows: Array.from({ length: 100 }, (_, i) => fixtureRow(from + i, 0, 1_000)),
      total: 1_000,
    });
    return { rows, asked, page, changes: () => changes, later: (ms: number) => (now += ms) };
  }

  it("are fetched by page, each once while it is on its way", () => {
    const { rows, asked } = setUp();
    rows.want({ first: 90, end: 110 });
    rows.want({ first: 90, end: 110 });
    expect(asked.map(({ offset }) => offset)).toEqual([0, 100]);
  });

  it("are asked for again where an answer was lost", () => {
    const { rows, asked, later } = setUp();
    rows.want({ first: 0, end: 1 });
    later(6_000);
    rows.want({ first: 0, end: 1 });
    expect(asked).toHaveLength(2);
  });

  it("take no answer to a question that was given up", () => {
    const { rows, asked, page } = setUp();
    rows.want({ first: 0, end: 1 });
    rows.setQuery({ ...FIRST_QUERY, filter: "x" });
    expect(rows.receive(asked[0]?.request ?? 0, page(0))).toBe(false);
    expect(rows.at(0)).toBeUndefined();
  });

  it("stay while they are fetched anew, and are forgotten where they are out of sight", () => {
    const { rows, asked, page } = setUp();
    rows.want({ first: 0, end: 200 });
    for (const { request, offset } of [...asked]) rows.receive(request, page(offset));
    rows.refresh([{ first: 150, end: 160 }]);
    expect(rows.at(150)?.index).toBe(150);
    expect(rows.at(0)).toBeUndefined();
  });
});

describe("the table's keys and heads", () => {
  it("move the selection within the table", () => {
    expect(movedTo("ArrowDown", undefined, 10)).toBe(0);
    expect(movedTo("ArrowDown", 9, 10)).toBe(9);
    expect(movedTo("ArrowUp", 0, 10)).toBe(0);
    expect(movedTo("End", 3, 10)).toBe(9);
    expect(movedTo("a", 3, 10)).toBeUndefined();
    expect(movedTo("Home", 3, 0)).toBeUndefined();
  });

  it("sort durations from the largest, names from the first, and turn round", () => {
    expect(sortedBy(FIRST_QUERY, "readyMs", true)).toMatchObject({ sort: "readyMs", descending: true });
    expect(sortedBy(FIRST_QUERY, "index")).toMatchObject({ sort: "index", descending: true });
    expect(sortedBy({ ...FIRST_QUERY, sort: "state" }, "name")).toMatchObject({
      sort: "name",
      descending: false,
    });
  });
});
