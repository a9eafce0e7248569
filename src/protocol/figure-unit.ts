import type { FigureUnit, Metric } from "./description.ts";

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
      if (["count", "ended", "unfinished"].includes(figure)) return "count";
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

function gaugeUnit(unit: Metric["unit"]): FigureUnit {
  return unit === "ms" ? "duration" : unit === "none" ? "count" : unit;
}

/** The share that an alias is, or the unit of its figure. */
export function unitOf(metric: Metric, figure: string): FigureUnit | undefined {
  const alias = metric.aliases?.[figure];
  return alias?.per ? "share" : figureUnit(metric, alias?.figure ?? figure);
}
