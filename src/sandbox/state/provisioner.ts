import type { Clock } from "../clock.ts";
import type { Timers } from "../timers.ts";
import type { FailJob } from "./daemon-loss.ts";
import type { Daemon, Job, JobRunner, LogRow } from "./jobs.ts";

/** Shares of a job's time: setting up, then init and plan; the rest is the apply. */
const SET_UP_SHARE = 0.05;
const PLAN_SHARE = 0.35;

const PLAN_ROWS: Pick<LogRow, "level" | "output">[] = [
  { level: "debug", output: "Initializing the backend..." },
  { level: "debug", output: "Initializing provider plugins..." },
  { level: "debug", output: "Terraform has been successfully initialized!" },
  { level: "info", output: "Terraform 1.12.2" },
  { level: "info", output: "coder_agent.main: Plan to create" },
];

/** The daemon of a job has gone in the middle of it. */
class Lost extends Error {
  override readonly name = "Lost";
}

export interface Provisioner {
  run: JobRunner;
  fail: FailJob;
}

/**
 * Runs jobs as a provisioner daemon does: stages with log rows, a cancellation seen between plan and apply.
 * `database`: resolves when the database answers, by which a daemon hears of a job and says what became of it.
 */
export function createProvisioner(
  clock: Clock,
  timers: Timers,
  database: () => Promise<void> = () => Promise.resolve(),
): Provisioner {
  let lastRow = 0;

  const work = async (job: Job, ms: number) => {
    await timers.wait(ms);
    if (job.lost) throw new Lost();
  };

  const saved = async (job: Job) => {
    await database();
    if (job.lost) throw new Lost();
  };

  const log = (job: Job, stage: string, output = "", level: LogRow["level"] = "info") => {
    const row: LogRow = {
      id: ++lastRow,
      createdAt: clock.now(),
      source: output === "" ? "provisioner_daemon" : "provisioner",
      level,
      stage,
      output,
    };
    job.logs.push(row);
    for (const follower of job.followers) follower.row(row);
  };

  const complete = (job: Job, error?: string) => {
    // A job that was cancelled while pending has been completed by the cancellation: the daemon's word
    // changes nothing, and those who follow its log never hear that it ended (coder-api.md, surprise 10).
    if (job.completedAt !== undefined) return;
    if (error !== undefined) job.error = error;
    job.completedAt = clock.now();
    job.updatedAt = job.completedAt;
    job.work.changed();
    for (const follower of job.followers) follower.end();
    job.followers.clear();
  };

  const plan = async (job: Job): Promise<string | undefined> => {
    const { planStages: stages = ["Planning infrastructure"], durationMs, applyStage } = job.work;
    const share = applyStage === undefined ? 1 - SET_UP_SHARE : PLAN_SHARE;
    const stage = stages.at(-1) ?? "";
    for (const one of stages) {
      // Several stages are told apart by a row of the daemon's.
      if (stages.length > 1) log(job, one);
      for (const row of PLAN_ROWS) log(job, one, row.output, row.level);
      await work(job, (durationMs * share) / stages.length);
    }
    if (job.work.planError === undefined) return undefined;
    log(job, stage, `Error: ${job.work.planError}`, "error");
    return `terraform plan: ${job.work.planError}`;
  };

  const apply = async (job: Job, stage: string): Promise<string | undefined> => {
    log(job, stage);
    const destroys = stage !== "Starting workspace";
    log(job, stage, `terraform_data.workspace: ${destroys ? "Destroying" : "Creating"}...`);
    job.work.applying?.();
    await work(job, job.work.durationMs * (1 - SET_UP_SHARE - PLAN_SHARE));
    if (job.work.applyError !== undefined) {
      log(job, stage, `Error: ${job.work.applyError}`, "error");
      return "terraform apply: exit status 1";
    }
    log(
      job,
      stage,
      `Apply complete! Resources: ${destroys ? "0 added, 0 changed, 1 destroyed" : "1 added, 0 changed, 0 destroyed"}.`,
    );
    return undefined;
  };

  const run = async (job: Job, daemon: Daemon) => {
    job.startedAt = clock.now();
    job.worker = daemon;
    job.work.changed();
    log(job, "Setting up");
    await work(job, job.work.durationMs * SET_UP_SHARE);
    const planned = await plan(job);
    if (planned !== undefined || job.canceledAt !== undefined || job.work.applyStage === undefined) {
      // A job that was cancelled while pending comes as far as naming the stage (recorded).
      if (job.completedAt !== undefined && job.work.applyStage !== undefined) log(job, job.work.applyStage);
      log(job, "Cleaning Up");
      await saved(job);
      complete(job, planned);
      return;
    }
    const failed = await apply(job, job.work.applyStage);
    log(job, "Cleaning Up");
    await saved(job);
    if (failed === undefined) job.work.applied?.();
    complete(job, failed);
  };

  const fail: FailJob = (job, error, rows = []) => {
    const stage = job.logs.at(-1)?.stage ?? "Unknown";
    for (const row of rows) log(job, stage, row, "error");
    complete(job, error);
  };

  return { run, fail };
}
