import type { RunClock } from "../../measure/clock.ts";
import { Durations } from "../../measure/durations.ts";
import type { Batch, Window } from "../../measure/seconds.ts";
import { addValues, counted, look, type Value } from "../../measure/values.ts";
import { formatDuration } from "../../protocol/duration.ts";
import { type Labels, seriesKey } from "../../protocol/series-key.ts";
import { type Message, say } from "../../text/message.ts";
import { GeneratorHealth, type HealthSample } from "./generator-health.ts";
import { Machine, type MachineLook, whyLate } from "./machine.ts";

/** The place of the run's own process: jobs, phases, API calls. */
export const RUNNER = "runner";

/**
 * Later than this, and what this process times itself is its own slowness. Jobs take seconds to minutes; load on a
 * schedule, which is told from milliseconds, has a limit of its own.
 */
export const LATE_LIMIT_MS = 1_000;

/** A look that comes later than this after the one before comes late. */
const LOOK_MS = 1_500;

/** What a step hears of its seconds. */
export interface StepRecorderEvents {
  batch(batch: Omit<Batch, "step">): void;
  /** A second does not count: this process was so late in it. */
  spoiled(second: number, lateMs: number): void;
  /** Before a second is handed over: gauges are looked at now. */
  look(): void;
  /** How much of a second of the run is of the measured part, in milliseconds; undefined: all of it while jobs work. */
  measuredMs(second: number): number | undefined;
}

type Kept = Value | Durations;

interface Look {
  health: HealthSample;
  /** Why the seconds since the last look do not count. */
  invalid: Message | undefined;
}

/** Watches how this process keeps up, once a second, and hands over what each step has measured by itself. */
export class Recorder {
  readonly clock: RunClock;
  readonly #event: (what: Message) => void;
  readonly #health = new GeneratorHealth();
  readonly #machine: Machine;
  readonly #lateLimitMs: number;
  readonly #steps: StepRecorder[] = [];
  #second = 0;
  #rolling = false;
  #paused = false;
  /** Why seconds do not count, by second: what the machine was doing then. */
  readonly #reasons = new Map<number, Message>();
  last: HealthSample = { latenessP99Ms: 0, cpu: 0, rssBytes: 0 };

  /** `event`: the machine slept, or somebody set its clock. */
  constructor(
    clock: RunClock,
    event: (what: Message) => void,
    {
      machine = new Machine(),
      lateLimitMs = LATE_LIMIT_MS,
    }: { machine?: Machine; lateLimitMs?: number } = {},
  ) {
    this.clock = clock;
    this.#event = event;
    this.#machine = machine;
    this.#lateLimitMs = lateLimitMs;
  }

