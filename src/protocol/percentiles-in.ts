import type { Description, Figures } from "./description.ts";
import { figureKey } from "./figure-key.ts";
import { FIGURES, type Percentiles } from "./percentile.ts";
import type { Labels } from "./series-key.ts";
import type { Phase } from "./snapshot.ts";

/** In the order in which a job goes through them; those that none has gone through are left out. */
export function phasesIn({ phases }: Pick<Description, "phases">, figures: Figures): Phase[] {
  return phases.flatMap(({ name, label }) => {
    const percentiles = percentilesIn(figures, name);
    return percentiles ? [{ name, label, ...percentiles }] : [];
  });
}

/** A duration's figures in one; undefined where nothing was measured. */
export function percentilesIn(figures: Figures, metric: string, labels?: Labels): Percentiles | undefined {
  const of = (figure: string) =>
    figures[figureKey({ metric, figure, ...(labels ? { labels: { ...labels } } : {}) })];
  const all = of("count")?.value;
  if (all === undefined) return undefined;
  const unfinished = of("unfinished")?.value ?? 0;
  const mean = of("mean")?.value;
  const value = (figure: string) => rounded(of(figure)?.value ?? 0);
  const atLeast = FIGURES.filter((figure) => of(figure)?.atLeast !== undefined);
  return {
    count: all - unfinished,
    ...(mean === undefined ? {} : { mean: rounded(mean) }),
    p50: value("p50"),
    p95: value("p95"),
    p99: value("p99"),
    max: value("max"),
    ...(unfinished > 0 ? { unfinished } : {}),
    ...(atLeast.length > 0 ? { atLeast } : {}),
  };
}

/** To microseconds. */
function rounded(ms: number): number {
  return Math.round(ms * 1_000) / 1_000;
}
