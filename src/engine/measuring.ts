import { describeRun, NOTHING_DESCRIBED } from "../contract/describe.ts";
import type { MeasuredPart, Plan } from "../contract/plan.ts";
import { RunClock } from "../measure/clock.ts";
import type { Second } from "../measure/seconds.ts";
import type { FigureRef, Figures } from "../protocol/description.ts";
import { formatClock } from "../protocol/duration.ts";
import type { Percentiles } from "../protocol/percentile.ts";
import type { Labels } from "../protocol/series-key.ts";
import type { Counts, Phase, Sample } from "../protocol/snapshot.ts";
import { type Message, say, sayAll } from "../text/message.ts";
import type { ApiMeter } from "./api-meter.ts";
import { JobMeasures } from "./job-measures.ts";
import type { Machine } from "./machine.ts";
import { Measurements } from "./measurements.ts";
import type { Mistakes } from "./mistakes.ts";
import { percentilesIn } from "./percentiles.ts";
import { Recorder } from "./recorder.ts";
import { type Held, thresholdStates } from "./thresholds.ts";

/** How often it is looked whether a second is over. */
export const LOOK_MS = 250;

export interface MeasuringOptions {
  /** The step's name. */
  step: string;
  meter: ApiMeter;
  mistakes: Mistakes;
  second(second: Second, sample: Sample): void;
  event(level: "info" | "warning", what: Message): void;
  /** Of tests. */
  machine?: Machine;
}

/** Everything that a run measures, from its first second to its last. */
export class Measuring {
  readonly clock = new RunClock();
  readonly recorder: Recorder;
  readonly jobs: JobMeasures;
  readonly measurements: Measurements;
  readonly #options: MeasuringOptions;
  #counts: Counts = { total: 0, waiting: 0, succeeded: 0, failed: 0, canceled: 0 };
  #plan: Plan | undefined;
  #told = { calls: 0, waitedMs: 0 };
  #isOver = false;

  constructor(options: MeasuringOptions) {
    this.#options = options;
    this.recorder = new Recorder(
      this.clock,
      {
        batch: (batch) => this.measurements.take(batch),
        spoiled: (second, lateMs) => this.measurements.spoil(second, lateMs),
        look: () => this.#look(),
        measuredMs: (second) => this.#measuredMs(second),
        event: (what) => options.event("warning", what),
      },
      options.machine ? { machine: options.machine } : {},
    );
    this.measurements = new Measurements(NOTHING_DESCRIBED, {
      step: options.step,
      clock: this.clock,
      onSecond: (second, sample) => options.second(second, sample),
      onInvalid: (_second, reason) =>
        options.event("warning", say("this second does not count: {0}", reason)),
      reasonOf: (second) => this.recorder.reasonOf(second),
    });
    this.jobs = new JobMeasures(this.clock, this.recorder, (from, until) => {
      // Whoever has just stood still has not looked yet.
      this.recorder.roll();
      return this.measurements.lateBetween(from, until);
    });
  }

  /** The run knows what it will do. `pending`: what goes on at this moment, by series. */
  begin(
    plan: Plan,
    counts: Counts,
    pending: () => ReturnType<NonNullable<NonNullable<Plan["load"]>["pending"]>>,
  ) {
    this.#plan = plan;
    this.#counts = counts;
    this.measurements.begin(describeRun(plan.description), plan.thresholds ?? [], () => ({
      ...pending(),
      ...this.#options.mistakes.ask(() => plan.load?.pending?.()),
    }));
    // A load with a course of its own says itself what is measured.
    if (!plan.load) this.recorder.measure(true);
  }

  /** Jobs have ended: what comes now is no part of the measurement. */
  endOfJobs(): void {
    if (!this.#plan?.load) this.recorder.measure(false);
  }

  tick(): void {
    this.recorder.roll();
    this.measurements.advance();
  }

  /** All that was measured is in. Harmless to repeat. */
  end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.recorder.end();
    this.measurements.end();
  }

  #measuredMs(second: number): number | undefined {
    const load = this.#plan?.load;
    if (!load) return undefined;
    const from = this.clock.zero + second * 1_000;
    return this.#options.mistakes.ask(() => load.measured(from, from + 1_000)) ?? 0;
  }

  #look(): void {
    const { recorder } = this;
    const { calls, waitedMs } = this.#options.meter;
    recorder.count("api_calls", calls - this.#told.calls);
    recorder.count("rate_limit_wait", waitedMs - this.#told.waitedMs);
    this.#told = { calls, waitedMs };
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
    const { figures } = this;
    return this.measurements.description.phases.flatMap(({ name, label }) => {
      const percentiles = percentilesIn(figures, name);
      return percentiles ? [{ name, label, ...percentiles }] : [];
    });
  }

  /** From a job's begin until it could be used; undefined before anything is known of that. */
  ready(): Percentiles | undefined {
    return percentilesIn(this.figures, "ready");
  }

  held(over: boolean): Held[] {
    return this.measurements.thresholds(over);
  }

  thresholds(over: boolean): ReturnType<typeof thresholdStates> {
    return thresholdStates(this.held(over));
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
    const differs = this.held(true).find(({ result }) => result.differsWithInvalid);
    if (differs)
      return say("{0} stands otherwise without the seconds that do not count", differs.threshold.expression);
    const judged = this.measurements.figure({ metric: "failures", figure: "count" }) ?? 0;
    if (failed > 0 && judged === 0)
      return say("all failures were under way while this tool itself stood still or came late");
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
