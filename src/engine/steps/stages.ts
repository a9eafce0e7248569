import pLimit from "p-limit";
import type { CoderClient } from "../../coder/client.ts";
import { isFailure } from "../../coder/errors.ts";
import type { Subject } from "../../coder/session.ts";
import { SessionLost, StepOver, Stopped, TimeLimit } from "../../contract/ends.ts";
import { DestroyFailure } from "../../contract/failures.ts";
import type { JobContext, Ledger } from "../../contract/job.ts";
import type { CleanupPlan, Plan } from "../../contract/plan.ts";
import type { Stage } from "../../protocol/snapshot.ts";
import { english, type Message, say } from "../../text/message.ts";
import { saidOf } from "../../text/said-error.ts";
import type { RunLog } from "../record/run-log.ts";
import { runsFor, type Standstill, withLimit } from "../time.ts";
import type { Gate } from "./gate.ts";
import type { JobRun } from "./job.ts";

/** One of each for all rows. */
const CLEANING_UP = say("cleaning up");
const GONE = say("deleted");
const LEFT_BEHIND = say("left behind");

export function newStage(id: string, label: Message, total = 0): Stage {
  return { id, label, state: "pending", done: 0, total };
}

/** What both stages of a step work with. */
export interface Crew {
  jobs: readonly JobRun[];
  /** What a job's API calls count for. */
  subject(index: number): Subject;
  client: CoderClient;
  ledger: Ledger;
  log: RunLog;
  /** For which no time limit counts, and for which that of the whole run does not. */
  still: Standstill;
  rest: Standstill;
  /** Whether its jobs become ready. */
  becomesReady: boolean;
}

/** Runs all jobs, as many at a time as the plan says. Never rejects: each job tells of its own failure. */
export async function runJobs(
  crew: Crew,
  plan: Plan,
  stage: Stage,
  { signal, gate, queue, ended }: { signal: AbortSignal; gate: Gate; queue: JobQueue; ended: () => void },
): Promise<void> {
  stage.state = "active";
  const whole = withLimit(
    signal,
    plan.timeoutMs,
    crew.rest,
    () => new TimeLimit("run", say("the run's time limit ran out")),
  );
  const endsWell = plan.load !== undefined || plan.endsWell === true;
  const arrivals = new Arrivals(plan, crew.rest);
  await Promise.all(
    crew.jobs.map((jobRun) =>
      queue.add(async () => {
        // A stop or a time limit is told by the job itself.
        await arrivals.of(jobRun.job.index, whole.signal).catch(() => undefined);
        await gate.pass(whole.signal).catch(() => undefined);
        await runJob(crew, { timeoutMs: plan.jobTimeoutMs, endsWell }, jobRun, whole.signal);
        stage.done++;
        ended();
      }),
    ),
  );
  whole.done();
  const is = (state: JobRun["row"]["state"]) => crew.jobs.some(({ row }) => row.state === state);
  stage.state = is("failed") ? "failed" : is("canceled") ? "stopped" : "done";
}

/** When jobs begin at the earliest, where they do not all come at once: by the time at which their stage began. */
class Arrivals {
  readonly #plan: Pick<Plan, "arrivalMs">;
  readonly #rest: Standstill;
  readonly #begun: number;

  constructor(plan: Pick<Plan, "arrivalMs">, rest: Standstill) {
    this.#plan = plan;
    this.#rest = rest;
    this.#begun = clockOf(rest);
  }

