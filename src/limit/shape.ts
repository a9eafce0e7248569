import type { LimitCurve, LimitLevel, LimitResult } from "../protocol/limit.ts";
import { queueing, scalability } from "./curves.ts";

/** Fewer levels make no curve: each has three parameters. */
const LEAST_LEVELS = 5;
/** A curve that is further off does not fit. */
const MOST_ERROR = { throughput: 0.05, latency: 0.15 };
/** Above a level that achieves less than this, the backlog grows, and its latency is a matter of time. */
const KEEPS_UP = 0.95;
const LEAST_FOR_KNEE = 3;
/** A level that is so near the best has as much for its latency: the larger one is the knee. */
const AS_GOOD = 0.98;

/** What a level came to, by the middle of its looks. */
export interface LevelFigures {
  level: number;
  throughput: number;
  /** Milliseconds: the value of the first objective on a duration. */
  latency: number;
  /** It keeps up with what is offered, and settles. */
  isSteady: boolean;
}

/** The knee of what the levels came to, and the curves that fit. */
export function shapeOf(levels: readonly LimitLevel[]): Pick<LimitResult, "knee" | "curves"> {
  const figures = levels.flatMap((level) => figuresOf(level) ?? []);
  const knee = kneeOf(figures);
  const curves = [throughputCurve(figures), latencyCurve(figures)].filter((curve) => curve !== undefined);
  return {
    ...(knee === undefined ? {} : { knee }),
    ...(curves.length > 0 ? { curves } : {}),
  };
}

/** undefined where a level says nothing of the target, or no objective is on a duration. */
function figuresOf({ level, looks }: LimitLevel): LevelFigures | undefined {
  const said = looks.filter(({ verdict }) => verdict !== "invalid");
  const at = said[0]?.objectives.findIndex(({ unit }) => unit === "duration") ?? -1;
  const [throughput, latency] = [
    medianOf(said.flatMap((look) => look.throughput ?? [])),
    medianOf(said.flatMap(({ objectives }) => objectives[at]?.value ?? [])),
  ];
  if (throughput === undefined || latency === undefined || latency <= 0) return undefined;
  const achieved = medianOf(said.flatMap((look) => look.achieved ?? [])) ?? 1;
  const drifts = said.filter(({ because }) => because === "drifts").length > said.length / 2;
  return { level, throughput, latency, isSteady: achieved >= KEEPS_UP && !drifts };
}

/** Where throughput by latency is most (Kleinrock's power): below it there is room, above it only waiting. */
function kneeOf(figures: readonly LevelFigures[]): number | undefined {
  if (figures.length < LEAST_FOR_KNEE) return undefined;
  const power = ({ throughput, latency }: LevelFigures) => throughput / latency;
  const most = Math.max(...figures.map(power));
  const knee = figures.findLast((one) => power(one) >= AS_GOOD * most);
  // At the largest level of all there is no bend yet.
  return knee && knee !== figures.at(-1) ? knee.level : undefined;
}

function throughputCurve(figures: readonly LevelFigures[]): LimitCurve | undefined {
  if (figures.length < LEAST_LEVELS) return undefined;
  const fit = scalability(figures.map(({ level, throughput }) => ({ x: level, y: throughput })));
  if (!fit || fit.error > MOST_ERROR.throughput) return undefined;
  return { of: "throughput", kind: "scalability", ...fit };
}

function latencyCurve(figures: readonly LevelFigures[]): LimitCurve | undefined {
  const steady = figures.filter(({ isSteady }) => isSteady);
  if (steady.length < LEAST_LEVELS) return undefined;
  const fit = queueing(steady.map(({ level, latency }) => ({ x: level, y: latency })));
  if (!fit || fit.error > MOST_ERROR.latency) return undefined;
  return { of: "latency", kind: "queueing", ...fit };
}

function medianOf(values: readonly number[]): number | undefined {
  const order = values.toSorted((one, other) => one - other);
  const middle = (order.length - 1) / 2;
  const [low, high] = [order[Math.floor(middle)], order[Math.ceil(middle)]];
  return low === undefined || high === undefined ? undefined : (low + high) / 2;
}
