import { comparedFigures, type FigureUnit, figureKey, type Metric } from "../../protocol/description.ts";
import type { Sample } from "../../protocol/snapshot.ts";
import type { StepView } from "../../protocol/steps.ts";
import { type Message, ofWords, say } from "../../text/message.ts";
import type { EndedRecord } from "../runs/ended.ts";
import type { Wording } from "../wording.ts";
import { type Judgement, judgeShares, judgeValues, quantile } from "./statistics.ts";

/** A run that is compared: how it ended, and its seconds where they are judged by. */
export interface Compared {
  final: EndedRecord;
  samples: readonly Sample[];
}

/** One measure of all runs. The first run is what the others are held against. */
export interface Measure {
  label: Message;
  /** undefined where a run does not have it. */
  values: (number | undefined)[];
  unit: FigureUnit;
  /** For the second run and the further ones. */
  differences: Difference[];
}

export interface Difference {
  /** undefined where there is no ground for one. */
  change: Change | undefined;
  judgement: Judgement;
}

/** From one value to another. */
export interface Change {
  from: number;
  to: number;
}

/** The runs, measure by measure; what none of them has is left out. Durations are milliseconds. */
export function compareRuns(runs: readonly Compared[]): Measure[] {
  return [
    ...countMeasures(runs),
    ...(workloadsOf(runs).size === 1
      ? durationMeasures(say("ready"), runs, ({ final }) =>
          final.rows.flatMap(({ readyMs }) => readyMs ?? []),
        )
      : []),
    ...phasesOf(runs).flatMap(({ name, label }) =>
      durationMeasures(ofWords(label), runs, ({ final }) =>
        final.rows.flatMap(({ phases }) => phases[name] ?? []),
      ),
    ),
    ...metricsOf(runs).flatMap((metric) =>
      comparedFigures(metric).flatMap((figure) => figureMeasure(runs, metric, figure)),
    ),
    measure(
      say("API calls, most for a workspace"),
      runs,
      ({ final }) => final.snapshot.api.maxPerWorkspace,
      "count",
    ),
  ];
}

/** Of what the runs measure by themselves: jobs and their phases are compared workspace by workspace. */
function metricsOf(runs: readonly Compared[]): Metric[] {
  const all = runs.flatMap(({ final }) => final.snapshot.description.metrics);
  const own = all.filter(({ phase, judged = true, name }) => judged && !phase && !OF_JOBS.has(name));
  return [...new Map(own.map((metric) => [metric.name, metric])).values()];
}

const OF_JOBS = new Set(["failures", "ready"]);

/** One figure of a metric: that of the whole measured part. Whether it differs is judged by its stretches. */
function figureMeasure(runs: readonly Compared[], metric: Metric, figure: string): Measure[] {
  const key = figureKey({ metric: metric.name, figure });
  const shown = (run: Compared) => run.final.snapshot.figures[key];
  const unit = runs.map(shown).find((one) => one !== undefined)?.unit;
  if (unit === undefined) return [];
  const stretches = new Map(runs.map((run) => [run, stretchesOf(run, key)]));
  const by = (run: Compared) => stretches.get(run) ?? [];
  const judge = (a: Compared, b: Compared, x: number, y: number): Judgement => {
    if (metric.better === "none") return "";
    const of = perOf(metric, figure);
    if (of) return judgeShares(sharesIn(a, metric, figure, of), sharesIn(b, metric, figure, of));
    return judgeValues(by(a), by(b), x, y, metric.better === "lower" ? "less" : "more");
  };
  return [measure(labelOf(metric, figure), runs, (run) => shown(run)?.value, unit, judge)];
}

function labelOf(metric: Metric, figure: string): Message {
  const alias = metric.aliases?.[figure];
  if (alias) return ofWords(alias.text);
  return figure === "rate" || figure === "count"
    ? ofWords(metric.text)
    : say("{0}, {1}", ofWords(metric.text), figure);
}

/** What a count is a share of, where the metric says that: drops, of connections opened. */
function perOf({ aliases = {} }: Metric, figure: string): string | undefined {
  const same = (a: object | undefined, b: object | undefined) => JSON.stringify(a) === JSON.stringify(b);
  const share = Object.values(aliases).find(
    ({ labels, per }) => per && same(labels, aliases[figure]?.labels),
  );
  return share && Object.keys(aliases).find((name) => same(aliases[name]?.labels, share.per));
}

