import { figureOf } from "../measure/figures.ts";
import type { Second } from "../measure/seconds.ts";
import { seriesOf } from "../measure/series.ts";
import { isAbout, isMet, type Threshold } from "../measure/threshold.ts";
import { Sum } from "../measure/totals.ts";
import type { Value } from "../measure/values.ts";
import { percentileOf } from "../protocol/figure-unit.ts";
import type { Message } from "../text/message.ts";

/** At the edge of a measured part: less than this of a second is measured, but counts as no second. */
const LEAST_MS = 500;
/** A figure of fewer observations than this says little; a percentile needs what makes its rank at least one. */
const LEAST_OBSERVATIONS = 10;
const MOST_OBSERVATIONS = 100;
/** Where nothing was measured, and for what is without bounds. */
const FAR = 10;

/** What a figure is of. */
export type Objective = Pick<Threshold, "expression" | "metric" | "figure" | "labels" | "step" | "among"> &
  Pick<Threshold, "unit" | "comparison" | "limit" | "overMs">;

/** What a second of a run is to a search. */
export type SecondKind = "counts" | "invalid" | "nothing";

export function kindOf({ steps }: Second, objectives: readonly Objective[]): SecondKind {
  const parts = Object.entries(steps)
    .filter(([step]) => objectives.some((objective) => isAbout(objective, step)))
    .map(([, part]) => part);
  if (parts.length === 0 || parts.some(({ paused }) => paused)) return "nothing";
  const isWhole = objectives.every(({ metric }) => metric.whole);
  if (!isWhole && Math.max(...parts.map(({ ms }) => ms)) < LEAST_MS) return "nothing";
  return Object.values(steps).some(({ invalid }) => invalid !== undefined) ? "invalid" : "counts";
}

/** Why a second does not count. */
export function reasonOf({ steps }: Second): Message | undefined {
  return Object.values(steps).find(({ invalid }) => invalid !== undefined)?.invalid;
}

/** Seconds together, with the figure of each objective. */
export class Window {
  readonly #objectives: readonly Objective[];
  readonly #sums: Sum[];
  seconds = 0;
  from = Number.POSITIVE_INFINITY;
  until = 0;

  constructor(objectives: readonly Objective[]) {
    this.#objectives = objectives;
    this.#sums = objectives.map(() => new Sum());
  }

  /** A second that counts. */
  take({ second, steps }: Second): void {
    this.seconds++;
    this.from = Math.min(this.from, second);
    this.until = Math.max(this.until, second + 1);
    for (const [at, objective] of this.#objectives.entries()) {
      const sum = this.#sums[at];
      const parts = Object.entries(steps).filter(([step]) => isAbout(objective, step));
      for (const [, { values }] of parts)
        for (const some of [values.measured, values.always])
          if (some) sum?.add(onlyOf(objective.metric.name, some));
      sum?.addTime(Math.max(0, ...parts.map(([, { ms }]) => ms)));
    }
  }

  /** undefined where nothing was measured. */
  value(at: number): number | undefined {
    const [objective, sum] = [this.#objectives[at], this.#sums[at]];
    if (!objective || !sum) return undefined;
    return figureOf(objective.metric, objective.figure, objective.labels, sum)?.value;
  }

  /** How many of a duration's observations ended. */
  count(at: number): number | undefined {
    const [objective, sum] = [this.#objectives[at], this.#sums[at]];
    if (!objective || !sum) return undefined;
    const of = (figure: string) => figureOf(objective.metric, figure, objective.labels, sum)?.value;
    const count = of("count");
    return count === undefined ? undefined : Math.max(0, count - (of("unfinished") ?? 0));
  }

  /** Whether the objective is kept; what was not measured keeps to nothing. */
  isMet(at: number): boolean {
    const [objective, sum] = [this.#objectives[at], this.#sums[at]];
    if (!objective || !sum) return false;
    const figure = figureOf(objective.metric, objective.figure, objective.labels, sum);
    return figure !== undefined && isMet(objective, figure);
  }

  /**
   * How far the figure is past its limit, in parts of the limit: −0.5 is half of it, 1 is twice. Of a limit of 0, the
   * figure itself.
   */
  past(at: number): number {
    const objective = this.#objectives[at];
    const value = this.value(at);
    if (!objective || value === undefined) return FAR;
    const sign = objective.comparison.startsWith("<") ? 1 : -1;
    const past = (sign * (value - objective.limit)) / (objective.limit || 1);
    return Math.max(-FAR, Math.min(FAR, past));
  }

  /** There is enough in it for the figures of all durations. */
  get isFull(): boolean {
    return this.#objectives.every((objective, at) => {
      if (objective.metric.kind !== "duration") return true;
      const sum = this.#sums[at];
      const count = sum && figureOf(objective.metric, "count", objective.labels, sum)?.value;
      return (count ?? 0) >= observationsFor(objective.figure);
    });
  }

  /** The longest time that what was observed had taken, in seconds: what ended was begun so long ago. */
  get lagS(): number {
    const lags = this.#objectives.map((objective, at) => {
      if (objective.metric.kind !== "duration" || objective.unit !== "duration") return 0;
      // What is past its limit is so, whenever it was begun.
      return Math.min(this.value(at) ?? 0, 2 * objective.limit) / 1_000;
    });
    return Math.max(0, ...lags);
  }
}

function observationsFor(figure: string): number {
  const share = 1 - (percentileOf(figure) ?? 0) / 100;
  return Math.min(
    MOST_OBSERVATIONS,
    Math.max(LEAST_OBSERVATIONS, Math.ceil(1 / Math.max(share, 1e-6) - 1e-9)),
  );
}

function onlyOf(metric: string, values: Readonly<Record<string, Value>>): Record<string, Value> {
  return Object.fromEntries(Object.entries(values).filter(([key]) => seriesOf(key)?.metric === metric));
}
