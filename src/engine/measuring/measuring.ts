import type { ServerSources } from "../../contract/server-description.ts";
import type { Part } from "../../insight/causes/rule.ts";
import { CauseWatch, type Known, type LevelKey } from "../../insight/causes/watch.ts";
import { RunClock } from "../../measure/clock.ts";
import { Collector, type Second } from "../../measure/seconds.ts";
import { isAbout, type Threshold } from "../../measure/threshold.ts";
import { ThresholdWatch } from "../../measure/threshold-watch.ts";
import { addValues, type Value } from "../../measure/values.ts";
import type { Bottlenecks } from "../../protocol/bottlenecks.ts";
import type { Description } from "../../protocol/description.ts";
import type { Sample } from "../../protocol/snapshot.ts";
import type { ThresholdState } from "../../protocol/threshold.ts";
import { type Message, say } from "../../text/message.ts";
import { type LoadStanding, LoadWatch } from "../answer/load-watch.ts";
import type { Mistakes } from "../mistakes.ts";
import type { ApiMeter } from "./api-meter.ts";
import type { Machine } from "./machine.ts";
import { Recorder } from "./recorder.ts";
import { StepMeasuring } from "./step-measuring.ts";
import { type Held, thresholdStates } from "./thresholds.ts";

/** How often it is looked whether a second is over. */
export const LOOK_MS = 250;
/** How long after its end a second waits for what other threads say of it. */
const GRACE_S = 0.75;
/** So much is closed at a look at most: after a stall of this process, what others sent in it comes in first. */
const CLOSED_AT_ONCE_S = 1.5;
/** What breaks first is told anew after more than a second, and more seldom the longer a run is. */
const ANEW_S = 1;
const ANEW_SHARE = 1 / 600;

export interface MeasuringOptions {
  meter: ApiMeter;
  mistakes: Mistakes;
  /** A second is closed; how it is drawn, for each step that has something of it. */
  second(second: Second, samples: readonly Sample[]): void;
  event(level: "info" | "warning", what: Message): void;
  /** Where the deployment's own figures come from; undefined: nobody looks at it. */
  server?: ServerSources | undefined;
  /** Of a search for the largest load, the level that it is at. */
  level?: () => LevelKey | undefined;
  /** Of tests. */
  machine?: Machine;
}

interface Watched extends Held {
  watch: ThresholdWatch;
}

/** Everything that a run measures, of all its steps, from its first second to its last. */
export class Measuring {
  readonly clock = new RunClock();
  readonly recorder: Recorder;
  readonly #options: MeasuringOptions;
  readonly #collector: Collector;
  readonly #steps = new Map<string, StepMeasuring>();
  readonly #causes = new CauseWatch();
  readonly #load = new LoadWatch();
  /** By the level of a search; of the whole load, by none. */
  readonly #told = new Map<LevelKey | undefined, { second: number; isOver: boolean; told: Bottlenecks }>();
  readonly #broke = new Map<Threshold, number>();
  #watches: Omit<Watched, "result">[] = [];
  #closedUpTo = 0;
  #waitedMs = 0;
  #isOver = false;
  /** Of the deployment's own figures: each is a batch by itself. */
  #serverParts = 0;

  constructor(options: MeasuringOptions) {
    this.#options = options;
    const { machine } = options;
    this.recorder = new Recorder(
      this.clock,
      (what) => options.event("warning", what),
      machine ? { machine } : {},
    );
    this.#collector = new Collector({ graceS: GRACE_S, onSecond: (second) => this.#closed(second) });
  }

