import type { Organization } from "./organization.ts";

export type JobStatus = "pending" | "running" | "succeeded" | "failed" | "canceling" | "canceled";

export interface LogRow {
  id: number;
  createdAt: number;
  source: "provisioner_daemon" | "provisioner";
  level: "trace" | "debug" | "info" | "warn" | "error";
  stage: string;
  output: string;
}

/** What a job does when a daemon runs it. */
export interface Work {
  /** How long it takes, from being taken to being done. */
  durationMs: number;
  /** The stage that applies the plan, or undefined for a dry run, which only plans. */
  applyStage: string | undefined;
  /** The stages that plan; one, named as a build's, when left out. */
  planStages?: readonly string[];
  /** Why the plan fails. */
  planError?: string;
  /** Why the apply fails. */
  applyError?: string;
  /** The plan is being applied. */
  applying?(): void;
  /** The plan was applied, whether or not the job was cancelled in the meantime. */
  applied?(): void;
  /** Something about the job changed. */
  changed(): void;
}

/** A provisioner job; its status follows from its times, as in the server's database. */
export interface Job {
  id: string;
  type: "workspace_build" | "template_version_dry_run" | "template_version_import";
  organization: Organization;
  fileId: string;
  input: { template_version_id: string } | { workspace_build_id: string };
  initiatorId: string;
  createdAt: number;
  startedAt?: number;
  completedAt?: number;
  canceledAt?: number;
  updatedAt: number;
  error?: string;
  worker?: Daemon;
  /** Its daemon has gone: nobody works on it any more. */
  lost?: boolean;
  /** Place in the order of creation, given by the queue; -1 = no daemon has its tags. */
  ticket: number;
  unmatched: boolean;
  work: Work;
  logs: LogRow[];
  followers: Set<JobFollower>;
}

export interface JobFollower {
  row(row: LogRow): void;
  /** No more rows will come. */
  end(): void;
}

export interface Daemon {
  id: string;
  name: string;
  createdAt: number;
  current: Job | undefined;
  previous: Job | undefined;
  /** Since when it is away; undefined: it is there. */
  goneAt?: number | undefined;
}

export function jobStatus(job: Job): JobStatus {
  const error = job.error !== undefined && job.error !== "";
  if (job.completedAt !== undefined) {
    if (error) return "failed";
    return job.canceledAt === undefined ? "succeeded" : "canceled";
  }
  if (error) return "failed";
  if (job.canceledAt !== undefined) return "canceling";
  return job.startedAt === undefined ? "pending" : "running";
}

/** Runs a job on a daemon; resolves when the daemon is free again. */
export type JobRunner = (job: Job, daemon: Daemon) => Promise<void>;

/**
 * The queue of provisioner jobs and the daemons that take from it, oldest first.
 * A job that was cancelled while it was pending is still taken, as on the real server, which
 * looks at `started_at` only (provisionerjobs.sql); it no longer counts in anybody's position.
 */
export class JobQueue {
  readonly daemons: Daemon[];
  readonly #run: JobRunner;
  readonly #idle: Daemon[];
  #waiting: Job[] = [];
  #head = 0;
  #tickets = 0;
  readonly #pending = new PrefixSums();
  /** No daemon takes a job while this is set (a fault). */
  paused = false;

  constructor(daemons: Daemon[], run: JobRunner) {
    this.daemons = daemons;
    this.#idle = [...daemons].reverse();
    this.#run = run;
  }

  add(job: Job): void {
    if (job.unmatched) return;
    job.ticket = this.#tickets++;
    this.#pending.add(job.ticket, 1);
    this.#waiting.push(job);
    setImmediate(() => this.dispatch());
  }

  /** A pending job was cancelled: it leaves the count, not the queue. */
  canceled(job: Job): void {
    if (job.ticket >= 0) this.#pending.add(job.ticket, -1);
  }

  /** These daemons take no job any more. Returns those that they had. */
  leave(daemons: readonly Daemon[], now: number): Job[] {
    const jobs: Job[] = [];
    for (const daemon of daemons) {
      daemon.goneAt = now;
      const at = this.#idle.indexOf(daemon);
      if (at >= 0) this.#idle.splice(at, 1);
      if (!daemon.current) continue;
      daemon.current.lost = true;
      jobs.push(daemon.current);
    }
    return jobs;
  }

  /** They are there again, and do not know of what they did before. */
  return(daemons: readonly Daemon[]): void {
    for (const daemon of daemons) {
      daemon.goneAt = undefined;
      daemon.current = undefined;
      this.#idle.push(daemon);
    }
    this.dispatch();
  }

  /** 1 = next; 0 = not waiting. */
  position(job: Job): number {
    if (job.ticket < 0 || jobStatus(job) !== "pending") return 0;
    return this.#pending.upTo(job.ticket);
  }

  get size(): number {
    return this.#pending.total;
  }

  /** Hands waiting jobs to idle daemons. */
  dispatch(): void {
    while (!this.paused && this.#idle.length && this.#head < this.#waiting.length) {
      const job = this.#waiting[this.#head++];
      const daemon = this.#idle.pop();
      if (!job || !daemon) return;
      if (this.#head > 1024 && this.#head * 2 > this.#waiting.length) {
        this.#waiting = this.#waiting.slice(this.#head);
        this.#head = 0;
      }
      if (job.canceledAt === undefined) this.#pending.add(job.ticket, -1);
      this.#take(job, daemon);
    }
  }

  #take(job: Job, daemon: Daemon): void {
    daemon.current = job;
    this.#run(job, daemon)
      .catch(() => undefined)
      .finally(() => {
        if (job.lost) return;
        daemon.current = undefined;
        daemon.previous = job;
        this.#idle.push(daemon);
        this.dispatch();
      });
  }
}

/** Counts by index with sums up to an index in logarithmic time (a Fenwick tree that grows). */
export class PrefixSums {
  #tree: Int32Array = new Int32Array(1024);
  total = 0;

  add(index: number, amount: number): void {
    while (index + 1 >= this.#tree.length) this.#grow();
    this.total += amount;
    for (let at = index + 1; at < this.#tree.length; at += at & -at) {
      this.#tree[at] = (this.#tree[at] ?? 0) + amount;
    }
  }

  /** The sum of everything at `index` and before it. */
  upTo(index: number): number {
    let sum = 0;
    for (let at = index + 1; at > 0; at -= at & -at) sum += this.#tree[at] ?? 0;
    return sum;
  }

  #grow(): void {
    const size = this.#tree.length;
    const grown = new Int32Array(size * 2);
    grown.set(this.#tree);
    // The node at `size` is the root of everything before it.
    grown[size] = this.total;
    this.#tree = grown;
  }
}
