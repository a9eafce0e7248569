import { describe, expect, it } from "vitest";
import { CoderClient } from "../../../src/coder/client.ts";
import { JobFailure } from "../../../src/contract/failures.ts";
import type { Job } from "../../../src/contract/job.ts";
import { Board } from "../../../src/engine/board.ts";
import { JobRun } from "../../../src/engine/job.ts";
import { readyIn } from "../../../src/protocol/ready.ts";
import { JournalState } from "../../../src/runs/journal-state.ts";
import { progressOf } from "../../../src/vscode/text.ts";
import { cardsOf } from "../../../src/webview/cards/described.ts";
import { readyAMinute } from "../../../src/webview/cards/own.ts";
import { Described } from "../../../src/webview/model/described.ts";
import { CREATION_DESCRIPTION, fixtureSample, fixtureSnapshot } from "../../webview/fixtures.ts";

const described = new Described(CREATION_DESCRIPTION);

/** All eight workspaces were ready, and then the command failed in each. */
const failedLater = fixtureSnapshot(8, 0, {
  counts: { ...noCounts(8), failed: 8 },
  readyCount: 8,
  elapsedMs: 60_000,
});

function noCounts(total: number) {
  const none = { waiting: 0, creating: 0, queued: 0, building: 0, starting: 0, active: 0 };
  return { total, ...none, succeeded: 0, failed: 0, canceled: 0 };
}

describe("what has become ready", () => {
  it("stays so when the command fails later: in the panel, the pace, and the tree", () => {
    expect(readyIn(failedLater)).toBe(8);
    expect(progressOf(failedLater)).toMatchObject({ done: 8, total: 8, failed: 8 });
    const shown = cardsOf(failedLater, described, []).map(({ id, value, unit }) => [id, `${value} ${unit}`]);
    expect(Object.fromEntries(shown)).toMatchObject({ ready: "8 of 8" });
    const failing = [0, 8, 0].map((ready, second) => ({
      ...fixtureSample(8, 0, { "ready.count": ready, 'jobs{state="failed"}.last': second === 2 ? 8 : 0 }),
      second: second * 10,
    }));
    expect(readyAMinute(described, failing)).toBeCloseTo((8 / 21) * 60);
  });

  it("is counted once by the engine, and no end takes it away", () => {
    const board = new Board();
    const job: Job = {
      index: 0,
      name: "a",
      owner: "o",
      run: async () => undefined,
      cleanup: async () => undefined,
    };
    board.begin([job], []);
    const [row] = board.rows;
    if (!row) throw new Error("no row");
    const run = new JobRun(job, row, board, Date.now());
    run.begin(true);
    const client = new CoderClient({ url: "http://127.0.0.1:1", token: "t", network: {} });
    const ledger = { state: new JournalState(), write: async () => undefined };
    const context = run.context(client, ledger, new AbortController().signal);
    context.ready();
    context.ready();
    context.state("active", "command");
    run.end(new JobFailure("command", "command failed"));
    expect(board.readyCount).toBe(1);
    expect(board.counts).toMatchObject({ failed: 1, active: 0 });
  });

  it("was never reached by what failed before: it counts as longer than all that did", () => {
    const board = new Board();
    const job = (index: number) => ({
      index,
      name: `w${index}`,
      owner: "o",
      run: async () => undefined,
      cleanup: async () => undefined,
    });
    board.begin(
      Array.from({ length: 10 }, (_, index) => job(index)),
      [],
    );
    const [failed, stopped, waiting, ...done] = board.rows;
    if (!failed || !stopped || !waiting) throw new Error("no rows");
    for (const row of board.rows) board.awaitReady(row, () => (row === failed ? 400 : 50_000));
    for (const [at, row] of done.entries()) board.ready(row, 1_000 * (at + 1));
    board.endOfWait(failed, true);
    board.endOfWait(stopped, false);
    const figures = board.readyPercentiles();
    // Seven that did, one that goes on for 50 s, one that never did; a stop says nothing.
    expect(figures).toMatchObject({ count: 7, unfinished: 2, atLeast: ["p95", "p99", "max"] });
    expect(figures.p50).toBeCloseTo(5_000, -1);
    expect(figures.p95).toBeCloseTo(50_000, -2);
    board.endOfWait(waiting, false);
    expect(board.readyPercentiles()).toMatchObject({ unfinished: 1, atLeast: ["p95", "p99", "max"] });
    expect(board.readyPercentiles().max).toBeCloseTo(7_000, -1);
  });

  it("is what is done, where jobs do not become ready, and what older runs say of their moment", () => {
    expect(readyIn({ readyCount: 0, counts: { ...noCounts(8), active: 2, succeeded: 3 } })).toBe(3);
    expect(readyIn({ counts: { ...noCounts(8), active: 2, succeeded: 3 } })).toBe(5);
  });
});
