import { describe, expect, it } from "vitest";
import { JobFailure } from "../../../src/contract/failures.ts";
import type { Job } from "../../../src/contract/job.ts";
import { Board } from "../../../src/engine/board.ts";
import { Causes, summarize } from "../../../src/engine/causes.ts";
import { DurationHistogram } from "../../../src/metrics/histogram.ts";
import { workspacesParams } from "../../../src/protocol/messages.ts";
import { workspacePage } from "../../../src/protocol/workspace-page.ts";
import { socketPath } from "../../../src/runner/server/socket-path.ts";

const jobs = (count: number): Job[] =>
  Array.from({ length: count }, (_, index) => ({
    index,
    name: `scaletest-abcdefgh-${index}`,
    owner: "o",
    run: async () => undefined,
    cleanup: async () => undefined,
  }));

describe("causes", () => {
  it("groups by cause, with the first as the example, the most frequent first", () => {
    const causes = new Causes();
    causes.add("a", new JobFailure("x", "agent never connected"));
    for (const name of ["b", "c"])
      causes.add(name, new JobFailure("y", "build failed: exit status 1", { requestId: name }));
    expect(
      causes.list().map(({ cause, count, example }) => [cause, count, example.workspace, example.requestId]),
    ).toEqual([
      ["build failed: exit status 1", 2, "b", "b"],
      ["agent never connected", 1, "a", undefined],
    ]);
    expect(summarize(997, 3, 0, causes.list())).toBe(
      "997 succeeded, 3 failed: 2 build failed: exit status 1, 1 agent never connected",
    );
  });

  it("stopped ones are told apart from failed ones", () => {
    expect(summarize(5, 0, 3, [])).toBe("5 succeeded, 3 stopped");
    expect(summarize(5, 0, 0, [])).toBe("5 succeeded, 0 failed");
  });
});

describe("board", () => {
  it("every workspace is in one state; the counts are their sum", () => {
    const board = new Board();
    board.begin(jobs(3), []);
    for (const [index, state] of (["building", "failed", "succeeded"] as const).entries()) {
      const row = board.rows[index];
      if (row) board.move(row, state);
    }
    const { total, ...states } = board.counts;
    expect(total).toBe(3);
    expect(Object.values(states).reduce((sum, n) => sum + n, 0)).toBe(3);
    expect([states.building, states.failed, states.succeeded, states.waiting]).toEqual([1, 1, 1, 0]);
  });

  it("a claimed prebuild's phases are kept apart from a creation's", () => {
    const board = new Board();
    board.begin(jobs(2), [{ name: "queue", label: "queue" }]);
    const [made, claimed] = board.rows;
    if (!made || !claimed) throw new Error("no rows");
    claimed.prebuilt = true;
    board.record(made, "queue", 5_000);
    board.record(claimed, "queue", 10);
    expect(board.phases().map(({ name, count, max }) => [name, count, Math.round(max / 10) * 10])).toEqual([
      ["queue", 1, 5_000],
      ["prebuilt_queue", 1, 10],
    ]);
  });

  it("a second's durations are handed over once, and add up to the whole", () => {
    const board = new Board();
    board.begin(jobs(1), [{ name: "ssh", label: "SSH" }]);
    const [row] = board.rows;
    if (!row) throw new Error("no row");
    board.record(row, "ssh", 100);
    const first = board.takeRecent();
    board.record(row, "ssh", 300);
    const second = board.takeRecent();
    expect(board.takeRecent()).toBeUndefined();
    const sum = DurationHistogram.decode(first?.ssh ?? "");
    sum.add(DurationHistogram.decode(second?.ssh ?? ""));
    expect(sum.percentiles()).toEqual(
      board.phases()[0] && { ...sum.percentiles(), count: board.phases()[0]?.count },
    );
    expect(sum.count).toBe(2);
  });
});

describe("histogram", () => {
  it("keeps a microsecond and a day within three digits", () => {
    for (const ms of [0.05, 12.345, 950, 86_400_000]) {
      const histogram = new DurationHistogram();
      histogram.record(ms);
      expect(Math.abs(histogram.percentiles().p50 - ms) / ms).toBeLessThan(0.03);
    }
  });

  it("no percentile is above the maximum", () => {
    const histogram = new DurationHistogram();
    for (const ms of [93.4, 85.1, 60]) histogram.record(ms);
    const { p50, p95, p99, max } = histogram.percentiles();
    expect([p50 <= p95, p95 <= p99, p99 <= max]).toEqual([true, true, true]);
  });
});

describe("table of workspaces", () => {
  const board = new Board();
  board.begin(jobs(1_000), []);
  board.rows.forEach((row, index) => {
    if (index % 3 === 0) row.readyMs = 1_000 - index;
    if (index === 500) row.error = "Agent never connected";
  });
  const page = (query: object) =>
    workspacePage(board.rows, workspacesParams.parse({ offset: 0, limit: 2, ...query }));

  it("sorts by a value that some do not have: those come last, both ways", () => {
    expect(page({ sort: "readyMs" }).rows.map((row) => row.index)).toEqual([999, 996]);
    expect(page({ sort: "readyMs", descending: true }).rows.map((row) => row.index)).toEqual([0, 3]);
    expect(page({ sort: "readyMs", offset: 999 }).rows[0]?.readyMs).toBeUndefined();
  });

  it("filters by name and error without case, and tells how many there are", () => {
    expect(page({ filter: "never CONNECTED" })).toMatchObject({ total: 1, rows: [{ index: 500 }] });
    expect(page({ filter: "-99" }).total).toBe(11);
    expect(page({ state: "failed" }).total).toBe(0);
  });
});

describe("where a runner listens", () => {
  it("is short enough for a socket, however deep the temporary folder is", () => {
    const deep = `/var/folders/${"x".repeat(120)}`;
    expect(socketPath("abcdefgh", "linux", deep).length).toBeLessThanOrEqual(100);
    expect(socketPath("abcdefgh", "linux", "/tmp")).toMatch(/^\/tmp\/.*abcdefgh\.sock$/);
    expect(socketPath("abcdefgh", "win32")).toBe("\\\\.\\pipe\\coder-scaletest-abcdefgh");
  });
});
