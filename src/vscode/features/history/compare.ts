import { formatCount, formatDateTime, formatDuration } from "../../../l10n/figures.ts";
import { formatValue } from "../../../l10n/shown.ts";
import { lookedUp, plural, t, wordsOf } from "../../../l10n/text.ts";
import { comparedFigures, figureKey, type Metric } from "../../../protocol/description.ts";
import type { Sample } from "../../../protocol/snapshot.ts";
import type { StepView } from "../../../protocol/steps.ts";
import type { EndedRecord } from "../../model/runs/watched-run.ts";
import { type Judgement, judgeShares, judgeValues, quantile } from "./statistics.ts";

/** A run that is compared: how it ended, and its seconds where they are judged by. */
export interface Compared {
  final: EndedRecord;
  samples: readonly Sample[];
}

/** One measure of all runs. The first run is what the others are held against. */
export interface Measure {
  label: string;
  values: string[];
  /** For the second run and the further ones. */
  differences: Difference[];
}

export interface Difference {
  /** `+12 %`; empty where there is no ground for one. */
  change: string;
  judgement: Judgement;
}

/** The runs, measure by measure; what none of them has is left out. Durations are milliseconds. */
export function compareRuns(runs: readonly Compared[]): Measure[] {
  return [
    ...countMeasures(runs),
    ...(workloadsOf(runs).size === 1
      ? durationMeasures(t("ready"), runs, ({ final }) => final.rows.flatMap(({ readyMs }) => readyMs ?? []))
      : []),
    ...phasesOf(runs).flatMap(({ name, label }) =>
      durationMeasures(lookedUp(label), runs, ({ final }) =>
        final.rows.flatMap(({ phases }) => phases[name] ?? []),
      ),
    ),
    ...metricsOf(runs).flatMap((metric) =>
      comparedFigures(metric).flatMap((figure) => figureMeasure(runs, metric, figure)),
    ),
    measure(
      t("API calls, most for a workspace"),
      runs,
      ({ final }) => final.snapshot.api.maxPerWorkspace,
      formatCount,
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
  return [
    measure(
      labelOf(metric, figure),
      runs,
      (run) => shown(run)?.value,
      (value) => formatValue(value, unit),
      judge,
    ),
  ];
}

function labelOf(metric: Metric, figure: string): string {
  const alias = metric.aliases?.[figure];
  if (alias) return lookedUp(alias.text);
  return figure === "rate" || figure === "count"
    ? lookedUp(metric.text)
    : t("{0}, {1}", lookedUp(metric.text), figure);
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

function workloadsOf(runs: readonly Compared[]): Set<string> {
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
    measure(t("workspaces"), runs, (run) => counts(run).total, formatCount),
    measure(t("succeeded"), runs, (run) => counts(run).succeeded, formatCount),
    measure(
      t("failed"),
      runs,
      (run) => counts(run).failed,
      formatCount,
      (a, b) => judgeShares(failures(a), failures(b)),
    ),
  ];
}

/** By the values of single workspaces, not by averages. */
function durationMeasures(
  label: string,
  runs: readonly Compared[],
  valuesOf: (run: Compared) => number[],
): Measure[] {
  const values = new Map(runs.map((run) => [run, valuesOf(run)]));
  if ([...values.values()].every((one) => one.length === 0)) return [];
  const of = (run: Compared) => values.get(run) ?? [];
  return [0.5, 0.95].map((q) => {
    const figure = (run: Compared) => quantile(of(run), q);
    return measure(t("{0}, p{1}", label, q * 100), runs, figure, formatDuration, (a, b, x, y) =>
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
  label: string,
  runs: readonly Compared[],
  figureOf: (run: Compared) => number | undefined,
  format: (value: number) => string,
  judge?: (before: Compared, after: Compared, x: number, y: number) => Judgement,
): Measure {
  const [first, ...others] = runs;
  const x = first && figureOf(first);
  return {
    label,
    values: runs.map((run) => {
      const value = figureOf(run);
      return value === undefined ? "–" : format(value);
    }),
    differences: others.map((other) => {
      const y = figureOf(other);
      if (!first || x === undefined || y === undefined) return { change: "", judgement: "" };
      return { change: changeText(x, y), judgement: judge?.(first, other, x, y) ?? "" };
    }),
  };
}

function changeText(a: number, b: number): string {
  if (a === b) return "";
  if (a === 0) return t("new");
  if (b / a >= 10) return `×${formatCount(b / a)}`;
  const percent = Math.round(((b - a) / a) * 100);
  return `${percent > 0 ? "+" : percent < 0 ? "−" : "±"}${Math.abs(percent)} %`;
}

const MARKS: Record<Judgement, () => string> = {
  better: () => `✓ ${t("better")}`,
  worse: () => `✗ ${t("worse")}`,
  "within noise": () => t("within noise"),
  "": () => "",
};

/** `A`, `B`, … */
const letter = (index: number) => String.fromCharCode("A".charCodeAt(0) + index);

/** The comparison as a Markdown document; titles become no markup. */
export function comparisonMarkdown(runs: readonly Compared[], escapeText: (text: string) => string): string {
  const measures = compareRuns(runs);
  const heads = runs.flatMap((_, index) =>
    index === 0 ? [letter(0)] : [letter(index), t("{0} against A", letter(index))],
  );
  return [
    `# ${plural(runs.length, { one: "{0} scale test compared", other: "{0} scale tests compared" })}`,
    "",
    ...runs.map((run, index) => `- **${letter(index)}**: ${nameOf(run, escapeText)}`),
    "",
    ...invalidWarnings(runs),
    ...workloadWarning(runs),
    `| | ${heads.join(" | ")} |`,
    `|:--|${heads.map((_, index) => (index === 0 || index % 2 === 1 ? "--:|" : ":--|")).join("")}`,
    ...measures.map((one) => rowOf(one, escapeText)),
    "",
    t(
      "A is the earliest. Durations of workspaces are judged by the values of each, everything else by stretches of five seconds (Mann–Whitney, two-sided 1 %), failures by their share; less than 5 % counts as noise in any case.",
    ),
    "",
  ].join("\n");
}

function rowOf({ label, values, differences }: Measure, escapeText: (text: string) => string): string {
  const cells = values.flatMap((value, index) => {
    const difference = differences[index - 1];
    if (!difference) return [value];
    return [value, [difference.change, MARKS[difference.judgement]()].filter(Boolean).join(" · ")];
  });
  return `| ${escapeText(label)} | ${cells.join(" | ")} |`;
}

function nameOf({ final: { snapshot } }: Compared, escapeText: (text: string) => string): string {
  const { title, deployment, createdAt } = snapshot.run;
  return `${escapeText(title)}, ${escapeText(deployment.host)}, ${formatDateTime(createdAt)}: ${escapeText(snapshot.outcome ? wordsOf(snapshot.outcome.summary) : "")}`;
}

/** Whose generator came to its limits, has measured itself. */
function invalidWarnings(runs: readonly Compared[]): string[] {
  return runs.flatMap(({ final }, index) =>
    final.snapshot.outcome?.verdict === "invalid"
      ? [
          `> ${t("{0} is invalid: its figures are those of the generator, not of the deployment.", letter(index))}`,
          "",
        ]
      : [],
  );
}

/** Of different loads, a difference says nothing about the deployment. */
function workloadWarning(runs: readonly Compared[]): string[] {
  if (workloadsOf(runs).size > 1)
    return [`> ${t("These runs are of different workloads: only what both have can be compared.")}`, ""];
  const sizes = new Set(runs.map(({ final }) => final.snapshot.counts.total));
  return sizes.size > 1
    ? [`> ${t("These runs had different numbers of workspaces: a larger load may well be slower.")}`, ""]
    : [];
}