  async of(index: number, signal: AbortSignal): Promise<void> {
    const left = (this.#plan.arrivalMs?.(index) ?? 0) - (clockOf(this.#rest) - this.#begun);
    if (left > 0) await runsFor(left, this.#rest, signal);
  }
}

/** `endsWell`: a job that its step's end cuts off has done what it was to do. */
async function runJob(
  crew: Crew,
  { timeoutMs, endsWell }: { timeoutMs: number; endsWell: boolean },
  jobRun: JobRun,
  signal: AbortSignal,
): Promise<void> {
  const limited = withLimit(
    signal,
    timeoutMs,
    crew.still,
    () => new TimeLimit("job", say("the job's time limit ran out")),
  );
  try {
    limited.signal.throwIfAborted();
    jobRun.begin(crew.becomesReady, timeoutMs);
    jobRun.inProgress = { since: clockOf(crew.still), limitMs: timeoutMs };
    await jobRun.job.run(contextOf(crew, jobRun, limited.signal));
    jobRun.succeed();
  } catch (error) {
    const { reason } = limited.signal;
    if (reason instanceof StepOver && endsWell && jobRun.begun) return jobRun.succeed();
    // What could not be done without a session has not failed.
    const isLost = reason instanceof SessionLost && isFailure(error, "unauthorized");
    if (jobRun.end(isLost ? reason : error))
      crew.log.event("error", jobRun.row.error ?? say("failed"), jobRun.row.name);
  } finally {
    jobRun.inProgress = undefined;
    limited.done();
  }
}

function contextOf(crew: Crew, jobRun: JobRun, signal: AbortSignal): JobContext {
  const client = crew.client.as({ subject: crew.subject(jobRun.job.index) });
  return jobRun.context(client, crew.ledger, signal, crew.rest);
}

/** Cleans up after every job that was begun. Never rejects. */
export async function cleanUp(
  crew: Crew,
  cleanup: CleanupPlan,
  stage: Stage,
  { signal, ended }: { signal: AbortSignal; ended: () => void },
): Promise<void> {
  stage.state = "active";
  const begun = crew.jobs.filter((jobRun) => jobRun.begun);
  stage.total = begun.length;
  const queue = new JobQueue(cleanup.concurrency);
  const whole = withLimit(
    signal,
    cleanup.timeoutMs,
    crew.still,
    () => new TimeLimit("cleanup", say("the clean-up's time limit ran out")),
  );
  let failures = 0;
  await Promise.all(
    begun.map((jobRun) =>
      queue.add(async () => {
        if (!(await cleanUpJob(crew, cleanup, jobRun, whole.signal))) failures++;
        stage.done++;
        ended();
      }),
    ),
  );
  whole.done();
  // Who asked for an end and to keep what exists has got that.
  stage.state = failures === 0 ? "done" : signal.reason instanceof Stopped ? "stopped" : "failed";
}

async function cleanUpJob(
  crew: Crew,
  cleanup: CleanupPlan,
  jobRun: JobRun,
  signal: AbortSignal,
): Promise<boolean> {
  const limited = withLimit(
    signal,
    cleanup.jobTimeoutMs,
    crew.still,
    () => new TimeLimit("cleanup", say("the clean-up's time limit for one workspace ran out")),
  );
  try {
    limited.signal.throwIfAborted();
    jobRun.inProgress = { since: clockOf(crew.still), limitMs: cleanup.jobTimeoutMs };
    jobRun.does(CLEANING_UP);
    await jobRun.job.cleanup(contextOf(crew, jobRun, limited.signal));
    jobRun.does(cleanup.done ?? GONE);
    return true;
  } catch (error) {
    jobRun.does(LEFT_BEHIND);
    jobRun.destroyFailed ||= error instanceof DestroyFailure;
    const failed = say("clean-up failed: {0}", saidOf(error));
    jobRun.note(english(failed));
    // Without a session it is told once, for all.
    if (!(error instanceof Stopped) && crew.client.transport.session.state !== "lost") {
      crew.log.event("error", failed, jobRun.row.name);
    }
    return false;
  } finally {
    jobRun.inProgress = undefined;
    limited.done();
  }
}

/** The run's clock, which stands still with it. */
function clockOf(still: Standstill): number {
  return performance.now() - still.ms;
}

/** Jobs, as many at a time as it may be; 0 is no limit. */
export class JobQueue {
  readonly #limit: ReturnType<typeof pLimit>;

  constructor(concurrency: number) {
    this.#limit = pLimit(limitOf(concurrency));
  }

  add(work: () => Promise<void>): Promise<void> {
    return this.#limit(work);
  }

  get concurrency(): number {
    const { concurrency } = this.#limit;
    return Number.isFinite(concurrency) ? concurrency : 0;
  }

  /** More begin at once; of fewer, those under way go on. */
  setConcurrency(concurrency: number): void {
    this.#limit.concurrency = limitOf(concurrency);
  }
}

function limitOf(concurrency: number): number {
  return concurrency > 0 ? Math.max(1, Math.floor(concurrency)) : Number.POSITIVE_INFINITY;
}
