import pLimit from "p-limit";
import type { CoderClient } from "../coder/client.ts";
import { isFailure } from "../coder/errors.ts";
import { SessionLost, Stopped, TimeLimit } from "../contract/ends.ts";
import { DestroyFailure } from "../contract/failures.ts";
import type { Ledger } from "../contract/job.ts";
import type { CleanupPlan, Plan } from "../contract/plan.ts";
import type { Stage } from "../protocol/snapshot.ts";
import { english, say } from "../text/message.ts";
import { saidOf } from "../text/said-error.ts";
import type { Gate } from "./gate.ts";
import type { JobRun } from "./job.ts";
import type { RunLog } from "./run-log.ts";
import { type Standstill, withLimit } from "./time.ts";

/** One of each for all rows. */
const CLEANING_UP = say("cleaning up");
const GONE = say("gone");
const LEFT_BEHIND = say("left behind");

/** What both stages of a run work with. */
export interface Crew {
  jobs: readonly JobRun[];
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
  { signal, gate, ended }: { signal: AbortSignal; gate: Gate; ended: () => void },
): Promise<void> {
  stage.state = "active";
  const whole = withLimit(
    signal,
    plan.timeoutMs,
    crew.rest,
    () => new TimeLimit("run", say("the run's time limit ran out")),
  );
  const limit = limitOf(plan.concurrency);
  await Promise.all(
    crew.jobs.map((jobRun) =>
      limit(async () => {
        // A stop or a time limit is told by the job itself.
        await gate.pass(whole.signal).catch(() => undefined);
        await runJob(crew, plan.jobTimeoutMs, jobRun, whole.signal);
        stage.done++;
        ended();
      }),
    ),
  );
  whole.done();
  const is = (state: JobRun["row"]["state"]) => crew.jobs.some(({ row }) => row.state === state);
  stage.state = is("failed") ? "failed" : is("canceled") ? "stopped" : "done";
}

async function runJob(crew: Crew, timeoutMs: number, jobRun: JobRun, signal: AbortSignal): Promise<void> {
  const limited = withLimit(
    signal,
    timeoutMs,
    crew.still,
    () => new TimeLimit("job", say("the job's time limit ran out")),
  );
  try {
    limited.signal.throwIfAborted();
    jobRun.begin(crew.becomesReady);
    jobRun.inProgress = { since: clockOf(crew.still), limitMs: timeoutMs };
    await jobRun.job.run(jobRun.context(crew.client, crew.ledger, limited.signal));
    jobRun.succeed();
  } catch (error) {
    const { reason } = limited.signal;
    // What could not be done without a session has not failed.
    const isLost = reason instanceof SessionLost && isFailure(error, "unauthorized");
    if (jobRun.end(isLost ? reason : error))
      crew.log.event("error", jobRun.row.error ?? say("failed"), jobRun.row.name);
  } finally {
    jobRun.inProgress = undefined;
    limited.done();
  }
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
  const limit = limitOf(cleanup.concurrency);
  const whole = withLimit(
    signal,
    cleanup.timeoutMs,
    crew.still,
    () => new TimeLimit("cleanup", say("the clean-up's time limit ran out")),
  );
  let failures = 0;
  await Promise.all(
    begun.map((jobRun) =>
      limit(async () => {
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
    jobRun.row.doing = CLEANING_UP;
    await jobRun.job.cleanup(jobRun.context(crew.client, crew.ledger, limited.signal));
    jobRun.row.doing = cleanup.done ?? GONE;
    return true;
  } catch (error) {
    jobRun.row.doing = LEFT_BEHIND;
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

/** 0 is no limit. */
function limitOf(concurrency: number) {
  return pLimit(concurrency > 0 ? concurrency : Number.POSITIVE_INFINITY);
}
