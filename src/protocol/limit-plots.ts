import type { FigureUnit } from "./description.ts";
import type { LimitCurve, LimitLook, LimitResult } from "./limit.ts";

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
  of: "objective" | "throughput";
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