function sharesIn({ final }: Compared, { name }: Metric, figure: string, of: string) {
  const value = (one: string) => final.snapshot.figures[figureKey({ metric: name, figure: one })]?.value ?? 0;
  return { of: value(of), count: value(figure) };
}

/** The workloads that the runs are of. */
export function workloadsOf(runs: readonly Compared[]): Set<string> {
  return new Set(runs.map(({ final }) => final.snapshot.run.workload));
}

/** Of all runs, in the order of the first that has them. */
function phasesOf(runs: readonly Compared[]): StepView["phases"] {
  const all = runs.flatMap(({ final }) => final.snapshot.phases);
  return [...new Map(all.map((phase) => [phase.name, phase])).values()];
}

function countMeasures(runs: readonly Compared[]): Measure[] {
  const counts = ({ final }: Compared) => final.snapshot.counts;
  const failures = (run: Compared) => ({ of: counts(run).total, count: counts(run).failed });
  return [
    measure(say("workspaces"), runs, (run) => counts(run).total, "count"),
    measure(say("succeeded"), runs, (run) => counts(run).succeeded, "count"),
    measure(
      say("failed"),
      runs,
      (run) => counts(run).failed,
      "count",
      (a, b) => judgeShares(failures(a), failures(b)),
    ),
  ];
}

/** By the values of single workspaces, not by averages. */
function durationMeasures(
  label: Message,
  runs: readonly Compared[],
  valuesOf: (run: Compared) => number[],
): Measure[] {
  const values = new Map(runs.map((run) => [run, valuesOf(run)]));
  if ([...values.values()].every((one) => one.length === 0)) return [];
  const of = (run: Compared) => values.get(run) ?? [];
  return [0.5, 0.95].map((q) => {
    const figure = (run: Compared) => quantile(of(run), q);
    return measure(say("{0}, p{1}", label, q * 100), runs, figure, "duration", (a, b, x, y) =>
      judgeValues(of(a), of(b), x, y, "less"),
    );
  });
}

/** Seconds that follow each other are alike: they count as one value, five by five. */
const STRETCH = 5;

/**
 * A figure over the measured part, stretch by stretch, without its first second: what a ramp or the end does to a
 * figure says nothing of the deployment. Nor do seconds that do not count, and pauses.
 */
export function stretchesOf({ final, samples }: Compared, key: string): number[] {
  const at = final.snapshot.description.series.findIndex((ref) => figureKey(ref) === key);
  const steady = samples
    .filter(({ step }) => step === final.snapshot.name)
    .filter(({ outside, paused, invalid }) => !outside && !paused && invalid === undefined)
    .flatMap(({ values }) => values[at] ?? []);
  const stretches: number[] = [];
  for (let from = 1; from + STRETCH <= steady.length; from += STRETCH)
    stretches.push(quantile(steady.slice(from, from + STRETCH), 0.5) ?? 0);
  return stretches;
}

function measure(
  label: Message,
  runs: readonly Compared[],
  figureOf: (run: Compared) => number | undefined,
  unit: FigureUnit,
  judge?: (before: Compared, after: Compared, x: number, y: number) => Judgement,
): Measure {
  const [first, ...others] = runs;
  const x = first && figureOf(first);
  return {
    label,
    values: runs.map(figureOf),
    unit,
    differences: others.map((other) => {
      const y = figureOf(other);
      if (!first || x === undefined || y === undefined) return { change: undefined, judgement: "" };
      return { change: { from: x, to: y }, judgement: judge?.(first, other, x, y) ?? "" };
    }),
  };
}

/** How much a value has changed: `+12 %`, `×15`; empty where it has not. */
export function changeText({ from, to }: Change, { text, value }: Wording): string {
  if (from === to) return "";
  if (from === 0) return text(say("new"));
  if (to / from >= 10) return `×${value(Math.round(to / from), "count")}`;
  const percent = Math.round(((to - from) / from) * 100);
  return `${percent > 0 ? "+" : percent < 0 ? "−" : "±"}${Math.abs(percent)} %`;
}
