import { say } from "../../text/message.ts";
import { evidence, written } from "./evidence.ts";
import type { Of, Part, RunView } from "./rule.ts";

export const QUERY_MEAN: Of = { metric: "server_query", figure: "mean" };
export const QUERY_P95: Of = { metric: "server_query", figure: "p95" };
export const IN_USE: Of = { metric: "server_db_connections", figure: "max", labels: { state: "in_use" } };
export const MOST: Of = { metric: "server_db_most", figure: "max" };
export const WAITS: Of = { metric: "server_db_waits", figure: "mean" };
export const WAIT: Of = { metric: "server_db_wait", figure: "mean" };

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
  const mean = view.figure(QUERY_MEAN, part);
  const count = view.figure({ ...QUERY_MEAN, figure: "count" }, part) ?? 0;
  if (mean === undefined || count === 0) return undefined;
  const seconds = part === "load" ? view.loadS : 0;
  const waits = (view.figure(WAITS, part) ?? 0) * seconds;
  const wait = Math.min(mean, ((view.figure(WAIT, part) ?? 0) * Math.min(waits, count)) / count);
  return { mean, wait, own: mean - wait };
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
