import { describe, expect, it } from "vitest";
import { JobFailure } from "../../../src/contract/failures.ts";
import type { Job } from "../../../src/contract/job.ts";
import { Causes, summarize } from "../../../src/engine/answer/causes.ts";
import { workspacesParams } from "../../../src/protocol/messages.ts";
import { workspacePage } from "../../../src/protocol/workspace-page.ts";
import { socketPath } from "../../../src/system/socket-path.ts";
import { say } from "../../../src/text/message.ts";
import { inEnglish } from "../../../test/support/in-english.ts";
import { measuredBoard } from "./fake-run.ts";

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
    causes.add("a", new JobFailure("x", say("agent never connected")), 0);
    for (const name of ["b", "c"])
      causes.add(name, new JobFailure("y", say("build failed: exit status 1"), { requestId: name }), 4_000);
    expect(
      inEnglish(
        causes
          .list()
          .map(({ cause, count, example }) => [cause, count, example.workspace, example.requestId]),
      ),
    ).toEqual([
      ["build failed: exit status 1", 2, "b", "b"],
      ["agent never connected", 1, "a", undefined],
    ]);
    expect(inEnglish(summarize(997, 3, 0, causes.list()))).toBe(
      "997 succeeded, 3 failed: 2 build failed: exit status 1, 1 agent never connected",
    );
  });

  it("stopped ones are told apart from failed ones", () => {
    expect(inEnglish(summarize(5, 0, 3, []))).toBe("5 succeeded, 3 stopped");
    expect(inEnglish(summarize(5, 0, 0, []))).toBe("5 succeeded, 0 failed");
  });
});

describe("board", () => {
  it("every workspace is in one state; the counts are their sum", () => {
    const { board } = measuredBoard();
    board.begin("test", jobs(3), ["building", "starting"]);
    for (const [index, state] of (["building", "failed", "succeeded"] as const).entries()) {
      const row = board.rows[index];
      if (row) board.move(row, state);
    }
    const { total, ...states } = board.counts;
    expect(total).toBe(3);
    expect(Object.values(states).reduce((sum, n) => sum + n, 0)).toBe(3);
    expect(states).toMatchObject({ building: 1, starting: 0, failed: 1, succeeded: 1, waiting: 0 });
  });

  it("a claimed prebuild's phases are kept apart from a creation's", () => {
    const { board, durations } = measuredBoard();
    board.begin("test", jobs(2));
    const [made, claimed] = board.rows;
    if (!made || !claimed) throw new Error("no rows");
    claimed.prebuilt = true;
    board.record(made, "queue", 5_000, { agoMs: 0, by: "server" });
    board.record(claimed, "queue", 10, { agoMs: 0, by: "server" });
    expect(durations.map(({ metric, ms }) => [metric, ms])).toEqual([
      ["queue", 5_000],
      ["prebuilt_queue", 10],
    ]);
    expect([made.phases.queue, claimed.phases.queue]).toEqual([5_000, 10]);
  });

  it.each([
    [0, "measured", "measured"],
    [200, "measured", "spoiled"],
    [600, "spoiled", "spoiled"],
  ])(
    "of %d ms that we were late: what we timed over 10 s is %s, over 1 s %s; the server's stays",
    (lateMs, long, short) => {
      const { board, durations } = measuredBoard({ ms: 60_000, lateMs });
      board.begin("test", jobs(1));
      const [row] = board.rows;
      if (!row) throw new Error("no row");
      board.record(row, "ssh", 10_000, { agoMs: 0, by: "us" });
      board.record(row, "command", 1_000, { agoMs: 0, by: "us" });
      board.record(row, "provision", 1_000, { agoMs: 0, by: "server" });
      expect(durations.map(({ window }) => window)).toEqual([long, short, "measured"]);
    },
  );

  it("a failure beside our own standing still proves nothing, a success does", () => {
    const { board, failures } = measuredBoard({ ms: 60_000, lateMs: 12_000 });
    board.judge(true, 10_000);
    board.judge(false, 10_000);
    expect(failures).toEqual([
      { n: 1, window: "spoiled" },
      { n: 0, window: "measured" },
    ]);
  });

  it("the failure rate is of all that were planned, while some still go on", () => {
    const { board } = measuredBoard();
    board.begin("test", jobs(10));
    board.judge(true, 0);
    expect(board.pending().failures).toEqual({ kind: "share", n: 0, of: 9 });
  });
});

describe("table of workspaces", () => {
  const { board } = measuredBoard();
  board.begin("test", jobs(1_000));
  board.rows.forEach((row, index) => {
    if (index % 3 === 0) row.readyMs = 1_000 - index;
    if (index === 500) row.error = say("Agent never connected");
  });
  const page = (query: object) =>
    workspacePage(board.rows, workspacesParams.parse({ offset: 0, limit: 2, ...query }));

  it("sorts by a value that some do not have: those come last, both ways", () => {
    expect(page({ sort: "readyMs" }).rows.map((row) => row.index)).toEqual([999, 996]);
    expect(page({ sort: "readyMs", descending: true }).rows.map((row) => row.index)).toEqual([0, 3]);
    expect(page({ sort: "readyMs", offset: 999 }).rows[0]?.readyMs).toBeUndefined();
  });

  it("sorts names by their numbers", () => {
    const names = page({ sort: "name", offset: 0, limit: 12 }).rows.map((row) => row.index);
    expect(names).toEqual(Array.from({ length: 12 }, (_, at) => at));
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
