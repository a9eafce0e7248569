import {
  comparedFigures,
  type Description,
  type FigureRef,
  type Figures,
  type Line,
  type Metric,
  type ShownFigure,
} from "../protocol/description.ts";
import { figureKey } from "../protocol/figure-key.ts";
import type { Labels } from "../protocol/series-key.ts";
import { figureOf, type Measured, shownFigure } from "./figures.ts";
import { figuresOf } from "./metric.ts";
import { seriesOf } from "./series.ts";

/** What figures are taken of. */
export interface Sources {
  /** The measured part, without the seconds that do not count. */
  valid: Measured;
  all: Measured;
  /** The last whole second; undefined before there is one. */
  second: Measured | undefined;
}

/** The figures that the description puts before people, as far as they were measured. */
export function figuresToShow(description: Description, sources: Sources): Figures {
  const metrics = new Map(description.metrics.map((metric) => [metric.name, metric]));
  const figures: Figures = {};
  for (const ref of figureRefs(description, sources.all)) {
    const key = figureKey(ref);
    if (key in figures) continue;
    const metric = metrics.get(ref.metric);
    const shown = metric && measure(metric, ref, sources);
    if (shown) figures[key] = shown;
  }
  return figures;
}

/** Where all of a figure lies in seconds that do not count, all is better than nothing: no threshold is held to it. */
function measure(metric: Metric, ref: FigureRef, { valid, all, second }: Sources): ShownFigure | undefined {
  if (ref.over === "second") return second && shownFigure(metric, ref, second);
  return shownFigure(metric, ref, valid) ?? shownFigure(metric, ref, all);
}

function* figureRefs(description: Description, measured: Measured): Generator<FigureRef> {
  const { cards, charts, tables, brief, phases } = description;
  for (const card of cards) {
    if (typeof card === "string") continue;
    for (const part of [card, card.live ?? {}]) {
      if (part.value) yield part.value;
      for (const line of [part.aside, ...(part.lines ?? [])]) yield* ofLine(line);
    }
  }
  for (const { lines } of charts) for (const { figure } of lines) yield figure;
  for (const table of tables) yield* ofTable(table, measured);
  for (const { name } of phases) for (const figure of PERCENTILES) yield { metric: name, figure };
  const { progress, key, lines, faults, facts } = brief;
  for (const ref of [progress?.done, progress?.over, progress?.total, key?.figure, key?.live])
    if (ref) yield ref;
  for (const line of [...lines, ...faults]) yield* ofLine(line);
  for (const { line, live } of facts) {
    yield* ofLine(line);
    yield* ofLine(live);
  }
  for (const figure of PERCENTILES) yield { metric: "ready", figure };
  for (const metric of description.metrics)
    if (metric.judged ?? true)
      for (const figure of comparedFigures(metric)) yield { metric: metric.name, figure };
  for (const figure of ["p99", "max"]) yield { metric: "loop_lateness", figure };
  yield { metric: "generator_cpu", figure: "mean" };
}

/** What is told of every phase. */
const PERCENTILES = ["count", "unfinished", "mean", "p50", "p95", "p99", "max"];

function* ofLine(line: Line | undefined): Generator<FigureRef> {
  yield* line?.args ?? [];
}

function* ofTable(table: Description["tables"][number], measured: Measured): Generator<FigureRef> {
  if (table.kind === "figures") {
    for (const { figures } of table.rows)
      for (const ref of figures) {
        yield ref;
        for (const { value } of table.columns)
          if (hasSeries(measured, ref.metric, { [table.by]: value }))
            yield { ...ref, labels: { ...ref.labels, [table.by]: value } };
      }
    return;
  }
  const [first] = table.columns;
  if (!first) return;
  for (const labels of labelsOf(
    measured,
    first.figure.metric,
    table.by.map(({ label }) => label),
  ))
    for (const { figure } of table.columns) yield { ...figure, labels: { ...figure.labels, ...labels } };
}

function hasSeries({ values }: Measured, metric: string, labels: Labels): boolean {
  for (const key of values.keys()) {
    if (!key.startsWith(metric)) continue;
    const series = seriesOf(key);
    if (series?.metric !== metric) continue;
    if (Object.entries(labels).every(([name, value]) => series.labels[name] === value)) return true;
  }
  return false;
}

/** The sets of values of these labels that a metric has been measured with. */
function labelsOf({ values }: Measured, metric: string, names: readonly string[]): Labels[] {
  const found = new Map<string, Labels>();
  for (const key of values.keys()) {
    if (!key.startsWith(metric)) continue;
    const series = seriesOf(key);
    if (series?.metric !== metric) continue;
    const labels = Object.fromEntries(names.map((name) => [name, series.labels[name] ?? ""]));
    found.set(JSON.stringify(labels), labels);
  }
  return [...found.values()];
}

/** A metric in the result: all its figures, of all its series together and of each. */
export interface MetricResult {
  kind: Metric["kind"];
  unit: Metric["unit"];
  better: Metric["better"];
  series: ({ labels: Labels } & Record<string, unknown>)[];
}

/** Every figure of every metric that was measured. */
export function allFigures(metrics: readonly Metric[], measured: Measured): Record<string, MetricResult> {
  const results: Record<string, MetricResult> = {};
  for (const metric of metrics) {
    const own = labelsOf(measured, metric.name, metric.labels);
    const all: Labels[] = own.length > 1 ? [{}, ...own] : own;
    if (all.length === 0) continue;
    const { name, kind, unit, better } = metric;
    results[name] = {
      kind,
      unit,
      better,
      series: all.map((labels) => seriesResult(metric, labels, measured)),
    };
  }
  return results;
}

function seriesResult(metric: Metric, labels: Labels, measured: Measured): MetricResult["series"][number] {
  const figures = figuresOf({ ...metric, aliases: {} }).flatMap((figure) => {
    const found = figureOf(metric, figure, labels, measured);
    return found ? [[figure, Math.round(found.value * 1_000) / 1_000] as const] : [];
  });
  return { labels, ...Object.fromEntries(figures) };
}
