import { API_LATENCY, describeRun, NOTHING_DESCRIBED } from "../../contract/describe.ts";
import type { MeasuredPart, Plan } from "../../contract/plan.ts";
import type { OwnRecorder } from "../../contract/prepare.ts";
import { type ServerSources, withServer } from "../../contract/server-description.ts";
import type { Batch, Window } from "../../measure/seconds.ts";
import type { Value } from "../../measure/values.ts";
import type { Description, FigureRef, Figures } from "../../protocol/description.ts";
import { formatClock } from "../../protocol/duration.ts";
import { figureKey } from "../../protocol/figure-key.ts";
import type { Percentiles } from "../../protocol/percentile.ts";
import { percentilesIn, phasesIn } from "../../protocol/percentiles-in.ts";
import type { Labels } from "../../protocol/series-key.ts";
import type { Counts, Phase } from "../../protocol/snapshot.ts";
import { NO_COUNTS } from "../../protocol/steps.ts";
import { type Message, say, sayAll } from "../../text/message.ts";
import type { Mistakes } from "../mistakes.ts";
import type { ApiAnswer } from "./api-meter.ts";
import { JobMeasures } from "./job-measures.ts";
import { Measurements } from "./measurements.ts";
import type { Recorder, StepRecorder } from "./recorder.ts";
import type { Held } from "./thresholds.ts";

export interface StepMeasuringOptions {
  /** The step's name. */
  step: string;
  /** It runs a program on this machine. */
  runsProgram?: boolean;
  recorder: Recorder;
  mistakes: Mistakes;
  /** Takes what a place has measured. */
  take(batch: Batch): void;
  /** API calls, their answers, and the wait for the rate limit in milliseconds, since the last question. */
  calls(): { calls: number; answers: readonly ApiAnswer[]; waitedMs: number };
  onInvalid(second: number, reason: Message): void;
  /** How the thresholds of this step stand. */
  held(over: boolean): Held[];
  /** Where its run has the deployment's own figures from, which stand beside what the step measures. */
  server?: ServerSources | undefined;
}

type Values = Readonly<Record<string, Value>>;

/** Everything that one step measures, from its first second to its last. */
export class StepMeasuring {
  readonly recorder: StepRecorder;
  readonly jobs: JobMeasures;
  readonly measurements: Measurements;
  readonly #options: StepMeasuringOptions;
  #counts: Counts = { ...NO_COUNTS };
  #plan: Plan | undefined;
  /** What it does is known, and so is what its seconds are of. */
  #isDescribed = false;
  /** Milliseconds of the run. */
  #begunAt: number | undefined;
  #endedAt: number | undefined;

  constructor(options: StepMeasuringOptions) {
    const { step, recorder } = options;
    this.#options = options;
    this.recorder = recorder.step({
      batch: (batch) => this.take(batch),
      spoiled: (second, lateMs) => this.measurements.spoil(second, lateMs),
      look: () => this.#look(),
      measuredMs: (second) => this.#measuredMs(second),
    });
    this.measurements = new Measurements(NOTHING_DESCRIBED, {
      step,
      onInvalid: options.onInvalid,
      reasonOf: (second) => recorder.reasonOf(second),
    });
    this.jobs = new JobMeasures(recorder.clock, this.recorder, (from, until) => {
      // A process that has just stood still has not looked yet.
      recorder.roll();
      return this.measurements.lateBetween(from, until);
    });
  }

  get name(): string {
    return this.#options.step;
  }

  /** What the step's workload records in the run's own second. */
  get own(): OwnRecorder {
    return this.recorder;
  }

  take(batch: Omit<Batch, "step">): void {
    this.measurements.heardOf(batch.place, batch.part);
    this.#options.take({ ...batch, step: this.name });
  }

  /** What its seconds are of, from now on: those before its begin are none of what it measures. */
  describe({ description }: Pick<Plan, "description">): Description {
    const own = describeRun(description);
    const { server } = this.#options;
    const described = this.#withHeld(server ? withServer(own, server) : own);
    this.measurements.begin(described, () => ({}));
    this.#isDescribed = true;
    return described;
  }

