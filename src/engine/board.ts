import type { Job } from "../contract/job.ts";
import type { PhaseLabel } from "../contract/plan.ts";
import { DurationHistogram, type Percentiles } from "../metrics/histogram.ts";
import type { Counts, Phase, Stage, WorkspaceRow } from "../protocol/snapshot.ts";
import { Causes } from "./causes.ts";

export type JobState = WorkspaceRow["state"];

const NO_COUNTS: Counts = {
  total: 0,
  waiting: 0,
  creating: 0,
  queued: 0,
  building: 0,
  starting: 0,
  active: 0,
  succeeded: 0,
  failed: 0,
  canceled: 0,
};

/** Everything about a run's jobs that is shown: rows, counts, phases, causes. Updated in place, O(1) each. */
export class Board {
  readonly rows: WorkspaceRow[] = [];
  readonly causes: Causes;
  readonly stages: Stage[] = [];
  readonly counts: Counts = { ...NO_COUNTS };
  /** From a workspace's begin until it could be used. */
  readonly #ready = new DurationHistogram();
  /** Begun and not yet ready, and when they began by the clock of their calls. */
  readonly #notReady = new Map<WorkspaceRow, () => number>();
  /** Failed before they were ready. */
  #neverReady = { never: 0, waitedMs: 0 };
  #labels: readonly PhaseLabel[] = [];
  #total = new Map<string, DurationHistogram>();
  /** Of the second that is going on. */
  #recent = new Map<string, DurationHistogram>();

  /** Takes out of a text what must not be told. */
  readonly hide: (text: string) => string;

  constructor(hide: (text: string) => string = (text) => text) {
    this.hide = hide;
    this.causes = new Causes(hide);
  }

  begin(jobs: readonly Job[], phases: readonly PhaseLabel[]): void {
    this.#labels = phases;
    for (const job of jobs) {
      this.rows.push({
        index: job.index,
        name: job.name,
        owner: job.owner,
        state: "waiting",
        doing: "waiting for a place",
        prebuilt: false,
        phases: {},
        apiCalls: 0,
      });
    }
    this.counts.total += jobs.length;
    this.counts.waiting += jobs.length;
  }

  move(row: WorkspaceRow, state: JobState): void {
    this.counts[row.state]--;
    this.counts[state]++;
    row.state = state;
  }

  /** A job of a workload whose jobs become ready has begun; `age` answers with the milliseconds since. */
  awaitReady(row: WorkspaceRow, age: () => number): void {
    this.#notReady.set(row, age);
  }

  ready(row: WorkspaceRow, ms: number): void {
    this.#notReady.delete(row);
    this.#ready.record(ms);
  }

  /** It is over for the job: where it failed before it was ready, it never was. */
  endOfWait(row: WorkspaceRow, failed: boolean): void {
    const age = this.#notReady.get(row);
    if (!age) return;
    this.#notReady.delete(row);
    if (!failed) return;
    this.#neverReady.never++;
    this.#neverReady.waitedMs = Math.max(this.#neverReady.waitedMs, age());
  }

  /** How many have become ready. */
  get readyCount(): number {
    return this.#ready.count;
  }

  /** Milliseconds, over all that began and were not stopped. */
  readyPercentiles(): Percentiles {
    const ages = [...this.#notReady.values()].map((age) => age());
    return this.#ready.percentilesWith({ ...this.#neverReady, ages });
  }

  /** Prebuilt workspaces have phases of their own name: a claim is not a creation. */
  record(row: WorkspaceRow, phase: string, ms: number): void {
    row.phases[phase] = ms;
    const name = row.prebuilt ? `prebuilt_${phase}` : phase;
    histogramOf(this.#total, name).record(ms);
    histogramOf(this.#recent, name).record(ms);
  }

  phases(): Phase[] {
    const labels = this.#labels.flatMap(({ name, label }) => [
      { name, label },
      { name: `prebuilt_${name}`, label: `${label} (prebuilt)` },
    ]);
    return labels.flatMap(({ name, label }) => {
      const histogram = this.#total.get(name);
      return histogram ? [{ name, label, ...histogram.percentiles() }] : [];
    });
  }

  /** The last second's durations, encoded; they are forgotten with that. */
  takeRecent(): Record<string, string> | undefined {
    if (this.#recent.size === 0) return undefined;
    const encoded = Object.fromEntries(
      [...this.#recent].map(([name, histogram]) => [name, histogram.encode()]),
    );
    this.#recent.clear();
    return encoded;
  }

  /** The run is over, however it came to its end: no stage goes on, or is still to come. */
  settle(): void {
    for (const stage of this.stages) {
      if (stage.state === "active") stage.state = "failed";
      if (stage.state === "pending") stage.state = "skipped";
    }
  }

  addStage(id: string, label: string, total = 0): Stage {
    const stage: Stage = { id, label, state: "pending", done: 0, total };
    this.stages.push(stage);
    return stage;
  }
}

function histogramOf(map: Map<string, DurationHistogram>, name: string): DurationHistogram {
  let histogram = map.get(name);
  if (!histogram) {
    histogram = new DurationHistogram();
    map.set(name, histogram);
  }
  return histogram;
}
