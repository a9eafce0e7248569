import { CoderClient } from "../coder/client.ts";
import { describeRun } from "../contract/describe.ts";
import { SessionLost, Stopped } from "../contract/ends.ts";
import type { Plan } from "../contract/plan.ts";
import type { PrepareContext, ProductFiles } from "../contract/prepare.ts";
import type { CheckedWorkload } from "../contract/workload.ts";
import { EXIT } from "../protocol/exit-codes.ts";
import type { Guard } from "../protocol/guard.ts";
import { totalLeft } from "../protocol/left.ts";
import type { BuildLog } from "../protocol/messages.ts";
import type { Outcome, RunHeader, RunState, Snapshot } from "../protocol/snapshot.ts";
import type { Target } from "../protocol/target.ts";
import { KEPT_SAMPLES, thinSamples } from "../protocol/thin.ts";
import { writeFinal } from "../runs/final.ts";
import { Journal } from "../runs/journal.ts";
import { leftOf } from "../runs/left.ts";
import { type Message, say, sayAll, withTexts } from "../text/message.ts";
import { SaidError, saidOf } from "../text/said-error.ts";
import { ApiMeter } from "./api-meter.ts";
import { Board } from "./board.ts";
import { fetchBuildLog } from "./build-log.ts";
import { summarize } from "./causes.ts";
import { Exposition } from "./exposition.ts";
import { Gate } from "./gate.ts";
import { JobRun } from "./job.ts";
import { LOOK_MS, Measuring } from "./measuring.ts";
import { Mistakes } from "./mistakes.ts";
import { Estimates } from "./pace.ts";
import { leavingOf, leftOver } from "./remains.ts";
import { runResult } from "./result.ts";
import { RunLog } from "./run-log.ts";
import { Secrets } from "./secrets.ts";
import { SignIn } from "./sign-in.ts";
import { snapshotOf } from "./snapshot.ts";
import { cleanUp, runJobs } from "./stages.ts";
import { Standstill } from "./time.ts";
import { checkCommand, levelOf, sayLost, sayStandstill, verdictOf } from "./verdict.ts";

const PAUSED = say("paused: nothing new is begun; what is under way goes on");

export interface RunInput {
  header: RunHeader;
  folder: string;
  checked: CheckedWorkload;
  target: Target;
  files: ProductFiles;
  guard: Guard;
  /** How long it waits for a sign-in where its session has expired. */
  signInLimitMs: number;
  /** What of the configuration that may be secret is none, to be kept with the run. */
  onKept?: (config: Readonly<Record<string, object>>) => void;
  /** Told when the deployment is known (its version, the user), to be kept with the run. */
  onDeployment?: (deployment: RunHeader["deployment"]) => void;
}

/** One run, from preparation to the proof that nothing is left. Knows no workload by name. */
export class Run {
  readonly header: RunHeader;
  readonly secrets = new Secrets();
  readonly board: Board;
  readonly log: RunLog;
  #input: RunInput;
  #journal: Journal;
  #client: CoderClient;
  #meter: ApiMeter;
  #measuring: Measuring;
  #state: RunState = "starting";
  #elapsedMs: number | undefined;
  #gate = new Gate();
  /** While the session is expired. */
  readonly still = new Standstill();
  /** While the session is expired or somebody has paused the run: that counts for no time limit of the whole run. */
  readonly rest = new Standstill();
  #signIn: SignIn;
  /** Why the run ended, where its session was lost. */
  #lost: Message | undefined;
  #stop = new AbortController();
  #cleanupStop = new AbortController();
  #keep = false;
  #exposition: Exposition | undefined;
  #jobs: JobRun[] = [];
  #plan: Plan | undefined;
  #outcome: Outcome | null = null;
  #warnings: Message[] = [];
  #mistakes = new Mistakes((what) => this.log.event("error", what));
  #estimates = new Estimates();

  /** A threshold that ends the run was broken. */
  #aborted = false;

