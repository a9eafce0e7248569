import { shownFigure } from "../../measure/figures.ts";
import type { StepSecond } from "../../measure/seconds.ts";
import { allFigures, figuresToShow } from "../../measure/to-show.ts";
import { shownValidity, sumOf, Totals, withPending } from "../../measure/totals.ts";
import type { Value } from "../../measure/values.ts";
import type { Description, FigureRef, Figures, Metric } from "../../protocol/description.ts";
import { figureKey } from "../../protocol/figure-key.ts";
import { type Labels, parseSeriesKey } from "../../protocol/series-key.ts";
import type { Sample, Validity } from "../../protocol/snapshot.ts";
import { english, type Message, say } from "../../text/message.ts";
import { RUNNER } from "./recorder.ts";

export interface MeasurementsOptions {
  /** The step's name. */
  step: string;
  /** The first second that does not count. */
  onInvalid(second: number, reason: Message): void;
  /** What this machine was doing in a second in which a place came late; undefined where nothing shows. */
  reasonOf(second: number): Message | undefined;
}

/** All that a step measures: what its closed seconds come to, as figures and as validity. */
export class Measurements {
  readonly #options: MeasurementsOptions;
  readonly #totals = new Totals();
  #description: Description;
  #metrics = new Map<string, Metric>();
  #pending: () => Readonly<Record<string, Value>> = () => ({});
  #last: StepSecond | undefined;
  #figures: Figures | undefined;
  #announced = false;
  /** Those that measure: one that says nothing of a second stood still in it. */
  readonly #places = new Set<string>();
  /** Seconds that do not count, and how much of each was ours. */
  readonly #bad = new Map<number, number>();

  constructor(description: Description, options: MeasurementsOptions) {
    this.#options = options;
    this.#description = description;
  }

  get description(): Description {
    return this.#description;
  }

  /** `pending`: what goes on at this moment, by series: ages of what has not ended. */
  begin(description: Description, pending: () => Readonly<Record<string, Value>>): void {
    this.#description = description;
    this.#metrics = new Map(description.metrics.map((metric) => [metric.name, metric]));
    this.#pending = pending;
    this.#figures = undefined;
  }

  get pending(): Readonly<Record<string, Value>> {
    return this.#pending();
  }

  /** A place has measured something of the step. */
  heardOf(place: string, part: number): void {
    if (part === 0) this.#places.add(place);
  }

  /** A place is gone: nobody waits for it any more. */
  leave(place: string): void {
    this.#places.delete(place);
  }

  /** Milliseconds, within a second that does not count, that this process itself was late. */
  spoil(second: number, lateMs: number): void {
    this.#bad.set(second, Math.max(lateMs, this.#bad.get(second) ?? 0));
  }

  /** How late this process was between two times of the run, in milliseconds. */
  lateBetween(from: number, until: number): number {
    let late = 0;
    for (const [second, ms] of this.#bad)
      if ((second + 1) * 1_000 > from && second * 1_000 < until) late += ms;
    return late;
  }

  /** A second of the step is over. Marks it where it does not count; answers with how it is drawn. */
  closed(second: number, own: StepSecond): Sample {
    const { onInvalid, reasonOf } = this.#options;
    this.#last = own;
    this.#figures = undefined;
    const silent = [...this.#places].find((place) => !own.places.includes(place));
    if (silent !== undefined && own.ms > 0) own.invalid ??= saySilent(silent);
    const reason = own.invalid && reasonOf(second);
    if (own.invalid && reason && !says(own.invalid, reason))
      own.invalid = say("{0}: {1}", own.invalid, reason);
    this.#totals.take(second, own);
    if (own.invalid !== undefined && own.ms > 0 && !this.#announced) {
      this.#announced = true;
      onInvalid(second, own.invalid);
    }
    return this.#sampleOf(second, own);
  }

  #sampleOf(second: number, own: StepSecond): Sample {
    const sum = sumOf(own);
    const values = this.#description.series.map((ref) => {
      const metric = this.#metrics.get(ref.metric);
      return (metric && shownFigure(metric, ref, sum)?.value) ?? null;
    });
    return {
      step: this.#options.step,
      second,
      ...(own.paused ? { paused: true as const } : {}),
      ...(own.ms > 0 ? {} : { outside: true as const }),
      ...(own.invalid === undefined ? {} : { invalid: own.invalid }),
      values,
    };
  }

  /** Those of the description that have been measured; the same until a second is closed. */
  figures(): Figures {
    this.#figures ??= this.#measure();
    return this.#figures;
  }

  #measure(): Figures {
    const pending = this.#pending();
    const over = (which: "valid" | "all") => withPending(this.#totals.over(which), pending);
    const last = this.#last && sumOf(this.#last);
    return figuresToShow(this.#description, { valid: over("valid"), all: over("all"), second: last });
  }

  /** All figures of all metrics, for the result. */
  everything(): ReturnType<typeof allFigures> {
    const pending = this.#pending();
    return allFigures(this.#description.metrics, withPending(this.#totals.over("valid"), pending));
  }

  /** One figure of the measured part, over the seconds that count or over all. */
  figure(key: FigureRef, which: "valid" | "all" = "valid"): number | undefined {
    const metric = this.#metrics.get(key.metric);
    const measured = withPending(this.#totals.over(which), this.#pending());
    return metric && shownFigure(metric, key, measured)?.value;
  }

  /** The figures asked for, by their keys. */
  shown(refs: readonly FigureRef[]): Figures {
    const measured = withPending(this.#totals.over("valid"), this.#pending());
    const figures: Figures = {};
    for (const ref of refs) {
      const metric = this.#metrics.get(ref.metric);
      const figure = metric && shownFigure(metric, ref, measured);
      if (figure) figures[figureKey(ref)] = figure;
    }
    return figures;
  }

  /** The sets of label values that a metric was measured with. */
  series(metric: string): Labels[] {
    return [...this.#totals.over("valid").values.keys()].flatMap((key) => {
      const series = parseSeriesKey(key);
      return series?.metric === metric ? [series.labels] : [];
    });
  }

  /** How much of the measured part counts, in milliseconds. */
  get measuredMs(): number {
    return this.#totals.over("valid").ms;
  }

  get validity(): Validity {
    return shownValidity(this.#totals.validity);
  }
}

function saySilent(place: string): Message {
  return place === RUNNER
    ? say("this tool itself did not report")
    : say("thread {0} of this tool did not report", place);
}

/** Whether a message is this one, or has it in itself. */
function says(message: Message, part: Message): boolean {
  if (english(message) === english(part)) return true;
  return (message.args ?? []).some((arg) => typeof arg === "object" && says(arg, part));
}
