import type { FigureUnit, Metric } from "../protocol/description.ts";

export type { FigureAlias, FigureUnit, Metric } from "../protocol/description.ts";
/** Of a value: milliseconds for durations; shares and plain numbers have none. */
export type MetricUnit = Metric["unit"];

const NAME = /^[a-z][a-z0-9_]{0,62}$/;

/** Checks metrics of one step against each other. Throws an Error with one line: a mistake of whoever wrote them. */
export function checkMetrics(metrics: readonly Metric[]): void {
  const known = new Map<string, Metric>();
  for (const metric of metrics) {
    if (!NAME.test(metric.name))
      throw new Error(
        `metric "${metric.name}": a name is a-z, 0-9 and _, at most 63, and begins with a letter`,
      );
    if (known.has(metric.name)) throw new Error(`metric "${metric.name}" is there twice`);
    known.set(metric.name, metric);
    for (const label of metric.labels)
      if (!NAME.test(label)) throw new Error(`metric "${metric.name}": "${label}" is no name of a label`);
    for (const [alias, { figure, labels, per }] of Object.entries(metric.aliases ?? {})) {
      if (figureUnit(metric, figure) === undefined)
        throw new Error(
          `metric "${metric.name}": its figure ${alias} stands for "${figure}", which it has not`,
        );
      const unknown = Object.keys({ ...labels, ...per }).find((label) => !metric.labels.includes(label));
      if (unknown)
        throw new Error(`metric "${metric.name}": its figure ${alias} names the label "${unknown}"`);
    }
  }
}

const PERCENTILE = /^p(\d{1,2}(?:\.\d{1,3})?)$/;

/** `p95` is 95, `p99.9` is 99.9; undefined where it is no percentile. */
export function percentileOf(figure: string): number | undefined {
  const [, text] = PERCENTILE.exec(figure) ?? [];
  return text === undefined ? undefined : Number(text);
}

/** The unit of one of a metric's own figures (aliases apart); undefined where the metric has no such figure. */
export function figureUnit(metric: Pick<Metric, "kind" | "unit">, figure: string): FigureUnit | undefined {
  switch (metric.kind) {
    case "duration":
      if (figure === "count" || figure === "unfinished") return "count";
      return percentileOf(figure) !== undefined || ["min", "max", "mean"].includes(figure)
        ? "duration"
        : undefined;
    case "counter":
      if (figure === "count") return metric.unit === "none" ? "count" : gaugeUnit(metric.unit);
      if (figure === "rate") return metric.unit === "bytes" ? "bytes_per_second" : "per_second";
      return undefined;
    case "gauge":
      return ["min", "max", "mean", "last"].includes(figure) ? gaugeUnit(metric.unit) : undefined;
    case "share":
      if (figure === "count" || figure === "of") return "count";
      return figure === "rate" ? "share" : undefined;
  }
}

function gaugeUnit(unit: MetricUnit): FigureUnit {
  return unit === "ms" ? "duration" : unit === "none" ? "count" : unit;
}

/** Figures that are offered for a metric, its aliases first. */
export function figuresOf(metric: Metric): string[] {
  const own = {
    duration: ["p50", "p95", "p99", "max", "min", "mean", "count", "unfinished"],
    counter: ["count", "rate"],
    gauge: ["last", "min", "max", "mean"],
    share: ["rate", "count", "of"],
  }[metric.kind];
  return [...Object.keys(metric.aliases ?? {}), ...own];
}
