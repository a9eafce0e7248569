import type { Description, FigureRef, FigureUnit, Metric } from "../../protocol/description.ts";

/** What a figure is measured in. undefined where the description has no such metric. */
export function unitOf({ metrics }: Pick<Description, "metrics">, ref: FigureRef): FigureUnit | undefined {
  const metric = metrics.find(({ name }) => name === ref.metric);
  if (!metric) return undefined;
  const alias = metric.aliases?.[ref.figure];
  return alias?.per ? "share" : ownUnit(metric, alias?.figure ?? ref.figure);
}

/** Held by a test against what the engine says (src/measure/metric.ts), which a page cannot import. */
function ownUnit({ kind, unit }: Metric, figure: string): FigureUnit {
  if (kind === "duration") return figure === "count" || figure === "unfinished" ? "count" : "duration";
  if (kind === "share") return figure === "rate" ? "share" : "count";
  if (kind === "counter" && figure === "rate") return unit === "bytes" ? "bytes_per_second" : "per_second";
  return unit === "ms" ? "duration" : unit === "none" ? "count" : unit;
}
