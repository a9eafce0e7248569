import { CoderClient } from "../coder/client.ts";
import type { User } from "../coder/schemas.ts";
import { signIn } from "../coder/sign-in.ts";
import { SessionLost, Stopped } from "../contract/ends.ts";
import type { Threshold } from "../measure/threshold.ts";
import { EXIT } from "../protocol/exit-codes.ts";
import { keyFigureOf } from "../protocol/key-figure.ts";
import type { BuildLog } from "../protocol/messages.ts";
import type { RunResult } from "../protocol/result.ts";
import type { Outcome, RunHeader, RunState, Snapshot, WorkspaceRow } from "../protocol/snapshot.ts";
import { viewOf } from "../protocol/steps.ts";
import { writeFinal, writeLast } from "../runs/final.ts";
import { Journal } from "../runs/journal.ts";
import { english, type Message, say, sayAll, withTexts } from "../text/message.ts";
import { SaidError, saidOf } from "../text/said-error.ts";
import { Admission, refusePrograms } from "./admission.ts";
import { BreaksFirst } from "./answer/breaks-first.ts";
import { besideAnswer, levelOf } from "./answer/verdict.ts";
import { BaselineWatch } from "./baseline.ts";
import { conclude, total } from "./conclusion.ts";
import { LimitRun } from "./limit-run.ts";
import { ApiMeter } from "./measuring/api-meter.ts";
import { LOOK_MS, Measuring } from "./measuring/measuring.ts";
import { ServerFigures, sourcesOf } from "./measuring/server-figures.ts";
import { Mistakes } from "./mistakes.ts";
import { fetchBuildLog } from "./record/build-log.ts";
import { runResult, UNKNOWN_OUTCOME } from "./record/result.ts";
import { RunLog } from "./record/run-log.ts";
import { snapshotOf } from "./record/snapshot.ts";
import type { RunInput } from "./run-input.ts";
import { Secrets, secretsOf, secretsOfSource } from "./secrets.ts";
import { SignIn } from "./sign-in.ts";
import { Gate } from "./steps/gate.ts";
import { Scenario } from "./steps/scenario.ts";
import type { RunParts, StepRun } from "./steps/step.ts";
import { Standstill } from "./time.ts";

/** How often the run keeps how it looks, so that a runner that is killed takes nothing along. */
const LAST_MS = 15_000;
/** And so long after a step has begun. */
const KEEP_AFTER_MS = 2_000;
const PAUSED = say("paused: nothing new is started; what is running goes on");

