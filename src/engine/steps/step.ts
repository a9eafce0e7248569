import type { CoderClient } from "../../coder/client.ts";
import type { User } from "../../coder/schemas.ts";
import type { Demand } from "../../contract/demand.ts";
import { StepOver } from "../../contract/ends.ts";
import type { Ledger } from "../../contract/job.ts";
import type { Plan } from "../../contract/plan.ts";
import type { ProductFiles } from "../../contract/prepare.ts";
import type { CheckedWorkload } from "../../contract/workload.ts";
import { now } from "../../measure/clock.ts";
import type { Threshold } from "../../measure/threshold.ts";
import { isObserved } from "../../protocol/percentile.ts";
import type { Outcome, RunHeader, Snapshot, Stage, Step, StepState } from "../../protocol/snapshot.ts";
import type { Begin, Profile } from "../../protocol/step-request.ts";
import type { Telemetry } from "../../protocol/telemetry.ts";
import type { ThresholdState } from "../../protocol/threshold.ts";
import { foreign, type Message, say } from "../../text/message.ts";
import type { Admission } from "../admission.ts";
import { summarize } from "../answer/causes.ts";
import { verdictOf } from "../answer/verdict.ts";
import type { LimitRun } from "../limit-run.ts";
import { type ApiMeter, subjectOf } from "../measuring/api-meter.ts";
import { LOOK_MS, type Measuring } from "../measuring/measuring.ts";
import type { StepMeasuring } from "../measuring/step-measuring.ts";
import type { Mistakes } from "../mistakes.ts";
import type { RunLog } from "../record/run-log.ts";
import type { Secrets } from "../secrets.ts";
import type { Standstill } from "../time.ts";
import { Board } from "./board.ts";
import type { Gate } from "./gate.ts";
import { JobRun } from "./job.ts";
import { StepLevels } from "./levels-of-step.ts";
import { Estimates } from "./pace.ts";
import { type Crew, cleanUp, JobQueue, newStage, runJobs } from "./stages.ts";

const SHOWN_CAUSES = 20;

/** A step as it is asked for. */
export interface StepInput {
  /** Of its own in the run. */
  name: string;
  /** The name of its workload. */
  workload: string;
  checked: CheckedWorkload;
  begin?: Begin | undefined;
  profile?: Profile | undefined;
}

/** What all steps of a run have in common. */
export interface RunParts {
  runId: string;
  client: CoderClient;
  journal: Ledger;
  log: RunLog;
  meter: ApiMeter;
  measuring: Measuring;
  mistakes: Mistakes;
  admission: Admission;
  secrets: Secrets;
  gate: Gate;
  still: Standstill;
  rest: Standstill;
  files: ProductFiles;
  header: RunHeader;
  telemetry: Telemetry | undefined;
  /** New work ends with it. */
  stop: AbortSignal;
  /** A search by a level of one of the steps. */
  limit: LimitRun | undefined;
  /** From now on the run is held to this, too. */
  hold(thresholds: readonly Threshold[]): void;
  warn(what: Message): void;
  /** What of a step's configuration is no secret. */
  keep(step: string, config: Readonly<Record<string, object>>): void;
}

/** Where a step stands among those of its run. */
export interface StepPlace {
  /** What the names of all that it makes begin with. */
  prefix: string;
  isOfSeveral: boolean;
}

/** One step of a run: prepared, worked through, and cleaned up after. Knows no workload by name. */
export class StepRun {
  readonly name: string;
  readonly workload: string;
  readonly begin: Begin | undefined;
  readonly board: Board;
  readonly measuring: StepMeasuring;
  /** The stages of the step, as far as they are known. */
  readonly work: Stage;
  clean: Stage | undefined;
  state: StepState = "pending";
  plan: Plan | undefined;
  jobs: JobRun[] = [];
  /** Why it was refused. */
  refusal: Message | undefined;
  readonly #checked: CheckedWorkload;
  readonly #prefix: string;
  readonly #isOfSeveral: boolean;
  readonly #run: RunParts;
  readonly #levels: StepLevels;
  /** Of a step whose level is searched. */
  readonly #limit: LimitRun | undefined;
  /** Ends the step alone. */
  readonly #over = new AbortController();
  readonly #signal: AbortSignal;
  readonly #estimates = new Estimates();
  begunAt: number | undefined;
  #holdAt: number | undefined;
  endedAt: number | undefined;

