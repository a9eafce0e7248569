import { say } from "../../text/message.ts";
import { evidence, written } from "./evidence.ts";
import type { Of, Part, Point, RunView } from "./rule.ts";

export const QUERY_MEAN: Of = { metric: "server_query", figure: "mean" };
export const QUERY_P95: Of = { metric: "server_query", figure: "p95" };
export const IN_USE: Of = { metric: "server_db_connections", figure: "max", labels: { state: "in_use" } };
export const MOST: Of = { metric: "server_db_most", figure: "max" };
export const WAITS: Of = { metric: "server_db_waits", figure: "mean" };
export const WAIT: Of = { metric: "server_db_wait", figure: "mean" };

const EXACT_MEAN: Of = { metric: "server_query_mean", figure: "mean" };
const QUERY_COUNT: Of = { metric: "server_query", figure: "count" };
/** What rules need of it second by second. */
export const DATABASE_LINES: readonly Of[] = [QUERY_MEAN, EXACT_MEAN, QUERY_COUNT, WAITS, WAIT, IN_USE];

/** How long the first look of a load goes back, at most. */
const FIRST_LOOK_S = 2;
const LEAST_SLOW_MS = 20;
const TIMES_SLOWER = 3;
/** Without a baseline, a query that takes so long is slow by any measure. */
const SLOW_MS = 50;

/** How long queries take, in milliseconds, and how much of it they wait for a connection: coderd times both together. */
export interface QueryTimes {
  mean: number;
  wait: number;
  own: number;
}

export function queryTimes(view: RunView, part: Part = "load"): QueryTimes | undefined {
  if (part === "load") return ofLooks(view);
  // Without a load, nobody waits for a connection.
  const mean = view.figure(EXACT_MEAN, part) ?? view.figure(QUERY_MEAN, part);
  return mean === undefined ? undefined : { mean, wait: 0, own: mean };
}

/** Look by look, for waits and queries of different looks have nothing to do with each other. */
function ofLooks(view: RunView): QueryTimes | undefined {
  const [exact, counts, waits, wait] = [EXACT_MEAN, QUERY_COUNT, WAITS, WAIT].map((of) =>
    bySecond(view.line(of)),
  );
  const means = view.line(EXACT_MEAN).length > 0 ? exact : bySecond(view.line(QUERY_MEAN));
  const sum = { count: 0, ms: 0, waitedMs: 0 };
  let before: number | undefined;
  for (const [second, mean] of means ?? []) {
    const count = counts?.get(second) ?? 0;
    const everyS = before === undefined ? FIRST_LOOK_S : second - before;
    before = second;
    const waited = Math.min(count, (waits?.get(second) ?? 0) * everyS) * (wait?.get(second) ?? 0);
    sum.count += count;
    sum.ms += count * mean;
    sum.waitedMs += Math.min(count * mean, waited);
  }
  if (sum.count === 0) return undefined;
  const [mean, waited] = [sum.ms / sum.count, sum.waitedMs / sum.count];
  return { mean, wait: waited, own: mean - waited };
}

function bySecond(line: readonly Point[]): Map<number, number> {
  return new Map(line.map(({ second, value }) => [second, value]));
}

/** Statements that are slow by themselves, whoever waits for a connection. */
export function slowQueries(view: RunView): { now: QueryTimes; before: QueryTimes | undefined } | undefined {
  const now = queryTimes(view);
  if (!now) return undefined;
  const before = queryTimes(view, "baseline");
  const limit = before ? Math.max(LEAST_SLOW_MS, TIMES_SLOWER * before.own) : SLOW_MS;
  return now.own >= limit || now.own >= 4 * SLOW_MS ? { now, before } : undefined;
}

export function sayQueries({ now, before }: NonNullable<ReturnType<typeof slowQueries>>) {
  const said = before
    ? say(
        "database queries take {0} on average without the wait for a connection, {1} before the load",
        written(now.own, "duration"),
        written(before.own, "duration"),
      )
    : say(
        "database queries take {0} on average without the wait for a connection",
        written(now.own, "duration"),
      );
  return evidence(QUERY_MEAN, now.own, said);
}