  /** What it is held to is drawn beside its figure: each second has it. */
  #withHeld(described: Description): Description {
    const known = new Set(described.series.map(figureKey));
    const held = this.#options.held(false).map(({ threshold }) => ({
      ...{ metric: threshold.metric.name, figure: threshold.figure },
      ...(Object.keys(threshold.labels).length > 0 ? { labels: { ...threshold.labels } } : {}),
    }));
    const more = new Map(held.map((ref) => [figureKey(ref), ref]));
    const wanted = [...more].filter(([key]) => !known.has(key)).map(([, ref]) => ref);
    return wanted.length > 0 ? { ...described, series: [...described.series, ...wanted] } : described;
  }

  /**
   * What the deployment says of itself, for `aroundMs` before what is measured and after it, too: beside what the step
   * measures, and judged only within that. It makes no second valid, and none invalid.
   */
  takeServer(batch: Pick<Batch, "second" | "place" | "part">, values: Values, aroundMs: number): void {
    if (!this.#isDescribed) return;
    if (this.#endedAt !== undefined && batch.second * 1_000 >= this.#endedAt + aroundMs) return;
    this.#options.take({ ...batch, step: this.name, values: { [this.#windowOf(batch.second)]: values } });
  }

  /** Where a second of the run stands to what the step does: before it, in it, or after it. */
  placeOf(second: number): "before" | "during" | "after" {
    const [begun, ended] = [this.#begunAt, this.#endedAt];
    if (begun === undefined || (second + 1) * 1_000 <= begun) return "before";
    return ended !== undefined && second * 1_000 >= ended ? "after" : "during";
  }

  /** The program that it runs, where it is one and has begun: when, in seconds of the run. */
  get program(): { name: string; from: number; until: number | undefined } | undefined {
    const [begun, ended] = [this.#begunAt, this.#endedAt];
    if (!this.#options.runsProgram || begun === undefined) return undefined;
    return { name: this.name, from: begun / 1_000, until: ended === undefined ? undefined : ended / 1_000 };
  }

  #windowOf(second: number): Window {
    const place = this.placeOf(second);
    if (place !== "during") return place;
    const measured = this.#measuredMs(second);
    if (measured === undefined || measured > 0) return "measured";
    const part = this.#options.mistakes.ask(() => this.#plan?.load?.part());
    return part?.over ? "after" : "before";
  }

  /** The step knows what it will do. `pending`: what goes on at this moment, by series. */
  begin(plan: Plan, counts: Counts, pending: () => Readonly<Record<string, Value>>): void {
    this.#plan = plan;
    this.#counts = counts;
    this.#begunAt = this.#options.recorder.clock.ms;
    this.measurements.begin(this.describe(plan), () => ({
      ...pending(),
      ...this.#options.mistakes.ask(() => plan.load?.pending?.()),
    }));
    // A load with a course of its own says itself what is measured.
    if (!plan.load) this.recorder.measure(true);
  }

  /** Jobs have ended: what comes now is no part of the measurement. */
  endOfJobs(): void {
    this.#endedAt = this.#options.recorder.clock.ms;
    if (!this.#plan?.load) this.recorder.measure(false);
  }

  #measuredMs(second: number): number | undefined {
    const load = this.#plan?.load;
    if (!load) return undefined;
    const from = this.#options.recorder.clock.zero + second * 1_000;
    return this.#options.mistakes.ask(() => load.measured(from, from + 1_000)) ?? 0;
  }

  #look(): void {
    const { recorder } = this;
    const { calls, answers, waitedMs } = this.#options.calls();
    recorder.count("api_calls", calls);
    recorder.count("rate_limit_wait", waitedMs);
    for (const { method, ms, isLost } of answers) {
      // In a second in which this process was late, its own lateness would be in it.
      const placed = { labels: { method }, window: "measured" as const };
      if (isLost) recorder.never(API_LATENCY, ms, placed);
      else recorder.duration(API_LATENCY, ms, placed);
    }
    if (this.#counts.total > 0)
      for (const [state, count] of Object.entries(this.#counts))
        if (state !== "total") recorder.gauge("jobs", count, { state });
    this.#options.mistakes.ask(() => this.#plan?.load?.look?.());
  }

  get figures(): Figures {
    return this.measurements.figures();
  }

  /** In the order in which a job goes through them; those that none has gone through are left out. */
  phases(): Phase[] {
    return phasesIn(this.measurements.description, this.figures);
  }

  /** From a job's begin until it could be used; undefined before anything is known of that. */
  ready(): Percentiles | undefined {
    return percentilesIn(this.figures, "ready");
  }

  /** Why the figures say nothing of the deployment; undefined where they do. */
  invalid(failed: number): Message | undefined {
    const problem = this.#problem(failed);
    const { first } = this.measurements.validity;
    if (!problem || !first) return problem;
    const at = say("the first at {0}: {1}", formatClock(first.second * 1_000), first.reason);
    return sayAll([problem, at], "; ");
  }

  #problem(failed: number): Message | undefined {
    const { measured, valid, tooFew } = this.measurements.validity;
    if (tooFew) return say("only {0} of {1} measured seconds count", valid, measured);
    const differs = this.#options.held(true).find(({ result }) => result.differsWithInvalid);
    if (differs)
      return say(
        "{0} has another result without the seconds that do not count",
        differs.threshold.expression,
      );
    const judged = this.measurements.figure({ metric: "failures", figure: "count" }) ?? 0;
    if (failed > 0 && judged === 0)
      return say("all failures happened while this tool stood still or was late");
    return undefined;
  }

  /** For the sections of a workload in the result. */
  part(failed: number): MeasuredPart {
    const { measurements } = this;
    return {
      figure: (ref) => measurements.figure(ref),
      percentiles: (metric, labels) => this.#percentiles(metric, labels),
      series: (metric) => measurements.series(metric),
      ms: measurements.measuredMs,
      invalid: this.invalid(failed),
    };
  }

  #percentiles(metric: string, labels: Labels | undefined): Percentiles {
    const figures: Figures = measurementsOf(this.measurements, { metric, ...(labels ? { labels } : {}) });
    return percentilesIn(figures, metric, labels) ?? { count: 0, p50: 0, p95: 0, p99: 0, max: 0 };
  }
}

function measurementsOf(measurements: Measurements, ref: Omit<FigureRef, "figure">): Figures {
  return measurements.shown(
    ["count", "unfinished", "mean", "p50", "p95", "p99", "max"].map((figure) => ({ ...ref, figure })),
  );
}
