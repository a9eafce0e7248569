import type { Job } from "../../contract/job.ts";
import { Durations } from "../../measure/durations.ts";
import type { Value } from "../../measure/values.ts";
import type { Counts, WorkspaceRow } from "../../protocol/snapshot.ts";
import { NO_COUNTS } from "../../protocol/steps.ts";
import { type Message, say } from "../../text/message.ts";
import { Causes } from "../answer/causes.ts";
import type { JobMeasures } from "../measuring/job-measures.ts";
import { UsualTimes } from "../measuring/usual-times.ts";

/** One for all rows. */
const WAITING = say("waiting for a place");

/** Everything about a step's jobs that is shown: rows, counts, causes. Updated in place, O(1) each. */
export class Board {
  readonly rows: WorkspaceRow[] = [];
  readonly causes: Causes;
  readonly usual = new UsualTimes();
  readonly counts: Counts = { ...NO_COUNTS };
  readonly #measures: JobMeasures;
  /** Begun and not yet ready, and for how long, by the clock of their calls. */
  readonly #notReady = new Map<WorkspaceRow, () => number>();
  #ready = 0;
  /** The job that failed before all others, when, and of what. */
  firstFailure: { workspace: string; what: Message; atMs: number } | undefined;
  /** Jobs that have ended by themselves. */
  #judged = 0;

  /** Takes out of a text what must not be told. */
  readonly hide: (text: string) => string;

  constructor(measures: JobMeasures, hide: (text: string) => string = (text) => text) {
    this.#measures = measures;
    this.hide = hide;
    this.causes = new Causes(hide);
  }

  /** `states`: where the step's jobs can be, besides what every job can be. */
  begin(step: string, jobs: readonly Job[], states: readonly string[] = []): void {
    for (const state of states) this.counts[state] ??= 0;
    for (const job of jobs) {
      this.rows.push({
        step,
        index: job.index,
        name: job.name,
        owner: job.owner,
        state: "waiting",
        doing: WAITING,
        prebuilt: false,
        phases: {},
        apiCalls: 0,
      });
    }
    this.counts.total += jobs.length;
    this.counts.waiting += jobs.length;
  }

  move(row: WorkspaceRow, state: string): void {
    this.counts[row.state] = (this.counts[row.state] ?? 0) - 1;
    this.counts[state] = (this.counts[state] ?? 0) + 1;
    row.state = state;
  }

  /** A job of a workload whose jobs become ready has begun; `age` answers with the milliseconds since. */
  awaitReady(row: WorkspaceRow, age: () => number): void {
    this.#notReady.set(row, age);
  }

  ready(row: WorkspaceRow, ms: number): void {
    this.#notReady.delete(row);
    this.#ready++;
    this.#measures.own("ready", ms);
  }

  /** It is over for the job: where it failed before it was ready, it never was. */
  endOfWait(row: WorkspaceRow, failed: boolean): void {
    const age = this.#notReady.get(row);
    if (!age) return;
    this.#notReady.delete(row);
    if (failed) this.#measures.never("ready", age());
  }

  /** A job has ended by itself; it was begun at that time of the run, in milliseconds. */
  judge(failed: boolean, begunAt: number): void {
    this.#judged++;
    this.#measures.ended(failed, begunAt);
  }

  /** How many have become ready. */
  get readyCount(): number {
    return this.#ready;
  }

  /** What goes on at this moment, by series: how old it is that is not ready, and how much has not ended. */
  pending(): Record<string, Value> {
    const ages = new Durations();
    for (const age of this.#notReady.values()) ages.recordUnfinished(age());
    return {
      ...(ages.count > 0 ? { ready: ages.value() } : {}),
      failures: { kind: "share", n: 0, of: this.counts.total - this.#judged },
    };
  }

  /** Prebuilt workspaces have phases of their own name: a claim is not a creation. */
  record(row: WorkspaceRow, phase: string, ms: number, timed: { agoMs: number; by: "server" | "us" }): void {
    row.phases[phase] = ms;
    const name = row.prebuilt ? `prebuilt_${phase}` : phase;
    if (timed.by === "server") this.#measures.server(name, ms);
    else this.#measures.own(name, ms, timed.agoMs);
  }
}
