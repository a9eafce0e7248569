import type { User } from "../../coder/schemas.ts";
import type { Demand } from "../../contract/demand.ts";
import { describeRun } from "../../contract/describe.ts";
import { Stopped } from "../../contract/ends.ts";
import type { Second } from "../../measure/seconds.ts";
import type { Stage, WorkspaceRow } from "../../protocol/snapshot.ts";
import type { Telemetry } from "../../protocol/telemetry.ts";
import { type Message, say, withTexts } from "../../text/message.ts";
import { SaidError, saidOf } from "../../text/said-error.ts";
import { Exposition } from "../record/exposition.ts";
import type { RunTelemetry } from "../record/run-telemetry.ts";
import { Schedule } from "./schedule.ts";
import { newStage } from "./stages.ts";
import { type RunParts, type StepInput, StepRun } from "./step.ts";
import { stepPrefix } from "./step-names.ts";

/** All steps of a run, each in its turn, and their clean-up. Knows no workload by name. */
export class Scenario {
  readonly steps: readonly StepRun[];
  /** Signing in, and the preparation of what begins at once. */
  readonly check: Stage = newStage("check", say("Check"));
  #exposition: Exposition | undefined;
  /** Loaded where it is wanted. */
  readonly #telemetry: Promise<RunTelemetry | undefined> | undefined;
  readonly #run: RunParts;
  readonly #schedule: Schedule;

  /** Throws with one sentence where the steps cannot all have their turn. */
  constructor(steps: readonly StepInput[], run: RunParts) {
    this.#run = run;
    this.#telemetry = run.telemetry && telemetryOf(run, run.telemetry);
    this.#schedule = new Schedule(steps, { rest: run.rest, signal: run.stop });
    const isOfSeveral = steps.length > 1;
    this.steps = steps.map((step, at) => {
      const prefix = stepPrefix(run.runId, at, steps.length);
      return new StepRun(step, { prefix, isOfSeveral }, run);
    });
    // A single step is measured from the run's begin to its end.
    if (!this.isOfSeveral) this.steps[0]?.measuring.recorder.wake(true);
  }

  get isOfSeveral(): boolean {
    return this.steps.length > 1;
  }

  /** What an owner of the deployment is needed for; undefined where no step needs one. */
  get needsOwner(): Message | undefined {
    return this.steps.find((step) => step.needsOwner !== undefined)?.needsOwner;
  }

  /** Programs that its steps run on this machine. */
  get programs(): string[] {
    return this.steps.flatMap(({ program }) => program ?? []);
  }

  /** Of the steps that put a load on the deployment. */
  get demands(): Demand[] {
    return this.steps.flatMap(({ demand }) => demand ?? []);
  }

  /** Rows of all steps. */
  get rows(): WorkspaceRow[] {
    return this.steps.flatMap(({ board }) => board.rows);
  }

  /** Before a single step is prepared, what it does is not known. */
  get stages(): Stage[] {
    const known = this.isOfSeveral ? this.steps : this.steps.filter(({ plan }) => plan);
    return [
      this.check,
      ...known.map(({ work }) => work),
      ...known.toReversed().flatMap(({ clean }) => clean ?? []),
    ];
  }

  step(name: string): StepRun {
    const step = this.steps.find((one) => one.name === name);
    if (step) return step;
    throw new SaidError(
      say('the run has no step "{0}": it has {1}', name, this.steps.map((one) => one.name).join(", ")),
    );
  }

  /** Prepares what begins at once, before anything is made. Rejects where it cannot begin: then the run does not. */
  async prepare(user: User): Promise<void> {
    const [first] = this.steps;
    const { begin } = first ?? {};
    const isAtOnce = !begin || (begin.kind === "at" && begin.ms === 0);
    if (isAtOnce) await first?.prepare(user);
  }

