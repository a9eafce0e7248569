import { say } from "../../../text/message.ts";
import { DATABASE_LINES, IN_USE, MOST, sayQueries, slowQueries, WAIT, WAITS } from "../database.ts";
import { between, evidence, found, shareOf, sinceOf, written } from "../evidence.ts";
import { fullPostgres, POSTGRES_LINES } from "../postgres.ts";
import type { Rule } from "../rule.ts";
import { WITHOUT_PAGE } from "../without.ts";

const LEAST_WAIT_MS = 10;
const LEAST_WAITS = 0.5;

/** coderd has a fixed number of database connections: where all are in use, whoever needs one waits. */
export const databasePool: Rule = {
  id: "database_pool",
  title: say("coderd's pool of database connections is used up"),
  // A message between a terminal and its agent needs no database.
  felt: ["api", "open", "queue", "ready", "failures"],
  lines: [...DATABASE_LINES, ...POSTGRES_LINES],
  remedy: say(
    "raise CODER_PG_CONN_MAX_OPEN where the server has it, or run more replicas: each has a pool of its own",
  ),
  source: "https://coder.com/docs/reference/cli/server#--postgres-conn-max-open",
  look(view, felt) {
    const [waits, wait = 0, most] = [WAITS, WAIT, MOST].map((of) => view.figure(of));
    const server = fullPostgres(view);
    if (server && (waits === undefined || waits < LEAST_WAITS))
      return found(server.strength, server.since, [server.said]);
    if (waits === undefined) return felt.every(({ id }) => id === "queue") ? undefined : WITHOUT_PAGE;
    if (waits < LEAST_WAITS || wait < LEAST_WAIT_MS) return undefined;
    const before = view.figure(WAITS, "baseline") ?? 0;
    if (waits < 2 * before) return undefined;
    const isFull = (value: number) => most !== undefined && value >= 0.9 * most;
    const full = shareOf(view.line(IN_USE), isFull);
    const slow = slowQueries(view);
    const inUse = view.figure(IN_USE);
    return found(
      (0.5 + 0.2 * full + 0.25 * between(wait, LEAST_WAIT_MS, 200)) * (slow ? 0.6 : 1),
      sinceOf(view.line(WAITS), (value) => value >= LEAST_WAITS),
      [
        evidence(
          WAITS,
          waits,
          say(
            "{0} queries a second wait for a connection, {1} on average",
            written(waits, "count"),
            written(wait, "duration"),
          ),
        ),
        inUse !== undefined && most !== undefined
          ? evidence(
              IN_USE,
              inUse,
              say("up to {0} of {1} connections are in use", Math.round(inUse), Math.round(most)),
            )
          : undefined,
        server?.said,
      ],
      [slow ? sayQueries(slow) : undefined],
    );
  },
};