  constructor(
    { name, workload, checked, begin, profile }: StepInput,
    { prefix, isOfSeveral }: StepPlace,
    run: RunParts,
  ) {
    this.name = name;
    this.workload = workload;
    this.begin = begin;
    this.#checked = checked;
    this.#prefix = prefix;
    this.#run = run;
    this.#limit = run.limit?.isOf(name) ? run.limit : undefined;
    this.#levels = new StepLevels({
      ...{ step: name, profile, limit: this.#limit, demand: checked.demand },
      ...{ admission: run.admission, log: run.log, rest: run.rest },
    });
    this.#signal = AbortSignal.any([run.stop, this.#over.signal]);
    this.measuring = run.measuring.step(name, checked.program !== undefined);
    this.board = new Board(this.measuring.jobs, (text) => run.secrets.hide(text));
    this.#isOfSeveral = isOfSeveral;
    this.work = this.#stage("jobs", foreign(name));
  }

  /** Of several steps, each stage says which it is of. */
  #stage(id: string, label: Message, total = 0): Stage {
    return { ...newStage(id, label, total), ...(this.#isOfSeveral ? { step: this.name } : {}) };
  }

  get demand(): Demand | undefined {
    return this.#checked.demand;
  }

  get needsOwner(): Message | undefined {
    return this.#checked.needsOwner;
  }

  /** The program that it runs on this machine. */
  get program(): string | undefined {
    return this.#checked.program;
  }

  /** Whether anything of it was, or may be, made on the deployment. */
  get hasBegun(): boolean {
    return this.plan !== undefined;
  }

  /** Rejects where it should not begin, or with the reason why the run was ended. */
  async prepare(user: User): Promise<void> {
    const { measuring, admission } = this.#run;
    this.state = "preparing";
    this.begunAt = measuring.clock.ms;
    this.measuring.recorder.wake(true);
    if (this.demand) admission.claim(this.name, this.demand);
    const plan = await this.#prepared(user);
    this.#limit?.check(this.name, plan.thresholds ?? []);
    this.plan = plan;
    this.work.label = plan.jobsLabel;
    this.work.total = plan.jobs.length;
    if (plan.cleanup) this.clean = this.#stage("cleanup", plan.cleanup.label, plan.jobs.length);
  }

  #prepared(user: User): Promise<Plan> {
    const { runId, client, journal, log, measuring, admission, secrets, files, warn, keep } = this.#run;
    return this.#checked.prepare({
      client,
      user,
      runId,
      prefix: this.#prefix,
      signal: this.#signal,
      ledger: journal,
      files,
      clock: measuring.clock,
      most: this.#limit?.edges(this.name),
      measure: (batch) => this.measuring.take(batch),
      leave: (place) => this.measuring.measurements.leave(place),
      record: this.measuring.own,
      warn,
      event: (what) => log.event("info", this.#isOfSeveral ? say("{0}: {1}", this.name, what) : what),
      demand: (demand) => admission.claim(this.name, demand),
      keep: (config, hidden) => {
        secrets.add(hidden);
        keep(this.name, config);
      },
    });
  }

  /** Says what its seconds are of before it begins: somebody looks at the deployment already. */
  describe(): void {
    if (this.plan) this.#run.log.describe(this.name, this.measuring.describe(this.plan));
  }

  /** Runs its jobs to the end. Never rejects. */
  async execute(plan: Plan): Promise<void> {
    const { log, meter, gate, mistakes, measuring } = this.#run;
    this.#run.hold(this.#own(plan.thresholds ?? []));
    this.measuring.begin(plan, this.board.counts, () => this.board.pending());
    log.describe(this.name, this.measuring.measurements.description);
    this.board.begin(
      this.name,
      plan.jobs,
      plan.description.states.map(({ id }) => id),
    );
    for (const row of this.board.rows) meter.join(row);
    this.jobs = plan.jobs.map((job, index) => {
      const row = this.board.rows[index];
      if (!row) throw new Error("a job without a row");
      return new JobRun(job, row, this.board, measuring.clock);
    });
    this.state = "active";
    // Somebody may have paused it while it was being prepared.
    if (gate.paused) mistakes.ask(() => plan.pause?.(true));
    this.#estimates.begin("jobs", this.#clock(), plan.timeoutMs);
    const queue = new JobQueue(plan.concurrency);
    this.#levels.begin(plan, queue);
    this.#setFirstOfSearch();
    await runJobs(this.#crew(plan), plan, this.work, {
      signal: this.#signal,
      gate,
      queue,
      ended: () => this.#estimates.ended("jobs", this.#clock()),
    });
    this.#levels.end();
    this.#limit?.stepOver(this.#run.stop.aborted);
    // The record of the run is written before the plan is closed, and has to hold the result.
    mistakes.ask(() => plan.load?.end());
    this.measuring.endOfJobs();
    this.#end(this.work.state === "failed" ? "failed" : this.work.state === "stopped" ? "stopped" : "done");
  }

  /** Nothing of a load that begins at its most is sent before the search does. */
  #setFirstOfSearch(): void {
    const edges = this.#limit?.edges(this.name);
    if (edges) this.#run.mistakes.ask(() => this.#levels.setAll(edges.map(({ of, first }) => [of, first])));
  }

  /** Of a single step, what its thresholds are about need not be said. */
  #own(thresholds: NonNullable<Plan["thresholds"]>): NonNullable<Plan["thresholds"]> {
    return thresholds.map((threshold) => ({ ...threshold, step: threshold.step ?? this.name }));
  }

  #crew(plan: Plan): Crew {
    const { client, journal, log, still, rest } = this.#run;
    return {
      jobs: this.jobs,
      subject: (index) => subjectOf(this.name, index),
      client,
      ledger: journal,
      log,
      still,
      rest,
      becomesReady: plan.description.becomesReady === true,
    };
  }

  /** It comes to no more than this. */
  refuse(why: Message): void {
    this.refusal = why;
    this.work.state = "failed";
    this.#end("refused");
  }

  /** It does not begin, or was ended before it was prepared. */
  skip(): void {
    this.work.state = this.#run.stop.aborted && this.state === "preparing" ? "stopped" : "skipped";
    this.#end(this.work.state);
  }

  #end(state: StepState): void {
    this.state = state;
    if (this.begunAt !== undefined) this.endedAt = this.#run.measuring.clock.ms;
    this.#run.admission.release(this.name);
    if (this.plan) return;
    this.measuring.recorder.wake(false);
  }

  /** What it measures is over until it is cleaned up after. */
  rest(): void {
    this.measuring.recorder.wake(false);
  }

  /** The step that it goes along with is over: what it does ends, and has not failed by that. */
  finish(): void {
    this.#over.abort(new StepOver());
  }

  /** Its measured part has begun: the levels of its profile begin, too. Harmless to repeat. */
  hold(): void {
    this.#holdAt ??= this.#run.measuring.clock.ms;
    if (this.state !== "active") return;
    this.#beginSearch();
    this.#levels.hold();
  }

  #beginSearch(): void {
    this.#limit?.begin({
      name: this.name,
      set: (levels) => this.#levels.setAll(Object.entries(levels)),
      finish: () => this.finish(),
      metrics: this.measuring.measurements.description.metrics,
    });
  }

  /** Whether its measured part has begun: of a load, after its ramp and warm-up; of others, with its jobs. */
  get holds(): boolean {
    if (this.state !== "active") return false;
    const load = this.plan?.load;
    const at = now();
    return !load || (this.#run.mistakes.ask(() => load.measured(at - LOOK_MS, at)) ?? 0) > 0;
  }

  /** Cleans up after all jobs that were begun. Never rejects. */
  async cleanUp(signal: AbortSignal): Promise<void> {
    const { plan, clean } = this;
    if (!plan?.cleanup || !clean) return;
    this.measuring.recorder.wake(true);
    this.#estimates.begin("cleanup", this.#clock(), plan.cleanup.timeoutMs);
    await cleanUp(this.#crew(plan), plan.cleanup, clean, {
      signal,
      ended: () => this.#estimates.ended("cleanup", this.#clock()),
    });
  }

  pause(paused: boolean): Message | undefined {
    if (this.state !== "active") return undefined;
    return this.#run.mistakes.ask(() => this.plan?.pause?.(paused));
  }

  /** As StepLevels.setLevel. */
  setLevel(of: string, value: number): Message {
    return this.#levels.setLevel(of, value);
  }

  /** What of it was done, for the run's estimate of the time that is left. */
  estimate(id: "jobs" | "cleanup"): Pick<Snapshot, "remainingMs" | "waitsFor"> {
    const stage = id === "jobs" ? this.work : this.clean;
    const { plan } = this;
    if (!plan || !stage) return { remainingMs: null };
    // All at once, a load ends by the clock, which its own part has.
    const own = id === "jobs" ? this.#run.mistakes.ask(() => plan.remainingMs?.()) : undefined;
    if (own !== undefined) return { remainingMs: own };
    const isTogether = plan.concurrency === 0 || plan.concurrency >= plan.jobs.length;
    if (plan.load && id === "jobs" && isTogether) return { remainingMs: null };
    return this.#estimates.of(id, stage, this.jobs, this.#clock());
  }

  /** What it comes to by itself, held to those of the run's thresholds that are its own; what is left is the run's. */
  verdict(
    stopped: boolean,
    thresholds: readonly ThresholdState[],
  ): Pick<Outcome, "verdict" | "exitCode" | "summary"> {
    if (this.refusal !== undefined) return { verdict: "refused", exitCode: 0, summary: this.refusal };
    const limit = this.#limit?.result;
    const failed = limit ? 0 : this.board.counts.failed;
    return verdictOf({
      stopped,
      limit,
      invalid: this.invalid,
      thresholds: thresholds.filter(({ step }) => step === this.name),
      failed,
      mistake: undefined,
      orphans: null,
      unknownLeft: undefined,
      summary: this.summary,
    });
  }

  /** Why its figures must not be trusted; what a search makes of its seconds, that says itself. */
  get invalid(): Message | undefined {
    return this.#limit ? undefined : this.measuring.invalid(this.board.counts.failed);
  }

  /** "998 succeeded, 2 failed: …" */
  get summary(): Message {
    const { succeeded, failed, canceled } = this.board.counts;
    return summarize(succeeded, failed, canceled, this.board.causes.list());
  }

  snapshot(): Step {
    const { measuring, board, plan } = this;
    const ready = measuring.ready();
    const part = this.#run.mistakes.ask(() => plan?.load?.part());
    const levels = this.#levels.list();
    return {
      name: this.name,
      workload: this.workload,
      state: this.state,
      ...(this.begunAt === undefined ? {} : { begunAt: Math.round(this.begunAt) }),
      ...(this.#holdAt === undefined ? {} : { holdAt: Math.round(this.#holdAt) }),
      ...(this.endedAt === undefined ? {} : { endedAt: Math.round(this.endedAt) }),
      counts: board.counts,
      phases: measuring.phases(),
      readyCount: board.readyCount,
      ...(ready && isObserved(ready) ? { ready } : {}),
      causes: board.causes.list(SHOWN_CAUSES),
      causesOmitted: Math.max(0, board.causes.size - SHOWN_CAUSES),
      description: measuring.measurements.description,
      figures: measuring.figures,
      ...(part ? { part } : {}),
      usual: board.usual.list(),
      validity: measuring.measurements.validity,
      ...(plan?.facts ? { facts: [...plan.facts] } : {}),
      ...(levels.length > 0 ? { levels } : {}),
    };
  }

  /** What it has only borrowed. Never rejects. */
  async giveBack(): Promise<void> {
    await this.plan?.giveBack?.();
  }

  /** Ends what it holds open. Never rejects. */
  async close(): Promise<void> {
    // Of a run that has not come to its clean-up.
    await this.giveBack();
    await this.plan?.close().catch(() => undefined);
  }

  /** Stands still with the run. */
  #clock(): number {
    return performance.now() - this.#run.rest.ms;
  }
}