  /** Works all steps through. `working`: one has begun. Rejects where Prometheus cannot be answered as it was asked for. */
  async run(user: User, working: () => void): Promise<void> {
    for (const step of this.steps) await this.#expose(step);
    await Promise.all(this.steps.map((step) => this.#turn(step, user, working)));
  }

  /** Waits for a step's turn, and works it through. Never rejects. */
  async #turn(step: StepRun, user: User, working: () => void): Promise<void> {
    const turn = await this.#schedule.turn(step.name);
    if (turn === "skip") step.skip();
    else if (await this.#begin(step, user)) await this.#work(step, working);
    this.#schedule.ended(step.name, step.hasBegun);
    if (this.isOfSeveral) step.rest();
  }

  /** Prepares a step that is not yet; false where it does not begin. */
  async #begin(step: StepRun, user: User): Promise<boolean> {
    if (step.plan) return true;
    try {
      await step.prepare(user);
      await this.#expose(step);
      return true;
    } catch (error) {
      if (this.#run.stop.aborted || error instanceof Stopped) step.skip();
      else this.#refuse(step, error);
      return false;
    }
  }

  #refuse(step: StepRun, error: unknown): void {
    const why = withTexts(saidOf(error), (text) => this.#run.secrets.hide(text));
    step.refuse(why);
    this.#run.log.event("error", say('step "{0}" does not begin: {1}', step.name, why));
  }

  async #work(step: StepRun, working: () => void): Promise<void> {
    if (!step.plan) return;
    working();
    void this.#schedule.endsWith(step.name)?.then(() => step.finish());
    await step.execute(step.plan);
  }

  /** Tells the steps that wait for another's measured part when that has begun. To be called several times a second. */
  tick(): void {
    for (const step of this.steps.filter(({ holds }) => holds)) {
      this.#schedule.holds(step.name);
      step.hold();
    }
  }

  /** After all steps, the last first: what a step has made may be used by those after it. Never rejects. */
  async cleanUp(signal: AbortSignal): Promise<void> {
    for (const step of this.steps.toReversed()) await step.cleanUp(signal);
  }

  /** What steps have only borrowed, also where what was made stays. Never rejects. */
  async giveBack(): Promise<void> {
    await Promise.all(this.steps.map((step) => step.giveBack()));
  }

  /** What exists is to stay. */
  skipCleanUp(): void {
    for (const { clean } of this.steps) if (clean) clean.state = "skipped";
  }

  /** Holds what is under way where a step can, or lets it go on; answers with what they say of it. */
  pause(paused: boolean): Message[] {
    return this.steps.flatMap((step) => step.pause(paused) ?? []);
  }

  /** The run is over, however it came to its end: no stage goes on, or is still to come. */
  settle(): void {
    for (const stage of this.stages) {
      if (stage.state === "active") stage.state = "failed";
      if (stage.state === "pending") stage.state = "skipped";
    }
  }

  /** The first that asks for it says where it is; all are found there. */
  async #expose(step: StepRun): Promise<void> {
    const { plan } = step;
    if (!plan) return;
    const { metrics } = describeRun(plan.description);
    (await this.#telemetry)?.describe(metrics);
    if (plan.exposition && !this.#exposition) {
      this.#exposition = new Exposition(this.isOfSeveral);
      for (const one of this.steps) if (one !== step) this.#exposition.add(one.plan);
      const port = await this.#exposition.listen(plan.exposition.address);
      this.#run.log.event("info", say("metrics for Prometheus at port {0}", String(port)));
    }
    this.#exposition?.add(plan);
  }

  /** Ends what the steps hold open. Never rejects. */
  async close(): Promise<void> {
    for (const step of this.steps) await step.close();
  }

  /** A second that is closed, for those who watch from outside. */
  second(second: Second): void {
    this.#exposition?.second(second);
    void this.#telemetry?.then((telemetry) => telemetry?.second(second));
  }

  /** The rest goes to those outside. Prometheus scrapes once more, unless somebody has stopped the run. Never rejects. */
  async endOutside(): Promise<void> {
    await (await this.#telemetry)?.end(this.rows);
    const waits = this.steps.map(({ plan }) => plan?.exposition?.waitMs ?? 0);
    if (this.#exposition && !this.#run.stop.aborted)
      await new Promise((resolve) => setTimeout(resolve, Math.max(...waits)));
    this.#exposition?.close();
  }
}

/** What opens the collector is in no text of the run. Never rejects: the run goes on without it. */
async function telemetryOf(run: RunParts, asked: Telemetry): Promise<RunTelemetry | undefined> {
  const { header, client, secrets, log, measuring, warn } = run;
  for (const sink of [asked.traces, asked.metrics]) secrets.add(Object.values(sink?.headers ?? {}));
  const loaded = await import("../record/run-telemetry.ts").catch((error: unknown) => warn(saidOf(error)));
  if (!loaded) return undefined;
  const sending = new loaded.RunTelemetry(asked, {
    id: header.id,
    startedAt: measuring.clock.startedAt,
    deployment: client.transport.url,
    event: (what) => log.event("info", what),
    warn,
  });
  client.transport.tracing = sending;
  return sending;
}
