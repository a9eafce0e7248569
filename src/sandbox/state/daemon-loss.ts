import type { Clock } from "../clock.ts";
import type { Faults } from "../faults/faults.ts";
import type { Timers } from "../timers.ts";
import type { Daemon, Job, JobQueue } from "./jobs.ts";

const MINUTE_MS = 60_000;

/** Ends a job as failed, with rows of its log. */
export type FailJob = (job: Job, error: string, rows?: readonly string[]) => void;

/** Provisioner daemons that go, with what they were building, and come back. */
export class DaemonLoss {
  readonly #queue: JobQueue;
  readonly #clock: Clock;
  readonly #timers: Timers;
  readonly #faults: Faults;
  readonly #fail: FailJob;

  constructor(parts: { queue: JobQueue; clock: Clock; timers: Timers; faults: Faults; fail: FailJob }) {
    this.#queue = parts.queue;
    this.#clock = parts.clock;
    this.#timers = parts.timers;
    this.#faults = parts.faults;
    this.#fail = parts.fail;
  }

  /** The last so many of those that are there. */
  last(count: number): Daemon[] {
    return count > 0 ? this.#queue.daemons.filter(({ goneAt }) => goneAt === undefined).slice(-count) : [];
  }

  /** They are asked to go, and fail what they were building before they do. Returns how many jobs that was. */
  leave(daemons: readonly Daemon[]): number {
    const jobs = this.#queue.leave(daemons, this.#clock.now());
    for (const job of jobs) {
      if (job.worker) job.worker.current = undefined;
      this.#fail(job, "provisioner daemon was shutdown gracefully");
    }
    return jobs.length;
  }

  /** They are killed: what they were building hangs until the server gives it up. Returns how many jobs that was. */
  die(daemons: readonly Daemon[]): number {
    const jobs = this.#queue.leave(daemons, this.#clock.now());
    const { hungJobMs } = this.#faults.settings;
    for (const job of jobs) this.#timers.after(hungJobMs, () => this.#giveUp(job, hungJobMs));
    return jobs.length;
  }

  #giveUp(job: Job, afterMs: number): void {
    if (job.worker?.current === job) job.worker.current = undefined;
    const told = `Coder: Build has been detected as hung for ${Math.round(afterMs / MINUTE_MS)} minutes`;
    const frame = "====================";
    this.#fail(job, `${told} and has been terminated by the reaper.`, [
      frame,
      `${told} and will be terminated.`,
      frame,
    ]);
  }

  /** Those that went first are back first. */
  return(count: number): void {
    const gone = this.#queue.daemons.filter(({ goneAt }) => goneAt !== undefined);
    gone.sort((a, b) => (a.goneAt ?? 0) - (b.goneAt ?? 0));
    this.#queue.return(gone.slice(0, count));
  }

  /** As coderd has it: one that has gone is offline when its last sign of life is so old. */
  isOffline({ goneAt }: Daemon): boolean {
    return goneAt !== undefined && this.#clock.now() - goneAt >= this.#faults.settings.daemonStaleMs;
  }

  /** Those that the deployment takes for there. */
  online(): Daemon[] {
    return this.#queue.daemons.filter((daemon) => !this.isOffline(daemon));
  }
}