  private constructor(input: RunInput, journal: Journal, log: (clock: Measuring["clock"]) => RunLog) {
    this.#input = input;
    this.header = input.header;
    this.#journal = journal;
    this.#client = new CoderClient(input.target);
    const rows: Board["rows"] = [];
    this.#meter = new ApiMeter(rows);
    this.#measuring = new Measuring({
      step: input.header.workload,
      meter: this.#meter,
      mistakes: this.#mistakes,
      second: (second, sample) => {
        this.log.second(second, sample);
        this.#exposition?.second(second);
        this.#watchThresholds();
      },
      event: (level, what) => this.log.event(level, what),
    });
    const hide = (text: string) => this.secrets.hide(text);
    this.board = new Board(this.#measuring.jobs, { rows, hide });
    this.log = log(this.#measuring.clock);
    this.log.hide = hide;
    this.#client.transport.meter = this.#meter;
    this.#signIn = this.#newSignIn();
    journal.onWriteError = (error) =>
      this.#warn(say("the run's journal cannot be written ({0}); nothing more is created", saidOf(error)));
    this.log.onWriteError = (error) =>
      this.#warn(say("the run's folder cannot be written ({0}); its record is incomplete", saidOf(error)));
  }

  static async open(input: RunInput): Promise<Run> {
    const journal = await Journal.open(input.folder);
    const files = await RunLog.files(input.folder);
    return new Run(input, journal, (clock) => new RunLog(input.folder, clock, files));
  }

  /** New work ends at once. With `keep`, what exists is left as it is, also where clean-up has begun. */
  stop(keep: boolean): void {
    if (this.#state === "finished") return;
    this.#keep ||= keep;
    this.log.event("warning", this.#stopText(keep));
    if (this.#state === "starting" || this.#state === "running") this.#state = "stopping";
    this.#stop.abort(new Stopped());
    if (this.#keep) this.#cleanupStop.abort(new Stopped());
  }

  #stopText(keep: boolean): Message {
    if (keep) return say("stop asked for; what exists is kept");
    return this.#signIn.expired ? say("stop asked for; clean-up waits for a sign-in") : say("stop asked for");
  }

  #newSignIn(): SignIn {
    return new SignIn({
      runId: this.header.id,
      client: this.#client,
      still: this.still,
      limitMs: this.#input.signInLimitMs,
      event: (level, what) => this.log.event(level, what),
      stand: (isStill) => {
        if (isStill) this.#gate.close("session");
        else this.#gate.open("session");
        if (isStill) this.rest.begin();
        else this.rest.end();
      },
      lost: (sentence) => {
        this.#lost = sentence;
        if (this.#state === "starting" || this.#state === "running") this.#state = "stopping";
        this.#stop.abort(new SessionLost(sentence));
      },
    });
  }

  /** Goes on with another token of its deployment. Resolves with one sentence, and rejects with one. */
  renew(token: string): Promise<Message> {
    return this.#state === "finished"
      ? Promise.reject(new SaidError(say("the run has ended")))
      : this.#signIn.renew(token);
  }

  /** Answers with one sentence that says what it does. */
  pause(paused: boolean): Message {
    if (this.#state === "finished") return say("the run has ended");
    if (paused === this.#gate.paused) return paused ? say("it is paused already") : say("it is not paused");
    this.#measuring.recorder.pause(paused);
    if (paused) {
      this.#gate.close("paused");
      this.rest.begin();
    } else {
      this.#gate.open("paused");
      this.rest.end();
    }
    const sentence =
      this.#mistakes.ask(() => this.#plan?.pause?.(paused)) ?? (paused ? PAUSED : say("resumed"));
    this.log.event("info", sentence);
    return sentence;
  }

  /** Runs to the end; never rejects. */
  async execute(): Promise<Outcome> {
    const ticker = setInterval(() => this.#measuring.tick(), LOOK_MS);
    try {
      this.#outcome = await this.#execute();
    } catch (error) {
      const problem = say("internal error: {0}", saidOf(error));
      this.log.event("error", problem);
      this.#outcome = this.#outcomeOf(EXIT.someFailed, "failed", problem, null);
    } finally {
      clearInterval(ticker);
      this.#signIn.end();
    }
    this.#elapsedMs = this.#measuring.clock.ms;
    this.board.settle();
    this.#measuring.end();
    this.#measuring.recorder.stop();
    this.log.event(levelOf(this.#outcome.verdict), this.#outcome.summary);
    // Whoever is told that it is finished, or finds its result, reads all of its record at once.
    await this.#writeFinal().catch((error: Error) => this.log.onWriteError(error));
    await this.#writeResult(this.#outcome);
    this.#state = "finished";
    await this.#plan?.close().catch(() => undefined);
    await this.#endExposition();
    await this.#client.close().catch(() => undefined);
    await this.#journal.close().catch(() => undefined);
    await this.log.close().catch(() => undefined);
    return this.#outcome;
  }

  /** As the run is shown once its runner is gone. */
  #writeFinal(): Promise<void> {
    const { rows } = this.board;
    const { description } = this.#measuring.measurements;
    const samples = thinSamples(this.log.samples, description, KEPT_SAMPLES);
    return writeFinal(this.#input.folder, { snapshot: this.#shown("finished"), rows, samples });
  }

  async #execute(): Promise<Outcome> {
    const check = this.board.addStage("check", say("Check"));
    check.state = "active";
    try {
      this.#plan = await this.#prepare();
      // From here on a deployment may be slow: that is what is measured.
      this.#client.transport.patienceMs = Number.POSITIVE_INFINITY;
      check.state = "done";
    } catch (error) {
      check.state = this.#stop.signal.aborted ? "stopped" : "failed";
      return this.#notBegun(error);
    }
    const plan = this.#plan;
    const work = this.board.addStage("jobs", plan.jobsLabel, plan.jobs.length);
    const clean = plan.cleanup
      ? this.board.addStage("cleanup", plan.cleanup.label, plan.jobs.length)
      : undefined;
    await this.#expose(plan);
    this.#measuring.begin(plan, this.board.counts, () => this.board.pending());
    this.log.describe(this.#measuring.measurements.description);
    this.board.begin(
      plan.jobs,
      plan.description.states.map(({ id }) => id),
    );
    this.#jobs = plan.jobs.map((job, index) => {
      const row = this.board.rows[index];
      if (!row) throw new Error("a job without a row");
      return new JobRun(job, row, this.board, this.#measuring.clock);
    });
    if (!this.#stop.signal.aborted) this.#state = "running";
    // Somebody may have paused it while it was being prepared.
    if (this.#gate.paused) this.#mistakes.ask(() => plan.pause?.(true));
    const { still, rest, log } = this;
    const becomesReady = plan.description.becomesReady === true;
    const crew = {
      jobs: this.#jobs,
      client: this.#client,
      ledger: this.#journal,
      log,
      still,
      rest,
      becomesReady,
    };
    this.#estimates.begin("jobs", this.#clock(), plan.timeoutMs);
    await runJobs(crew, plan, work, {
      signal: this.#stop.signal,
      gate: this.#gate,
      ended: () => this.#estimates.ended("jobs", this.#clock()),
    });
    // The record of the run is written before the plan is closed, and has to hold the result.
    this.#mistakes.ask(() => plan.load?.end());
    this.#measuring.endOfJobs();
    if (clean && plan.cleanup && !this.#keep) {
      this.#state = "cleaning";
      this.#estimates.begin("cleanup", this.#clock(), plan.cleanup.timeoutMs);
      await cleanUp(crew, plan.cleanup, clean, {
        signal: this.#cleanupStop.signal,
        ended: () => this.#estimates.ended("cleanup", this.#clock()),
      });
    } else if (clean) clean.state = "skipped";
    return this.#conclude(plan);
  }

  /** Rejects where its address cannot be used. */
  async #expose(plan: Plan): Promise<void> {
    if (!plan.exposition) return;
    const { address, own } = plan.exposition;
    const { metrics } = describeRun(plan.description);
    this.#exposition = new Exposition(metrics, own);
    const port = await this.#exposition.listen(address);
    this.log.event("info", say("metrics for Prometheus at port {0}", String(port)));
  }

  /** Whoever scrapes comes once more after the end. */
  async #endExposition(): Promise<void> {
    const waitMs = this.#plan?.exposition?.waitMs ?? 0;
    if (this.#exposition && !this.#stop.signal.aborted)
      await new Promise((resolve) => setTimeout(resolve, waitMs));
    this.#exposition?.close();
  }

  #prepare(): Promise<Plan> {
    const context: PrepareContext = {
      client: this.#client,
      runId: this.header.id,
      signal: this.#stop.signal,
      ledger: this.#journal,
      files: this.#input.files,
      guard: this.#input.guard,
      clock: this.#measuring.clock,
      measure: (batch) => this.#measuring.measurements.take(batch),
      leave: (place) => this.#measuring.measurements.leave(place),
      record: this.#measuring.recorder,
      warn: (what) => this.#warn(what),
      signedIn: (signedIn) => this.#signIn.begin(signedIn),
      event: (what) => this.log.event("info", what),
      keep: (config, secrets) => {
        this.secrets.add(secrets);
        this.#input.onKept?.(config);
      },
      deployment: (deployment) => {
        this.header.deployment = deployment;
        this.#input.onDeployment?.(deployment);
      },
    };
    return this.#input.checked.prepare(context);
  }

  #notBegun(error: unknown): Outcome {
    if (this.#lost) {
      const summary = sayAll([this.#lost, say("nothing was made")], "; ");
      return this.#outcomeOf(EXIT.interrupted, "interrupted", summary, 0);
    }
    if (error instanceof Stopped || this.#stop.signal.aborted) {
      return this.#outcomeOf(EXIT.interrupted, "interrupted", say("stopped before anything was made"), 0);
    }
    const refused = this.#outcomeOf(EXIT.refused, "refused", saidOf(error), 0);
    return { ...refused, refusal: refused.summary };
  }

  async #conclude(plan: Plan): Promise<Outcome> {
    const { failed, canceled, succeeded } = this.board.counts;
    const { state } = this.#journal;
    const leaving = await leavingOf(plan, state, {
      keep: this.#keep,
      isLost: this.#lost !== undefined,
      signal: this.#cleanupStop.signal,
      still: this.still,
      warn: (what) => this.#warn(what),
    });
    const { kept, remains } = leaving;
    const orphans = remains ? totalLeft(remains.left) : null;
    if (this.still.ms > 0) this.#warn(sayStandstill(this.still.ms));
    for (const remark of this.#mistakes.ask(() => plan.remarks?.()) ?? []) this.#warn(remark);
    // What is asked for from here on is of all that was measured.
    this.#measuring.end();
    const verdict = verdictOf({
      stopped: this.#stop.signal.aborted && !this.#aborted,
      invalid: this.#measuring.invalid(failed),
      thresholds: this.#measuring.thresholds(true),
      failed,
      mistake: this.#mistakes.first,
      // Without a session nobody can be asked.
      orphans: this.#lost ? null : orphans,
      unknownLeft: leaving.isUnknown ? checkCommand(this.header.id) : undefined,
      ...(remains ? { left: remains.left } : {}),
      summary: summarize(succeeded, failed, canceled, this.board.causes.list()),
    });
    const summary = this.#lost
      ? sayLost(this.#lost, verdict.summary, { runId: this.header.id, left: leftOf(state) })
      : verdict.summary;
    const told = leftOver(leaving, {
      removed: state.removed,
      destroyFailed: this.#jobs.filter((one) => one.destroyFailed).length,
      next: plan.next ?? `coder-scaletest runs clean ${this.header.id}`,
    });
    return { ...verdict, summary, succeeded, failed, orphans, kept, ...told };
  }

  /** A threshold that says so ends the run as soon as it is broken. */
  #watchThresholds(): void {
    if (this.#aborted || this.#state !== "running") return;
    const broken = this.#measuring
      .held(false)
      .find(({ threshold, result }) => threshold.abort && result.state === "broken");
    if (!broken) return;
    this.#aborted = true;
    this.log.event("error", say("threshold broken: {0}; the run ends by it", broken.threshold.expression));
    this.#state = "stopping";
    this.#stop.abort(new Stopped());
  }

  /** Of a run that came to no verdict of its own. */
  #outcomeOf(exitCode: number, verdict: Outcome["verdict"], said: Message, orphans: number | null): Outcome {
    const { succeeded, failed } = this.board.counts;
    const summary = withTexts(said, (text) => this.secrets.hide(text));
    return { verdict, summary, succeeded, failed, orphans, kept: 0, exitCode };
  }

  async #writeResult(outcome: Outcome): Promise<void> {
    const plan = this.#plan;
    const { measurements } = this.#measuring;
    const { failed } = this.board.counts;
    await this.log.result(
      runResult({
        runId: this.header.id,
        testName: plan?.testName ?? this.header.workload,
        elapsedMs: this.#elapsedMs ?? this.#measuring.clock.ms,
        standstillMs: this.still.ms,
        outcome,
        phases: this.#measuring.phases(),
        ready: this.#measuring.ready(),
        thresholds: this.#measuring.thresholds(true),
        causes: this.board.causes.list(),
        api: this.#meter.summary(),
        warnings: this.#warnings,
        validity: measurements.validity,
        metrics: measurements.everything(),
        sections: this.#mistakes.ask(() => plan?.sections?.(this.#measuring.part(failed))) ?? {},
        jobs: this.#jobs,
      }),
      outcome,
    );
  }

  #warn(what: Message): void {
    this.#warnings.push(withTexts(what, (text) => this.secrets.hide(text)));
    this.log.event("warning", what);
  }

  /** Rejects with one sentence where the deployment has none, or the run has ended. */
  buildLog(index: number): Promise<BuildLog> {
    if (this.#state === "finished")
      return Promise.reject(
        new SaidError(say("the run has ended, and its sign-in with it; the deployment has the log")),
      );
    if (this.#signIn.expired)
      return Promise.reject(new SaidError(say("the session has expired; sign in again first")));
    return fetchBuildLog(this.#client, this.board.rows[index]).then(({ head, text }) => ({
      head: withTexts(head, (one) => this.secrets.hide(one)),
      text: this.secrets.hide(text),
    }));
  }

  snapshot(): Snapshot {
    return this.#shown(this.#state);
  }

  #shown(state: RunState): Snapshot {
    return snapshotOf({
      header: this.header,
      state,
      plan: this.#plan,
      board: this.board,
      jobs: this.#jobs,
      journal: this.#journal.state,
      measuring: this.#measuring,
      meter: this.#meter,
      mistakes: this.#mistakes,
      log: this.log,
      signIn: this.#signIn,
      still: this.still,
      rest: this.rest,
      estimates: this.#estimates,
      paused: this.#gate.paused,
      warnings: this.#warnings,
      elapsedMs: this.#elapsedMs ?? this.#measuring.clock.ms,
      outcome: this.#outcome,
    });
  }

  /** Stands still with the run. */
  #clock(): number {
    return performance.now() - this.rest.ms;
  }
}
