import { say } from "../../../text/message.ts";
import { fullCpu, slowerServer } from "../cpu.ts";
import {
  DATABASE_LINES,
  IN_USE,
  MOST,
  QUERY_MEAN,
  QUERY_P95,
  sayQueries,
  slowQueries,
  WAITS,
} from "../database.ts";
import { between, evidence, found, sinceOf, written } from "../evidence.ts";
import { POD_LINES } from "../pods.ts";
import { knowsPostgres, POSTGRES_EACH, POSTGRES_LINES, slowPostgres } from "../postgres.ts";
import type { Rule } from "../rule.ts";
import { WITHOUT_PAGE_OR_POSTGRES, WITHOUT_QUERIES } from "../without.ts";

/** The database answers late: it has no CPU left, something holds a lock, or statements are slow. */
export const database: Rule = {
  id: "database",
  title: say("The database is slow"),
  // A message between a terminal and its agent needs no database.
  felt: ["api", "open", "queue", "ready", "failures"],
  lines: [...DATABASE_LINES, ...POSTGRES_LINES, ...POD_LINES],
  each: POSTGRES_EACH,
  remedy: say(
    "give PostgreSQL more CPU, keep it within 10 ms of coderd, and look for locks and slow statements (pg_stat_activity, pg_stat_statements)",
  ),
  source: "https://coder.com/docs/tutorials/best-practices/scale-coder#postgresql",
  look(view, felt) {
    const own = slowPostgres(view);
    if (own && !slowQueries(view))
      return found(own.strength * (fullCpu(view) ? 0.8 : 1), own.since, own.said);
    if (view.figure(QUERY_MEAN) === undefined) {
      // PostgreSQL says that it is not slow.
      if (knowsPostgres(view)) return undefined;
      // Builds that wait have a nearer cause, and a coderd without CPU times its own slowness.
      if (felt.every(({ id }) => id === "queue") || fullCpu(view)) return undefined;
      if (view.figure(WAITS) === undefined) return WITHOUT_PAGE_OR_POSTGRES;
      // A server that is as fast as before has no slow database either.
      return slowerServer(view) ? WITHOUT_QUERIES : undefined;
    }
    const slow = slowQueries(view);
    if (!slow) return undefined;
    const cpu = fullCpu(view);
    const limit = Math.max(20, 2 * (slow.before?.own ?? 0));
    const [p95, inUse, most] = [QUERY_P95, IN_USE, MOST].map((of) => view.figure(of));
    return found(
      Math.max(0.6 + 0.35 * between(slow.now.own, 20, 200), own?.strength ?? 0) * (cpu ? 0.6 : 1),
      sinceOf(view.line(QUERY_MEAN), (value) => value >= limit),
      [
        sayQueries(slow),
        ...(own?.said ?? []),
        p95 === undefined
          ? undefined
          : evidence(QUERY_P95, p95, say("queries take {0} (p95)", written(p95, "duration"))),
        inUse !== undefined && most !== undefined && inUse >= 0.9 * most
          ? evidence(
              IN_USE,
              inUse,
              say("the pool of {0} connections is full of slow queries", Math.round(most)),
            )
          : undefined,
      ],
      [cpu?.said],
    );
  },
};