/** One run, from preparation to the proof that nothing is left. Knows no workload by name. */
export class Run {
  readonly header: RunHeader;
  readonly secrets = new Secrets();
  readonly log: RunLog;
  #input: RunInput;
  #journal: Journal;
  #client: CoderClient;
  #meter = new ApiMeter();
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
  #admission: Admission;
  #scenario: Scenario;
  readonly #breaksFirst = new BreaksFirst(() => ({
    ...{ measuring: this.#measuring, steps: this.steps, errors: this.#server?.errors },
    ...{ limit: this.#limit?.result, baseline: this.#baseline?.baseline },
  }));
  #server: ServerFigures | undefined;
  #outcome: Outcome | null = null;
  #warnings: Message[] = [];
  #keeping: Promise<void> = Promise.resolve();
  #keepSoon: ReturnType<typeof setTimeout> | undefined;
  #baseline: BaselineWatch | undefined;
  readonly #limit: LimitRun | undefined;
  #mistakes = new Mistakes((what) => this.log.event("error", what));
  /** A threshold that ends the run was broken. */
  #aborted = false;

  private constructor(input: RunInput, journal: Journal, log: (clock: Measuring["clock"]) => RunLog) {
    this.#input = input;
    this.header = input.header;
    this.#journal = journal;
    this.#client = new CoderClient(input.target);
    this.secrets.add(secretsOf(input.target));
    this.#admission = new Admission(input.guard);
    this.#measuring = new Measuring({
      meter: this.#meter,
      mistakes: this.#mistakes,
      second: (second, samples) => {
        this.log.second(second, samples);
        this.#baseline?.second(second);
        this.#scenario.second(second);
        this.#watchThresholds();
        this.#limit?.second(second);
      },
      event: (level, what) => this.log.event(level, what),
      server: input.serverMetrics && sourcesOf(input.serverMetrics),
      level: () => this.#limit?.place,
    });
    this.log = log(this.#measuring.clock);
    this.log.hide = (text) => this.secrets.hide(text);
    this.#client.transport.meter = this.#meter;
    this.#meter.underWayMs = () => this.#client.transport.pacer.waitingMs;
    this.#signIn = this.#newSignIn();
    this.#limit =
      input.limit &&
      new LimitRun(input.limit, {
        second: () => this.#measuring.clock.second,
        event: (level, what) => this.log.event(level, what),
        changed: () => this.#keepLast(),
      });
    this.#scenario = new Scenario(input.steps, this.#parts());
    if (input.serverMetrics) {
      this.secrets.add(input.serverMetrics.sources.flatMap(secretsOfSource));
      this.#server = new ServerFigures(input.serverMetrics, this.#parts());
    }
    this.#hold(input.thresholds ?? []);
    this.#baseline = input.baseline && new BaselineWatch(input.baseline);
    journal.onWriteError = (error) =>
      this.#warn(say("the run's journal cannot be written ({0}); nothing more is created", saidOf(error)));
    this.log.onWriteError = (error) =>
      this.#warn(say("the run's folder cannot be written ({0}); its record is incomplete", saidOf(error)));
  }

  /** Rejects where the folder cannot be written, or with one sentence where its steps cannot all have their turn. */
  static async open(input: RunInput): Promise<Run> {
    const journal = await Journal.open(input.folder);
    const files = await RunLog.files(input.folder);
    return new Run(input, journal, (clock) => new RunLog(input.folder, clock, files));
  }

  /** What a run is held to that searches for a limit, that is to break. */
  #hold(thresholds: readonly Threshold[]): void {
    if (this.#limit) this.#limit.hold(thresholds);
    else this.#measuring.hold(thresholds);
  }

  #parts(): RunParts {
    return {
      runId: this.header.id,
      client: this.#client,
      journal: this.#journal,
      log: this.log,
      meter: this.#meter,
      measuring: this.#measuring,
      mistakes: this.#mistakes,
      admission: this.#admission,
      secrets: this.secrets,
      gate: this.#gate,
      still: this.still,
      rest: this.rest,
      files: this.#input.files,
      telemetry: this.#input.telemetry,
      header: this.header,
      stop: this.#stop.signal,
      limit: this.#limit,
      hold: (thresholds) => this.#hold(thresholds),
      warn: (what) => this.#warn(what),
      keep: (step, config) => this.#input.onKept?.(step, config),
    };
  }

  get steps(): readonly StepRun[] {
    return this.#scenario.steps;
  }

  /** Rows of all steps. */
  get rows(): WorkspaceRow[] {
    return this.#scenario.rows;
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
    if (keep) return say("stop requested; users and workspaces are kept");
    return this.#signIn.expired ? say("stop requested; clean-up waits for a sign-in") : say("stop requested");
  }

  #newSignIn(): SignIn {
    return new SignIn({
      runId: this.header.id,
      client: this.#client,
      still: this.still,
      limitMs: this.#input.signInLimitMs,
      event: (level, what) => this.log.event(level, what),
      stand: (isStill) => {
        this.#gate[isStill ? "close" : "open"]("session");
        this.rest[isStill ? "begin" : "end"]();
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
    if (this.#state === "finished") return Promise.reject(new SaidError(say("the run has ended")));
    this.secrets.add([token]);
    return this.#signIn.renew(token);
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
    const [own] = this.#scenario.pause(paused);
    const sentence = own ?? (paused ? PAUSED : say("resumed"));
    this.log.event("info", sentence);
    return sentence;
  }

  /** Changes how much a step does from now on: see StepRun.setLevel. */
  setLevel(step: string, of: string, value: number): Message {
    return this.#scenario.step(step).setLevel(of, value);
  }

  /** Runs to the end; never rejects. */
  async execute(): Promise<Outcome> {
    const ticker = setInterval(() => this.#tick(), LOOK_MS);
    const keeper = setInterval(() => this.#keepLast(), LAST_MS);
    try {
      this.#outcome = await this.#execute();
    } catch (error) {
      const problem = say("internal error: {0}", saidOf(error));
      this.log.event("error", problem);
      this.#outcome = this.#outcomeOf(EXIT.someFailed, "failed", problem, null);
    } finally {
      clearInterval(ticker);
      clearInterval(keeper);
      clearTimeout(this.#keepSoon);
      await this.#server?.end();
      this.#signIn.end();
    }
    this.#elapsedMs = this.#measuring.clock.ms;
    this.#scenario.settle();
    this.#measuring.end();
    this.#measuring.recorder.stop();
    this.#outcome = besideAnswer(this.#outcome, this.#breaksFirst.told("finished", this.#outcome).answer);
    this.log.event(levelOf(this.#outcome), this.#outcome.summary);
    // Whoever is told that it is finished, or finds its result, reads all of its record at once.
    await this.#writeFinal().catch((error: Error) => this.log.onWriteError(error));
    const key = keyFigureOf(viewOf(this.#shown("finished")));
    await this.log.result(this.#result(this.#outcome), this.#outcome, key);
    this.#state = "finished";
    await this.#scenario.close();
    await this.#scenario.endOutside();
    await this.#client.close().catch(() => undefined);
    await this.#journal.close().catch(() => undefined);
    await this.log.close().catch(() => undefined);
    return this.#outcome;
  }

  #tick(): void {
    this.#measuring.tick();
    this.#scenario.tick();
  }

  /** Says nothing where it cannot write: the other files say that. */
  #keepLast(): void {
    this.#keeping = this.#keeping
      .then(() => writeLast(this.#input.folder, { snapshot: this.#shown(this.#state), rows: this.rows }))
      .catch(() => undefined);
  }

  /** As the run is shown once its runner is gone. */
  async #writeFinal(): Promise<void> {
    await this.#keeping;
    const samples = this.log.thinned();
    return writeFinal(this.#input.folder, { snapshot: this.#shown("finished"), rows: this.rows, samples });
  }

  async #execute(): Promise<Outcome> {
    const { check } = this.#scenario;
    check.state = "active";
    let user: User;
    try {
      user = await this.#admit();
      await this.#scenario.prepare(user);
      // From here on a deployment may be slow: that is what is measured.
      this.#client.transport.patienceMs = Number.POSITIVE_INFINITY;
      check.state = "done";
    } catch (error) {
      check.state = this.#stop.signal.aborted ? "stopped" : "failed";
      return this.#notBegun(error);
    }
    await this.#server?.before(user, this.steps);
    await this.#scenario.run(user, () => {
      if (!this.#stop.signal.aborted) this.#state = "running";
      // By then, the seconds of the step before it are closed.
      clearTimeout(this.#keepSoon);
      this.#keepSoon = setTimeout(() => this.#keepLast(), KEEP_AFTER_MS);
    });
    await this.#server?.after();
    if (this.#keep) this.#scenario.skipCleanUp();
    else {
      if (this.steps.some(({ clean }) => clean)) this.#state = "cleaning";
      await this.#scenario.cleanUp(this.#cleanupStop.signal);
    }
    await this.#scenario.giveBack();
    await this.#server?.end();
    return this.#conclude();
  }

  /** Signs in, and holds what all steps want against guard and ceilings. Rejects where the run should not begin. */
  async #admit(): Promise<User> {
    const { needsOwner, demands, programs } = this.#scenario;
    refusePrograms(programs, this.#input.allowRun === true);
    await this.#baseline?.load();
    const client = this.#client;
    const user = await (this.#input.signIn ?? signIn)(
      {
        client,
        signal: this.#stop.signal,
        warn: (what) => this.#warn(what),
        deployment: (deployment) => {
          this.header.deployment = deployment;
          this.#input.onDeployment?.(deployment);
        },
      },
      needsOwner,
    );
    this.#signIn.begin({ user, needsOwner });
    this.#admission.foresee(demands, client.transport.url, client.transport.sandbox);
    return user;
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

  #conclude(): Promise<Outcome> {
    return conclude({
      runId: this.header.id,
      steps: this.steps,
      measuring: this.#measuring,
      journal: this.#journal.state,
      mistakes: this.#mistakes,
      still: this.still,
      stopped: this.#stop.signal.aborted && !this.#aborted,
      aborted: this.#aborted,
      compare: () => this.#baseline?.judge(this.#result(UNKNOWN_OUTCOME)),
      limit: this.#limit?.result,
      keep: this.#keep,
      lost: this.#lost,
      signal: this.#cleanupStop.signal,
      warn: (what) => this.#warn(what),
    });
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
    const [succeeded, failed] = [total(this.steps, "succeeded"), total(this.steps, "failed")];
    const summary = withTexts(said, (text) => this.secrets.hide(text));
    return { verdict, summary, succeeded, failed, orphans, kept: 0, exitCode };
  }

  #result(outcome: Outcome): RunResult {
    return runResult({
      runId: this.header.id,
      elapsedMs: this.#elapsedMs ?? this.#measuring.clock.ms,
      standstillMs: this.still.ms,
      outcome,
      thresholds: this.#measuring.thresholds(true),
      ...this.#breaksFirst.told("finished", outcome),
      test: this.#input.test?.(),
      api: this.#meter.summary(),
      warnings: this.#warnings,
      steps: this.steps,
      stopped: this.#stop.signal.aborted && !this.#aborted,
      mistakes: this.#mistakes,
    });
  }

  /** Each once: several steps may find the same. */
  #warn(what: Message): void {
    const shown = withTexts(what, (text) => this.secrets.hide(text));
    if (this.#warnings.some((one) => english(one) === english(shown))) return;
    this.#warnings.push(shown);
    this.log.event("warning", what);
  }

  /** Rejects with one sentence where the deployment has none, or the run has ended. */
  buildLog(step: string, index: number): Promise<BuildLog> {
    if (this.#state === "finished")
      return Promise.reject(
        new SaidError(say("the run has ended, and its sign-in with it; the deployment has the log")),
      );
    if (this.#signIn.expired)
      return Promise.reject(new SaidError(say("the session has expired; sign in again first")));
    const row = this.steps.find(({ name }) => name === step)?.board.rows[index];
    return fetchBuildLog(this.#client, row).then(({ head, text }) => ({
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
      stages: this.#scenario.stages,
      steps: this.steps,
      journal: this.#journal.state,
      measuring: this.#measuring,
      meter: this.#meter,
      mistakes: this.#mistakes,
      log: this.log,
      signIn: this.#signIn,
      still: this.still,
      rest: this.rest,
      stopped: this.#stop.signal.aborted && !this.#aborted,
      paused: this.#gate.paused,
      warnings: this.#warnings,
      elapsedMs: this.#elapsedMs ?? this.#measuring.clock.ms,
      ...this.#breaksFirst.told(state, state === "finished" ? this.#outcome : null),
      outcome: this.#outcome,
    });
  }
}
