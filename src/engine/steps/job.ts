import type { CoderClient } from "../../coder/client.ts";
import { Stopped, TimeLimit } from "../../contract/ends.ts";
import { DestroyFailure, JobFailure } from "../../contract/failures.ts";
import type { Job, JobContext, Ledger } from "../../contract/job.ts";
import type { RunClock } from "../../measure/clock.ts";
import { formatDuration } from "../../protocol/duration.ts";
import type { WorkspaceRow } from "../../protocol/snapshot.ts";
import { english, isSame, type Message, say, withTexts } from "../../text/message.ts";
import { saidOf } from "../../text/said-error.ts";
import { runsFor, type Standstill } from "../time.ts";
import type { Board } from "./board.ts";
import type { InProgress } from "./pace.ts";

/** One of each for all rows. */
const DONE = say("done");
const STOPPED = say("stopped");
const FAILED = say("failed");
const MAX_LOG_LINES = 200;
/** Of a failure, of which there may be thousands. */
const MAX_FAILURE_LOG = 16 * 1024;
/** Of what a workload keeps on purpose. */
const MAX_KEPT_LOG = 64 * 1024;

/** One job as the engine sees it: its row on the board, its log, its times. */
export class JobRun {
  readonly job: Job;
  readonly row: WorkspaceRow;
  readonly log: string[] = [];
  startedAt = 0;
  durationMs = 0;
  /** While it runs, or is cleaned up after. */
  inProgress: InProgress | undefined;
  /** Its workspace could not be deleted, because what it stands for could not be destroyed. */
  destroyFailed = false;
  /** When its wait to be ready began. */
  #clockAtBegin = 0;
  /** Stands still while the job waits for a sign-in. */
  #clock = () => performance.now();
  #board: Board;
  #runClock: Pick<RunClock, "ms">;
  #begunAt = 0;

  constructor(job: Job, row: WorkspaceRow, board: Board, runClock: Pick<RunClock, "ms">) {
    this.job = job;
    this.row = row;
    this.#board = board;
    this.#runClock = runClock;
  }

  get begun(): boolean {
    return this.startedAt > 0;
  }

  /** `own`: the client whose calls count for this job; `rest`: while the run's own time stands still. */
  context(own: CoderClient, ledger: Ledger, signal: AbortSignal, rest: Standstill): JobContext {
    const { row } = this;
    const board = this.#board;
    this.#clock = () => own.clock();
    const record = (name: string, ms: number, agoMs = 0, by: "server" | "us" = "us") => {
      board.record(row, name, ms, { agoMs, by });
      const began = this.#runClock.ms - agoMs - ms;
      row.begins = { ...row.begins, [name]: Math.max(0, Math.round(began)) };
      this.note(`${name}: ${formatDuration(ms)}`);
    };
    return {
      signal,
      client: own,
      ledger,
      state: (state, doing) => {
        board.move(row, state);
        this.does(doing);
      },
      doing: (what) => this.does(what),
      phase: (name, ms, agoMs) => record(name, ms, agoMs),
      serverPhase: (name, ms, agoMs) => record(name, ms, agoMs, "server"),
      timed: async (name, work) => {
        const started = own.clock();
        const value = await work();
        record(name, own.clock() - started);
        return value;
      },
      awaitReady: () => {
        this.#clockAtBegin = own.clock();
        this.#awaitReady();
      },
      ready: () => {
        if (row.readyMs !== undefined) return;
        row.readyMs = Math.round(own.clock() - this.#clockAtBegin);
        board.ready(row, row.readyMs);
      },
      prebuilt: () => {
        row.prebuilt = true;
      },
      workspaceId: (id) => {
        row.workspaceId = id;
      },
      values: (values) => {
        row.values = { ...row.values, ...values };
      },
      log: (line) => this.note(line),
      keepLog: (text) => {
        row.log = board.hide(text).slice(-MAX_KEPT_LOG);
      },
      wait: (ms, left) => runsFor(ms, rest, signal, left),
    };
  }

  note(line: string): void {
    if (this.log.length < MAX_LOG_LINES)
      this.log.push(`${new Date().toISOString()} ${this.#board.hide(line)}`);
  }

  /** It does this from now on; how long it did what it did before says what is usual. */
  does(doing: Message): void {
    const { row } = this;
    if (isSame(row.doing, doing)) return;
    const now = this.#runClock.ms;
    if (row.since !== undefined) this.#board.usual.add(row.doing, now - row.since);
    row.doing = doing;
    row.since = Math.round(now);
  }

  /** `limitMs`: it is given up after so long; 0 is without a limit. */
  begin(becomesReady: boolean, limitMs: number): void {
    this.startedAt = Date.now();
    // Nothing has waited for this job before.
    this.#clockAtBegin = performance.now();
    this.#begunAt = this.#runClock.ms;
    this.row.startedAt = Math.round(this.#begunAt);
    if (limitMs > 0) this.row.limitMs = limitMs;
    if (becomesReady) this.#awaitReady();
  }

  #awaitReady(): void {
    this.#board.awaitReady(this.row, () => Math.max(0, this.#clock() - this.#clockAtBegin));
  }

  succeed(): void {
    this.durationMs = this.#runClock.ms - this.#begunAt;
    this.#board.endOfWait(this.row, false);
    this.#board.judge(false, this.#begunAt);
    this.#board.move(this.row, "succeeded");
    this.does(DONE);
  }

  /** Counts the failure under its cause; a stop is not a failure. Returns true for a failure. */
  end(error: unknown): boolean {
    this.durationMs = this.begun ? this.#runClock.ms - this.#begunAt : 0;
    this.#board.endOfWait(this.row, !(error instanceof Stopped));
    if (error instanceof Stopped) {
      this.#board.move(this.row, "canceled");
      this.#ends(STOPPED);
      this.row.error = error.said;
      return false;
    }
    const failure = error instanceof TimeLimit ? timeLimitFailure(error, this.begun) : error;
    this.destroyFailed ||= failure instanceof DestroyFailure;
    this.#board.judge(true, this.#begunAt);
    const entry = this.#board.causes.add(this.row.name, failure, this.#runClock.ms);
    this.#board.move(this.row, "failed");
    this.#ends(FAILED);
    this.row.cause = entry.cause;
    this.#board.firstFailure ??= { workspace: this.row.name, what: entry.cause, atMs: this.#runClock.ms };
    this.row.error = withTexts(saidOf(failure), this.#board.hide);
    this.note(`failed: ${english(this.row.error)}`);
    if (failure instanceof JobFailure && failure.build !== undefined) this.row.build = failure.build;
    if (failure instanceof JobFailure && failure.log) {
      this.row.log = this.#board.hide(failure.log).slice(-MAX_FAILURE_LOG);
      for (const line of failure.log.trimEnd().split("\n").slice(-20)) this.note(`> ${line}`);
    }
    return true;
  }

  /** What was cut off says nothing of how long it usually takes. */
  #ends(doing: Message): void {
    this.row.doing = doing;
    delete this.row.since;
  }
}

function timeLimitFailure(limit: TimeLimit, begun: boolean): JobFailure {
  if (!begun) return new JobFailure("not_begun", say("not started when the run's time limit ran out"));
  return new JobFailure("timed_out", say("timed out"), { said: limit.said });
}
