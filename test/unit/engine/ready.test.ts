import { describe, expect, it } from "vitest";
import { CoderClient } from "../../../src/coder/client.ts";
import { JobFailure } from "../../../src/contract/failures.ts";
import { JobRun } from "../../../src/engine/steps/job.ts";
import { Standstill } from "../../../src/engine/time.ts";
import { readyIn } from "../../../src/protocol/ready.ts";
import { JournalState } from "../../../src/runs/journal-state.ts";
import { say } from "../../../src/text/message.ts";
import { fakeJob, measuredBoard } from "./fake-run.ts";

function noCounts(total: number) {
  return { total, waiting: 0, succeeded: 0, failed: 0, canceled: 0 };
}

describe("what has become ready", () => {
  it("is counted once by the engine, and no end takes it away", () => {
    const { board, durations } = measuredBoard();
    const job = fakeJob(0);
    board.begin("test", [job], ["active"]);
    const [row] = board.rows;
    if (!row) throw new Error("no row");
    const run = new JobRun(job, row, board, { ms: 0 });
    run.begin(true, 0);
    const client = new CoderClient({ url: "http://127.0.0.1:1", token: "t", network: {} });
    const ledger = { state: new JournalState(), write: async () => undefined };
    const context = run.context(client, ledger, new AbortController().signal, new Standstill());
    context.ready();
    context.ready();
    context.state("active", say("command"));
    run.end(new JobFailure("command", say("command failed")));
    expect(board.readyCount).toBe(1);
    expect(durations.map(({ metric }) => metric)).toEqual(["ready"]);
    expect(board.counts).toMatchObject({ failed: 1, active: 0 });
  });

  it("was never reached by what failed before, and not yet by what goes on; a stop says nothing", () => {
    const { board, nevers } = measuredBoard();
    board.begin(
      "test",
      Array.from({ length: 4 }, (_, index) => fakeJob(index)),
    );
    const [failed, stopped, waiting, done] = board.rows;
    if (!failed || !stopped || !waiting || !done) throw new Error("no rows");
    for (const row of board.rows) board.awaitReady(row, () => (row === failed ? 400 : 50_000));
    board.ready(done, 1_000);
    board.endOfWait(failed, true);
    board.endOfWait(stopped, false);
    expect(nevers).toEqual([{ metric: "ready", ms: 400, window: "measured" }]);
    expect(board.pending().ready).toMatchObject({ unfinished: { counts: [1] } });
    board.endOfWait(waiting, false);
    expect(board.pending().ready).toBeUndefined();
  });

  it("is what is done, where jobs do not become ready, and what older records say of their moment", () => {
    expect(readyIn({ readyCount: 0, counts: { ...noCounts(8), active: 2, succeeded: 3 } })).toBe(3);
    expect(readyIn({ counts: { ...noCounts(8), active: 2, succeeded: 3 } })).toBe(5);
  });
});
