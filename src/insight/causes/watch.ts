import { SERVER_METRICS } from "../../contract/server-metrics.ts";
import { figureOf } from "../../measure/figures.ts";
import type { Second } from "../../measure/seconds.ts";
import { seriesOf } from "../../measure/series.ts";
import { Sum } from "../../measure/totals.ts";
import type { Value } from "../../measure/values.ts";
import type { Bottlenecks } from "../../protocol/bottlenecks.ts";
import type { Metric } from "../../protocol/description.ts";
import { figureKey } from "../../protocol/figure-key.ts";
import type { Message } from "../../text/message.ts";
import { DRILLS, drillsOf } from "../drills/drills.ts";
import { foldedValues } from "./folded.ts";
import { Line } from "./line.ts";
import { bottlenecksOf } from "./rank.ts";
import type { EachOf, Of, Part, Point, RunView } from "./rule.ts";
import { RULES } from "./rules.ts";
import { SYMPTOM_LINES } from "./symptoms.ts";

/** What is known of a run besides its seconds. */
export interface Known {
  /** Metrics of which an objective is broken. */
  broken: ReadonlySet<string>;
  failures: RunView["failures"];
  programs: RunView["programs"];
}

/** Where a second stands: in a part of the run, and of a search for the largest load, at a level of it. */
export interface Place {
  part: Part;
  level?: LevelKey | undefined;
}

/** A level of a search; of several searches in a run, told apart by them. */
export type LevelKey = number | string;

const LINES: readonly Of[] = distinct([
  ...SYMPTOM_LINES,
  ...[...RULES, ...DRILLS].flatMap(({ lines }) => lines),
]);
const EACH: readonly EachOf[] = [...RULES, ...DRILLS].flatMap(({ each = [] }) => each);
/** Bounded by the levels of a search; those beyond are not told apart. */
const MOST_LEVELS = 128;

/** Sums of some seconds, and the figures of each. */
class Stretch {
  readonly sum = new Sum();
  readonly lines = new Map<string, Line>();
  /** Of a label that is told apart, the values that were seen. */
  readonly #values = new Map<string, Set<string>>();
  seconds = 0;
  invalid = 0;
  firstInvalid: { second: number; reason: Message } | undefined;

  add(values: Readonly<Record<string, Value>>, ms: number): void {
    this.seconds++;
    this.sum.add(values);
    this.sum.addTime(ms);
  }

  point(key: string, second: number, value: number): void {
    const line = this.lines.get(key) ?? new Line();
    this.lines.set(key, line);
    line.push(second, value);
  }

  /** A line of one value of a label. */
  pointOf(of: EachOf, label: string, second: number, value: number): void {
    const known = this.#values.get(eachKey(of)) ?? new Set();
    this.#values.set(eachKey(of), known.add(label));
    this.point(figureKey(oneOf(of, label)), second, value);
  }

  each(of: EachOf): Map<string, Point[]> {
    const values = [...(this.#values.get(eachKey(of)) ?? [])];
    return new Map(
      values.map((label) => [label, this.lines.get(figureKey(oneOf(of, label)))?.points() ?? []]),
    );
  }
}

/** Gathers what rules need of a run's closed seconds, and asks them. The same seconds give the same answer. */
export class CauseWatch {
  #metrics = new Map<string, Metric>(SERVER_METRICS.map((metric) => [metric.name, metric]));
  readonly #parts: Record<Part, Stretch> = {
    baseline: new Stretch(),
    load: new Stretch(),
    recovery: new Stretch(),
  };
  readonly #levels = new Map<LevelKey, Stretch>();

  /** Metrics that seconds have from now on. */
  describe(metrics: readonly Metric[]): void {
    for (const metric of metrics) this.#metrics.set(metric.name, metric);
  }

  take({ second, steps }: Second, { part, level }: Place): void {
    const all = Object.values(steps);
    if (all.length === 0) return;
    const values = foldedValues(all, part === "load");
    const ms = Math.max(0, ...all.map((one) => one.ms));
    const sum = part === "load" ? sumOf(values) : undefined;
    const points = sum ? this.#points(sum) : [];
    const each = sum ? this.#pointsOfEach(sum) : [];
    const invalid = all.find((one) => one.invalid !== undefined && one.ms > 0)?.invalid;
    for (const stretch of this.#stretches(part, level)) {
      stretch.add(values, ms);
      for (const [key, value] of points) stretch.point(key, second, value);
      for (const { of, label, value } of each) stretch.pointOf(of, label, second, value);
      if (invalid === undefined) continue;
      stretch.invalid++;
      stretch.firstInvalid ??= { second, reason: invalid };
    }
  }

  #stretches(part: Part, level: LevelKey | undefined): Stretch[] {
    const whole = this.#parts[part];
    if (part !== "load" || level === undefined) return [whole];
    const own = this.#levels.get(level) ?? new Stretch();
    if (this.#levels.size < MOST_LEVELS) this.#levels.set(level, own);
    return [whole, own];
  }

  #points(sum: Sum): [string, number][] {
    const points: [string, number][] = [];
    for (const of of LINES) {
      const value = this.#isThere(of, sum) ? this.#figure(of, sum) : undefined;
      if (value !== undefined) points.push([figureKey(of), value]);
    }
    return points;
  }

