import type { Evidence } from "../../protocol/bottlenecks.ts";
import { say } from "../../text/message.ts";
import { between, earliest, evidence, type Reason, shareOf, sinceOf, written } from "./evidence.ts";
import { podAtCpuLimit } from "./pods.ts";
import type { EachOf, Of, Point, RunView } from "./rule.ts";

const LOCKS: Of = { metric: "server_pg_waits", figure: "max", labels: { wait: "Lock" } };
const LONGEST: Of = { metric: "server_pg_longest", figure: "max" };
const CONNECTIONS: Of = { metric: "server_pg_connections", figure: "max" };
const MOST: Of = { metric: "server_pg_most", figure: "max" };
/** What rules need of PostgreSQL's own figures second by second. */
export const POSTGRES_LINES: readonly Of[] = [LOCKS, CONNECTIONS];
const LOADS: EachOf = { metric: "server_pg_statement_load", figure: "mean", each: "statement" };
export const POSTGRES_EACH: readonly EachOf[] = [LOADS];

/** In so many of the looks, a statement waits for a lock. */
const LEAST_LOCKED = 0.25;
/** A statement that keeps so many sessions busy, and takes so long, and so many times longer than before the load. */
const LEAST_LOAD = 0.5;
const SLOW_MS = 50;
const TIMES_SLOWER = 3;
const LONG_TRANSACTION_MS = 5_000;
const FULL = 0.9;

/** PostgreSQL itself shows that it is slow. */
export interface SlowPostgres {
  strength: number;
  since: number | undefined;
  said: Evidence[];
}

/** Its own figures are read. */
export function knowsPostgres(view: RunView): boolean {
  return view.figure(MOST) !== undefined;
}

/** Statements wait for a lock, one is slow, or its container has no CPU left. */
export function slowPostgres(view: RunView): SlowPostgres | undefined {
  const reasons = [locked(view), slowest(view), podAtCpuLimit(view, "database")].filter(
    (one) => one !== undefined,
  );
  if (reasons.length === 0) return undefined;
  const longest = view.figure(LONGEST) ?? 0;
  return {
    strength: Math.max(...reasons.map(({ strength }) => strength)),
    since: earliest(reasons.map(({ since }) => since)),
    said: [
      ...reasons.map(({ said }) => said),
      ...(longest >= LONG_TRANSACTION_MS
        ? [evidence(LONGEST, longest, say("a transaction was open for {0}", written(longest, "duration")))]
        : []),
    ],
  };
}

function locked(view: RunView): Reason | undefined {
  const line = view.line(LOCKS);
  const isLocked = (value: number) => value >= 1;
  const [most, share] = [view.figure(LOCKS), shareOf(line, isLocked)];
  const before = view.figure({ ...LOCKS, figure: "mean" }, "baseline") ?? 0;
  if (most === undefined || share < LEAST_LOCKED || most < 2 * before) return undefined;
  return {
    strength: 0.6 + 0.3 * between(share, LEAST_LOCKED, 0.75),
    since: sinceOf(line, isLocked),
    said: evidence(LOCKS, most, say("up to {0} statements of PostgreSQL wait for a lock", Math.round(most))),
  };
}

/** Of those that are slow, the one that keeps most sessions busy. */
function slowest(view: RunView): Reason | undefined {
  const all = [...view.each(LOADS)].flatMap(([statement, line]) => {
    const time: Of = { metric: "server_pg_statement", figure: "mean", labels: { statement } };
    const [now, before] = [view.figure(time), view.figure(time, "baseline")];
    const isSlow = now !== undefined && now >= Math.max(SLOW_MS, TIMES_SLOWER * (before ?? 0));
    const load = meanOf(line);
    return isSlow && load >= LEAST_LOAD ? [{ statement, line, time, now, before, load }] : [];
  });
  const [first] = all.sort((a, b) => b.load - a.load);
  if (!first) return undefined;
  const { statement, line, time, now, before } = first;
  return {
    strength: 0.55 + 0.3 * between(now, SLOW_MS, 10 * SLOW_MS),
    since: sinceOf(line, (value) => value >= LEAST_LOAD),
    said: evidence(
      time,
      now,
      before === undefined
        ? say("{0} takes {1} in PostgreSQL on average", statement, written(now, "duration"))
        : say(
            "{0} takes {1} in PostgreSQL on average, {2} before the load",
            statement,
            written(now, "duration"),
            written(before, "duration"),
          ),
    ),
  };
}

function meanOf(line: readonly Point[]): number {
  return line.reduce((sum, { value }) => sum + value, 0) / Math.max(1, line.length);
}

/** PostgreSQL has no connection left: whoever needs one more gets none. */
export function fullPostgres(view: RunView): Reason | undefined {
  const most = view.figure(MOST);
  const used = view.figure(CONNECTIONS);
  if (most === undefined || used === undefined) return undefined;
  const isFull = (value: number) => value >= FULL * most;
  const line = view.line(CONNECTIONS);
  const share = shareOf(line, isFull);
  if (share < LEAST_LOCKED) return undefined;
  return {
    strength: 0.5 + 0.3 * share,
    since: sinceOf(line, isFull),
    said: evidence(
      CONNECTIONS,
      used,
      say("PostgreSQL has {0} of {1} connections (max_connections)", Math.round(used), Math.round(most)),
    ),
  };
}
