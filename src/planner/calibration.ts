import MultivariateLinearRegression from "ml-regression-multivariate-linear";
import { type Message, say } from "../text/message.ts";
import { LEAST_MOMENTS, type MeasuredTimes, type Moment } from "./moments.ts";

/** What one more of something costs, with its standard error. */
export interface Cost {
  each: number;
  error: number;
}

/** What a run has measured of the cost of its deployment's parts. */
export interface Calibration {
  moments: number;
  /** The most that there was: beyond it, all is extrapolation. */
  most: { connections: number; builds: number };
  /** Cores of one replica that does nothing, of one connection, of one build; undefined where it cannot be told. */
  cores: { idle: number; connection?: Cost; build?: Cost } | undefined;
  /** Bytes. */
  memory: { idle: number; connection?: Cost } | undefined;
  /** How long builds took; undefined where the deployment did not say. */
  times: MeasuredTimes | undefined;
  cannotTell: Message[];
}

/** Less of a span says nothing of a slope. */
const LEAST_SPAN = { connections: 10, builds: 2 };
/** A slope counts that is so many of its standard errors away from nothing. */
const CLEAR = 3;
/** Of the cores that there are: above, coderd waits for a core, and its use says nothing of what one more costs. */
const SATURATED = 0.9;

/** By least squares over the moments of a run, before, under and after its load. */
export function calibrate(all: readonly Moment[], times: MeasuredTimes | undefined): Calibration {
  const moments = all.filter(({ cores, coresOf }) => coresOf === 0 || cores < SATURATED * coresOf);
  const most = {
    connections: Math.max(0, ...moments.map(({ connections }) => connections)),
    builds: Math.max(0, ...moments.map(({ builds }) => builds)),
  };
  const cannotTell: Message[] = [];
  const enough = moments.length >= LEAST_MOMENTS;
  if (!enough)
    cannotTell.push(
      all.length === 0
        ? say("the run has none of the deployment's own figures: run it with {0}", "--server-metrics")
        : say("only {0} looks at the deployment count; {1} are needed", moments.length, LEAST_MOMENTS),
    );
  const cores = enough ? costs(moments, ({ cores: busy }) => busy) : undefined;
  const memory = enough ? costs(moments, ({ bytes }) => bytes) : undefined;
  if (cores && !cores.connection)
    cannotTell.push(say("cores of a connection: too few connections came and went"));
  if (cores && !cores.build) cannotTell.push(say("cores of a build: too few builds began and ended"));
  if (memory && !memory.connection)
    cannotTell.push(say("memory of a connection: it did not grow clearly with them"));
  if (!times) cannotTell.push(say("how long builds take: none was timed by the deployment"));
  return { moments: moments.length, most, cores, memory, times, cannotTell };
}

type Of = "connections" | "builds";

/** What depends on nothing that came and went is idle cost; of one replica. */
function costs(
  moments: readonly Moment[],
  costOf: (moment: Moment) => number,
): { idle: number; connection?: Cost; build?: Cost } {
  const varied = (["connections", "builds"] as const).filter((of) => spanOf(moments, of) >= LEAST_SPAN[of]);
  const fitted = leastSquares(moments, costOf, varied);
  // One that is not clear is left out, and the rest is fitted again: what it costs is in that, then.
  const clear = varied.filter((_, at) => isClear(fitted.slopes[at]));
  const { idle, slopes } = clear.length === varied.length ? fitted : leastSquares(moments, costOf, clear);
  const slopeOf = (of: Of) => slopes[clear.indexOf(of)];
  const [connection, build] = [slopeOf("connections"), slopeOf("builds")];
  const replicas = Math.max(1, ...moments.map((moment) => moment.replicas));
  return {
    idle: Math.max(0, idle) / replicas,
    ...(connection ? { connection } : {}),
    ...(build ? { build } : {}),
  };
}

function spanOf(moments: readonly Moment[], of: Of): number {
  const values = moments.map((moment) => moment[of]);
  return Math.max(...values) - Math.min(...values);
}

function isClear(slope: Cost | undefined): boolean {
  return slope !== undefined && slope.each > 0 && slope.each > CLEAR * slope.error;
}

function leastSquares(
  moments: readonly Moment[],
  costOf: (moment: Moment) => number,
  by: readonly Of[],
): { idle: number; slopes: Cost[] } {
  const costsOf = moments.map(costOf);
  if (by.length === 0)
    return { idle: costsOf.reduce((sum, one) => sum + one, 0) / costsOf.length, slopes: [] };
  const found = new MultivariateLinearRegression(
    moments.map((moment) => by.map((of) => moment[of])),
    costsOf.map((cost) => [cost]),
  );
  const weights = found.weights.map(([weight = 0]) => weight);
  return {
    idle: weights[by.length] ?? 0,
    slopes: by.map((_, at) => ({ each: weights[at] ?? 0, error: found.stdErrors[at] ?? 0 })),
  };
}
