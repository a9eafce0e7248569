import type { Metric } from "../protocol/description.ts";
import { figureUnit } from "../protocol/figure-unit.ts";

export type { FigureAlias, FigureUnit, Metric } from "../protocol/description.ts";

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