  /** What a step of that name measures. `runsProgram`: it is a program on this machine, such as a drill. */
  step(name: string, runsProgram = false): StepMeasuring {
    const { meter, mistakes, event, server } = this.#options;
    const step = new StepMeasuring({
      step: name,
      runsProgram,
      recorder: this.recorder,
      mistakes,
      take: (batch) => this.#collector.take(batch),
      calls: () => ({
        calls: meter.newCalls(name),
        answers: meter.newAnswers(name),
        waitedMs: this.#newWait(),
      }),
      onInvalid: (_second, reason) => event("warning", say("this second does not count: {0}", reason)),
      held: (over) => this.held(over).filter(({ threshold }) => this.#isOf(threshold, name)),
      server,
    });
    this.#steps.set(name, step);
    return step;
  }

  /**
   * What the deployment says of itself in the second that goes on. It is of the run, and so it stands in the seconds of
   * every step, from `aroundMs` before what that measures to as long after it; of a single step, to the run's end.
   */
  server(place: string, values: Readonly<Record<string, Value>>, aroundMs: number): void {
    const { second } = this.clock;
    if (this.#isOver) return;
    const part = this.#serverParts++;
    const steps = [...this.#steps.values()];
    const after = steps.length > 1 ? aroundMs : Number.POSITIVE_INFINITY;
    for (const step of steps) step.takeServer({ second, place, part }, values, after);
  }

  /** The step that looks first takes it: it is of the run. */
  #newWait(): number {
    const { waitedMs, underWayMs } = this.#options.meter;
    // A wait that is given up takes nothing back.
    const more = Math.max(0, waitedMs + underWayMs() - this.#waitedMs);
    this.#waitedMs += more;
    return more;
  }

  #isOf({ step }: Threshold, name: string): boolean {
    return step === name || (step === undefined && this.#steps.size === 1);
  }

  /** From now on the run is held to this, too. */
  hold(thresholds: readonly Threshold[]): void {
    for (const threshold of thresholds)
      this.#watches.push({ threshold, watch: new ThresholdWatch(threshold) });
  }

  tick(): void {
    this.recorder.roll();
    const at = this.clock.ms / 1_000;
    this.#collector.advance(Math.min(at, this.#closedUpTo + GRACE_S + CLOSED_AT_ONCE_S));
  }

  /** All that was measured is in. Harmless to repeat. */
  end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.recorder.end();
    this.#collector.end();
  }

  #closed(second: Second): void {
    this.#closedUpTo = second.second + 1;
    const samples = Object.entries(second.steps).flatMap(
      ([name, own]) => this.#steps.get(name)?.measurements.closed(second.second, own) ?? [],
    );
    for (const { watch } of this.#watches) watch.take(second);
    this.#takeCauses(second);
    this.#load.take(second, this.#working(second.second));
    this.#options.second(second, samples);
  }

  #takeCauses(second: Second): void {
    for (const name of Object.keys(second.steps))
      this.#causes.describe(this.#steps.get(name)?.measurements.description.metrics ?? []);
    const part = this.#partOf(second.second);
    if (part) this.#causes.take(second, { part, level: this.#options.level?.() });
  }

  /** Steps that were at work in a second, with what it is of. */
  #working(second: number): Map<string, Description> {
    const working = [...this.#steps].filter(([, step]) => step.placeOf(second) === "during");
    return new Map(working.map(([name, { measurements }]) => [name, measurements.description]));
  }

  /** How far achieved has followed offered, and how far this tool was on time. */
  get load(): LoadStanding {
    return this.#load.standing;
  }

  /** Somebody looks at the deployment's own figures. */
  get hasServer(): boolean {
    return this.#options.server !== undefined;
  }

  /** Between two steps, nothing is under load, and nothing recovers for good. */
  #partOf(second: number): Part | undefined {
    const places = [...this.#steps.values()].map((step) => step.placeOf(second));
    if (places.includes("during")) return "load";
    if (places.every((place) => place === "before")) return "baseline";
    return places.includes("before") ? undefined : "recovery";
  }

  /**
   * What breaks first, of the whole load, or of one level of a search and by that metric; undefined where nobody looks at
   * the deployment and nothing asks for a cause. Told anew once in two seconds
   * at most.
   */
  bottlenecks(
    failures: Known["failures"],
    side?: { level: LevelKey; metric: string | undefined },
  ): Bottlenecks | undefined {
    const second = this.#closedUpTo;
    const isOver = this.#isOver;
    const known = this.#told.get(side?.level);
    const isOld = !known || (isOver ? !known.isOver : second > known.second + ANEW_S + second * ANEW_SHARE);
    const told = isOld
      ? this.#causes.bottlenecks(
          { broken: this.#broken(side), failures, programs: this.#programs },
          side?.level,
        )
      : known.told;
    if (isOld) this.#told.set(side?.level, { second, isOver, told });
    const isThere = told.named.length > 0 || told.felt.length > 0 || told.drills !== undefined;
    return this.#options.server || isThere ? told : undefined;
  }

  get #programs(): Known["programs"] {
    const programs = [...this.#steps.values()].flatMap(({ program }) => program ?? []);
    return programs.sort((a, b) => a.from - b.from);
  }

  /** Metrics of which an objective is broken. */
  #broken(side: { metric: string | undefined } | undefined): ReadonlySet<string> {
    if (side) return new Set(side.metric === undefined ? [] : [side.metric]);
    const broken = this.held(this.#isOver).filter(({ result }) => result.state === "broken");
    return new Set(broken.map(({ threshold }) => threshold.metric.name));
  }

  /** How everything stands that the run is held to. */
  held(over: boolean): Held[] {
    return this.#watches.map(({ threshold, watch }) => {
      const result = watch.result(over, this.#pendingOf(threshold));
      return { threshold, result, since: this.#brokenSince(threshold, result) };
    });
  }

  /** What is met again was not broken. */
  #brokenSince(threshold: Threshold, { state, windows }: Held["result"]): number | undefined {
    if (state !== "broken") this.#broke.delete(threshold);
    else if (!this.#broke.has(threshold))
      this.#broke.set(threshold, windows?.first?.from ?? Math.max(0, this.#closedUpTo - 1));
    return this.#broke.get(threshold);
  }

  #pendingOf(threshold: Threshold): StepMeasuring["measurements"]["pending"] {
    const steps = [...this.#steps.values()].filter(({ name }) => isAbout(threshold, name));
    return pendingOf(steps.map(({ measurements }) => measurements.pending));
  }

  thresholds(over: boolean): ThresholdState[] {
    return thresholdStates(this.held(over), this.#steps.size > 1);
  }
}

/** Of several steps together. */
function pendingOf(
  all: readonly StepMeasuring["measurements"]["pending"][],
): StepMeasuring["measurements"]["pending"] {
  if (all.length === 1 && all[0]) return all[0];
  const sum: Record<string, Value> = {};
  for (const one of all)
    for (const [key, value] of Object.entries(one)) {
      const known = sum[key];
      sum[key] = known ? addValues(known, value) : value;
    }
  return sum;
}