  #pointsOfEach(sum: Sum): { of: EachOf; label: string; value: number }[] {
    return EACH.flatMap((of) => {
      const keys = [...sum.values.keys()].filter((key) => key.startsWith(`${of.metric}{`));
      const labels = new Set(keys.flatMap((key) => seriesOf(key)?.labels[of.each] ?? []));
      return [...labels].flatMap((label) => {
        const value = this.#figure(oneOf(of, label), sum);
        return value === undefined ? [] : [{ of, label, value }];
      });
    });
  }

  /** A counter that nobody counted in is 0 of a second, and none of those that were looked at. */
  #isThere({ metric }: Of, sum: Sum): boolean {
    if (sum.values.has(metric)) return true;
    const labelled = `${metric}{`;
    for (const key of sum.values.keys()) if (key.startsWith(labelled)) return true;
    return false;
  }

  #figure({ metric, figure, labels = {} }: Of, sum: Sum): number | undefined {
    const known = this.#metrics.get(metric);
    return known && figureOf(known, figure, labels, sum)?.value;
  }

  /** `level`: as that level of a search shows it. */
  view({ broken, failures, programs }: Known, level?: LevelKey): RunView {
    const stretch = (level === undefined ? undefined : this.#levels.get(level)) ?? this.#parts.load;
    const { invalid, seconds, firstInvalid } = stretch;
    // Several rules ask for the same.
    const known = new Map<string, number | undefined>();
    const lines = new Map<string, readonly Point[]>();
    return {
      figure: (of, part = "load") => {
        const key = `${part} ${figureKey(of)}`;
        if (!known.has(key))
          known.set(key, this.#figure(of, part === "load" ? stretch.sum : this.#parts[part].sum));
        return known.get(key);
      },
      line: (of) => {
        const key = figureKey(of);
        const line = lines.get(key) ?? stretch.lines.get(key)?.points() ?? [];
        lines.set(key, line);
        return line;
      },
      each: (of) => stretch.each(of),
      loadS: seconds,
      broken,
      invalid: {
        share: seconds > 0 ? invalid / seconds : 0,
        first: firstInvalid?.second,
        reason: firstInvalid?.reason,
      },
      failures,
      programs,
    };
  }

  /** A level of a search has no drills: they are of the run. */
  bottlenecks(known: Known, level?: LevelKey): Bottlenecks {
    const view = this.view(known, level);
    const drills = level === undefined ? drillsOf(view) : [];
    return { ...bottlenecksOf(view), ...(drills.length > 0 ? { drills } : {}) };
  }
}

function sumOf(values: Readonly<Record<string, Value>>): Sum {
  const sum = new Sum();
  sum.add(values);
  sum.addTime(1_000);
  return sum;
}

function oneOf({ metric, figure, each }: EachOf, label: string): Of {
  return { metric, figure, labels: { [each]: label } };
}

function eachKey({ metric, figure, each }: EachOf): string {
  return `${figureKey({ metric, figure })} by ${each}`;
}

function distinct(all: readonly Of[]): Of[] {
  return [...new Map(all.map((of) => [figureKey(of), of])).values()];
}
