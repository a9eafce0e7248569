import type { FigureUnit } from "./description.ts";
import { type LimitCurve, type LimitLook, type LimitResult, passingSide } from "./limit.ts";

/** Pictures of a search: data of what is drawn, for the panel, the report and the terminal. */

/** One look at a level: where it stands in a picture, and in the run's time. */
export interface PlotPoint {
  level: number;
  value: number;
  verdict: LimitLook["verdict"];
  /** Seconds of the run. */
  from: number;
  until: number;
}

/** Load against one figure. */
export interface LimitPlot {
  of: "objective" | "throughput" | "frontier";
  /** Of an objective, its expression. */
  expression: string | undefined;
  unit: FigureUnit;
  points: PlotPoint[];
  /** Of an objective. */
  limit: number | undefined;
  curve: LimitCurve | undefined;
}

/** Each objective over the load, the throughput behind the first on a duration. What was not measured is not drawn. */
export function plotsOf({ levels, curves = [] }: Pick<LimitResult, "levels" | "curves">): LimitPlot[] {
  const objectives = levels[0]?.looks[0]?.objectives ?? [];
  const firstDuration = objectives.findIndex(({ unit }) => unit === "duration");
  const plots = objectives.map(
    ({ expression, unit, limit }, at): LimitPlot => ({
      ...{ of: "objective", expression, unit: unit as FigureUnit, limit },
      points: pointsOf(levels, (look) => look.objectives[at]?.value ?? undefined),
      curve: at === firstDuration ? curves.find((curve) => curve.of === "latency") : undefined,
    }),
  );
  const throughput: LimitPlot = {
    ...{ of: "throughput", expression: undefined, unit: "per_second", limit: undefined },
    points: pointsOf(levels, (look) => look.throughput),
    curve: curves.find((curve) => curve.of === "throughput"),
  };
  const place = firstDuration < 0 ? plots.length : firstDuration + 1;
  return plots.toSpliced(place, 0, throughput).filter(({ points }) => points.length > 0);
}

/**
 * What passes over the second number of a grid: the largest level of each search, at its value; where none passes, the
 * smallest that breaks. undefined where there is no grid.
 */
export function frontierOf({ grid }: Pick<LimitResult, "grid">): LimitPlot | undefined {
  const points = (grid?.rows ?? []).flatMap(({ value, end, levels }): PlotPoint[] => {
    const passing = passingSide(end);
    const side = passing ?? ("failing" in end ? end.failing : undefined);
    const looks = levels.find(({ level }) => level === side?.level)?.looks ?? [];
    const [first, last] = [looks[0], looks.at(-1)];
    if (!side || !first || !last) return [];
    const verdict = passing ? "passes" : "breaks";
    return [{ level: value, value: side.level, verdict, from: first.from, until: last.until }];
  });
  if (points.length === 0) return undefined;
  return { of: "frontier", expression: undefined, unit: "count", points, limit: undefined, curve: undefined };
}

function pointsOf(
  levels: LimitResult["levels"],
  figureOf: (look: LimitLook) => number | undefined,
): PlotPoint[] {
  return levels.flatMap(({ level, looks }) =>
    looks.flatMap((look) => {
      const value = figureOf(look);
      const { verdict, from, until } = look;
      return value === undefined ? [] : [{ level, value, verdict, from, until }];
    }),
  );
}