  /** What one step measures; it is at rest until it is woken. */
  step(events: StepRecorderEvents): StepRecorder {
    const step = new StepRecorder(this, events);
    step.pause(this.#paused);
    this.#steps.push(step);
    return step;
  }

  /** The second that goes on. */
  get second(): number {
    return this.#second;
  }

  pause(on: boolean): void {
    this.roll();
    this.#paused = on;
    for (const step of this.#steps) step.pause(on);
  }

  /** Hands over the seconds that are over. To be called several times a second. */
  roll(): void {
    const { second } = this.clock;
    if (second <= this.#second || this.#rolling) return;
    // A step records when we look at it, and that rolls.
    this.#rolling = true;
    const first = this.#second;
    const look = this.#look();
    for (const step of this.#steps) step.looked(look.health);
    // Also those in which nobody could look: this process did not run.
    for (let over = first; over < second; over++) {
      this.#second = over;
      for (const step of this.#steps) step.hand(look.invalid, (over + 1) * 1_000);
    }
    this.#second = second;
    for (const step of this.#steps) step.nextSecond();
    this.#rolling = false;
  }

  /** Hands over the second that goes on, as far as it has come. */
  end(): void {
    this.roll();
    const { health } = this.#look();
    for (const step of this.#steps) {
      step.looked(health);
      step.hand(undefined, this.clock.ms);
      step.nextPart();
    }
  }

  stop(): void {
    this.#health.stop();
  }

  #look(): Look {
    const health = this.#health.take();
    const machine = this.#machine.look();
    this.last = health;
    this.#tell(machine);
    const lateMs = Math.max(health.latenessP99Ms, machine.elapsedMs - LOOK_MS, machine.sleptMs);
    const reason = whyLate(machine);
    if (reason) this.#reasons.set(this.#second, reason);
    if (lateMs < this.#lateLimitMs) return { health, invalid: undefined };
    for (let second = this.#second; second < this.clock.second; second++) {
      if (reason) this.#reasons.set(second, reason);
      for (const step of this.#steps) step.spoil(second, Math.min(1_000, lateMs));
    }
    const late = say("this tool itself was {0} late", formatDuration(Math.round(lateMs)));
    return { health, invalid: reason ? say("{0}: {1}", late, reason) : late };
  }

  /** What the machine was doing in a second in which somebody came late; undefined where nothing shows. */
  reasonOf(second: number): Message | undefined {
    return this.#reasons.get(second);
  }

  #tell({ sleptMs, steppedMs }: MachineLook): void {
    if (sleptMs > 0) this.#event(say("this machine slept for {0}", formatDuration(Math.round(sleptMs))));
    if (steppedMs !== 0) {
      const by = formatDuration(Math.abs(Math.round(steppedMs)));
      this.#event(
        steppedMs > 0
          ? say("somebody set this machine's clock forward by {0}; the run's own clock goes on", by)
          : say("somebody set this machine's clock back by {0}; the run's own clock goes on", by),
      );
    }
  }
}

/** Gathers what this process measures of one step, second by second. */
export class StepRecorder {
  readonly #recorder: Recorder;
  readonly #events: StepRecorderEvents;
  #part = 0;
  #values = new Map<Window, Map<string, Kept>>();
  #awake = false;
  /** Since when the time is of the measured part, in milliseconds of the run; undefined while it is not. */
  #measuringSince: number | undefined;
  #measuring = false;
  #paused = false;
  /** What of the second that goes on was measured before it stopped being that. */
  #measuredMs = 0;

  constructor(recorder: Recorder, events: StepRecorderEvents) {
    this.#recorder = recorder;
    this.#events = events;
  }

  /** At rest, only seconds in which something of the step was recorded are handed over. */
  wake(on: boolean): void {
    this.#recorder.roll();
    this.#awake = on;
  }

  /** From now on, or no more, the time is of the measured part. */
  measure(on: boolean): void {
    this.#recorder.roll();
    this.#measuring = on;
    this.#switch();
  }

  pause(on: boolean): void {
    this.#paused = on;
    this.#switch();
  }

  #switch(): void {
    const at = this.#recorder.clock.ms;
    this.#measuredMs += this.#measuredUntil(at);
    this.#measuringSince = this.#measuring && !this.#paused ? at : undefined;
  }

  /** Milliseconds of the second that goes on, since it is measured. */
  #measuredUntil(at: number): number {
    if (this.#measuringSince === undefined) return 0;
    return Math.max(0, at - Math.max(this.#measuringSince, this.#recorder.second * 1_000));
  }

  count(metric: string, n: number, labels?: Labels): void {
    this.#add("always", seriesKey(metric, labels), counted(n));
  }

  share(metric: string, n: number, of: number, window: Window = "measured"): void {
    this.#add(window, seriesKey(metric), { kind: "share", n, of });
  }

  gauge(metric: string, value: number, labels?: Labels): void {
    // Of one place and one second, the latest look is the one.
    this.#of("always").set(seriesKey(metric, labels), look(value));
  }

  /** A fact, unless it is put elsewhere. */
  duration(metric: string, ms: number, { labels, window = "always" }: Placed = {}): void {
    this.#durations(window, seriesKey(metric, labels)).record(ms);
  }

  never(metric: string, waitedMs: number, { labels, window = "measured" }: Placed = {}): void {
    this.#durations(window, seriesKey(metric, labels)).recordNever(waitedMs);
  }

  #add(window: Window, key: string, value: Value): void {
    const of = this.#of(window);
    const known = of.get(key);
    of.set(key, known && !(known instanceof Durations) ? addValues(known, value) : value);
  }

  #durations(window: Window, key: string): Durations {
    const of = this.#of(window);
    const known = of.get(key);
    if (known instanceof Durations) return known;
    const made = new Durations();
    of.set(key, made);
    return made;
  }

  #of(window: Window): Map<string, Kept> {
    this.#recorder.roll();
    const known = this.#values.get(window);
    if (known) return known;
    const made = new Map<string, Kept>();
    this.#values.set(window, made);
    return made;
  }

  /** How this process kept up since the last look. */
  looked({ latenessP99Ms, cpu }: HealthSample): void {
    if (!this.#awake) return;
    this.duration("loop_lateness", latenessP99Ms, { window: "always" });
    this.gauge("generator_cpu", cpu);
  }

  spoil(second: number, lateMs: number): void {
    this.#events.spoiled(second, lateMs);
  }

  /** `until`: the end of what is handed over, in milliseconds of the run. */
  hand(invalid: Message | undefined, until: number): void {
    if (!this.#awake && this.#values.size === 0) return;
    const { second } = this.#recorder;
    if (this.#awake) this.#events.look();
    const measuredMs = this.#measuredMs + this.#measuredUntil(until);
    this.#measuredMs = 0;
    const values: Batch["values"] = {};
    for (const [window, of] of this.#values)
      values[window] = Object.fromEntries(
        [...of].map(([key, value]) => [key, value instanceof Durations ? value.value() : value]),
      );
    this.#values = new Map();
    this.#events.batch({
      second,
      place: RUNNER,
      part: this.#part,
      values,
      ms: this.#events.measuredMs(second) ?? measuredMs,
      ...(this.#paused ? { paused: true } : {}),
      ...(invalid === undefined ? {} : { invalid }),
    });
  }

  nextSecond(): void {
    this.#part = 0;
  }

  /** More of the second that goes on may come. */
  nextPart(): void {
    this.#part++;
  }
}

interface Placed {
  labels?: Labels;
  window?: Window;
}
