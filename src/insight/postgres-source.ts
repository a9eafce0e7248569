import * as z from "zod";
import { SeriesLimit } from "../measure/series.ts";
import { look, type Value } from "../measure/values.ts";
import { seriesKey } from "../protocol/series-key.ts";
import type { PostgresServer } from "../protocol/server-source.ts";
import { type Message, say } from "../text/message.ts";
import { SaidError } from "../text/said-error.ts";
import { busyMs } from "./coderd-source.ts";
import { fingerprint } from "./fingerprint.ts";
import { PostgresClient } from "./postgres-client.ts";
import { ABILITIES, ACTIVITY, countsOf, OWN, textsOf } from "./postgres-statements.ts";
import type { Look, Source } from "./source.ts";

/** Statements are looked at at every second look. */
const STATEMENTS_EVERY = 2;
/** Of one look, by the time that they took; of a run there are some more. */
const MOST_AT_ONCE = 10;
const MOST_STATEMENTS = 20;
/** Their fingerprints that are remembered. */
const MOST_TEXTS = 1_000;

const countsSchema = z
  .record(z.string(), z.number())
  .nullable()
  .transform((counts) => counts ?? {});
const activitySchema = z.object({
  states: countsSchema,
  waits: countsSchema,
  longest: z.number(),
  transactions: z.number(),
  hit: z.number(),
  read: z.number(),
  most: z.number(),
  at: z.number(),
});
type Activity = z.output<typeof activitySchema>;
const abilitiesSchema = z.object({
  version: z.number(),
  reads_all: z.boolean(),
  schema: z.string().nullable(),
});
const countSchema = z.object({ id: z.string(), calls: z.number(), ms: z.number() });
const textSchema = z.object({ id: z.string(), text: z.string().nullable() });

/** States that are always told: none of a kind is a figure, too. */
const STATES = ["active", "idle", "idle in transaction"];

/** PostgreSQL's own statistics, of one connection that only reads. */
export class PostgresSource implements Source {
  readonly name = "PostgreSQL";
  readonly #client: PostgresClient;
  readonly #limit = new SeriesLimit(MOST_STATEMENTS);
  readonly #names = new Map<string, string>();
  #abilities: z.output<typeof abilitiesSchema> | undefined;
  #statementsFail: Message | undefined;
  #before: Activity | undefined;
  #counts: { at: number; byId: Map<string, { calls: number; ms: number }> } | undefined;
  #looks = 0;

  constructor(server: PostgresServer) {
    this.#client = new PostgresClient(server);
  }

  async look(): Promise<Look> {
    let requests = 1;
    this.#abilities ??= await this.#able();
    const [row] = await this.#client.rows(ACTIVITY);
    const activity = activitySchema.safeParse(row);
    if (!activity.success) throw new SaidError(say("PostgreSQL answers in an unknown format"));
    const begun = busyMs();
    const values = this.#activity(activity.data);
    const cpuMs = busyMs() - begun;
    if (this.#looks++ % STATEMENTS_EVERY === 0 && this.#abilities.schema !== null && !this.#statementsFail) {
      requests += 2;
      Object.assign(values, await this.#statements(this.#abilities.schema, this.#abilities.version));
    }
    return { values, requests, bytes: 0, cpuMs };
  }

  async #able(): Promise<z.output<typeof abilitiesSchema>> {
    const [row] = await this.#client.rows(ABILITIES);
    const read = abilitiesSchema.safeParse(row);
    if (!read.success) throw new SaidError(say("PostgreSQL answers in an unknown format"));
    return read.data;
  }

  #activity(now: Activity): Record<string, Value> {
    const { states, waits, longest, most } = now;
    const known = Object.fromEntries(STATES.map((state) => [state, 0]));
    return {
      ...each("server_pg_connections", "state", { ...known, ...states }),
      ...each("server_pg_waits", "wait", { Lock: 0, ...waits }),
      server_pg_most: look(most),
      server_pg_longest: look(longest * 1_000),
      ...this.#grown(now),
    };
  }

  /** What is told by growth; nothing at the first look, nor where PostgreSQL's statistics have begun anew. */
  #grown(now: Activity): Record<string, Value> {
    const before = this.#before;
    this.#before = now;
    if (!before || now.transactions < before.transactions || now.at <= before.at) return {};
    const hit = now.hit - before.hit;
    const all = hit + now.read - before.read;
    return {
      server_pg_transactions: look((now.transactions - before.transactions) / (now.at - before.at)),
      ...(all > 0 && hit >= 0 ? { server_pg_cache_hits: look(hit / all) } : {}),
    };
  }

  /** Those that took most of the time since the last look at them. What fails is said once, and not tried again. */
  async #statements(schema: string, version: number): Promise<Record<string, Value>> {
    try {
      const counts = z.array(countSchema).parse(await this.#client.rows(countsOf(schema, version)));
      const at = performance.now();
      const before = this.#counts;
      this.#counts = { at, byId: new Map(counts.map(({ id, calls, ms }) => [id, { calls, ms }])) };
      if (!before) return {};
      const grown = counts.flatMap(({ id, calls, ms }) => {
        const old = before.byId.get(id);
        const [more, took] = [calls - (old?.calls ?? 0), ms - (old?.ms ?? 0)];
        return more > 0 && took >= 0 ? [{ id, calls: more, ms: took }] : [];
      });
      const slowest = grown.sort((a, b) => b.ms - a.ms).slice(0, MOST_AT_ONCE);
      await this.#name(
        schema,
        slowest.map(({ id }) => id),
      );
      return this.#told(slowest, (at - before.at) / 1_000);
    } catch (error) {
      this.#statementsFail = error instanceof SaidError ? error.said : say("it answers in an unknown format");
      return {};
    }
  }

  async #name(schema: string, ids: readonly string[]): Promise<void> {
    const unknown = ids.filter((id) => !this.#names.has(id));
    if (unknown.length === 0) return;
    if (this.#names.size > MOST_TEXTS) this.#names.clear();
    const texts = z.array(textSchema).parse(await this.#client.rows(textsOf(schema), [unknown]));
    for (const { id, text } of texts) this.#names.set(id, fingerprint(text ?? ""));
  }

  #told(
    statements: readonly { id: string; calls: number; ms: number }[],
    seconds: number,
  ): Record<string, Value> {
    const sums = new Map<string, { calls: number; ms: number }>();
    for (const { id, calls, ms } of statements) {
      const name = this.#names.get(id) ?? "";
      if (name === OWN || name === "") continue;
      const sum = sums.get(name) ?? { calls: 0, ms: 0 };
      sums.set(name, { calls: sum.calls + calls, ms: sum.ms + ms });
    }
    return Object.fromEntries(
      [...sums].flatMap(([statement, { calls, ms }]): [string, Value][] => {
        // One place of the limited ones for both.
        const key = seriesKey("server_pg_statement", { statement });
        if (this.#limit.keep(key) !== key) return [];
        return [
          // By its calls: of several statements together, each counts as often as it ran.
          [key, { kind: "duration", ended: { us: [Math.round((ms / calls) * 1_000)], counts: [calls] } }],
          [seriesKey("server_pg_statement_load", { statement }), look(ms / 1_000 / seconds)],
        ];
      }),
    );
  }

  found(): Message | undefined {
    return this.#before && say("at most {0} connections", this.#before.most);
  }

  missing(): Message[] {
    const abilities = this.#abilities;
    if (!abilities) return [];
    const missing: Message[] = [];
    if (!abilities.reads_all)
      missing.push(
        say("{0}: this user sees little of other sessions: GRANT pg_monitor to it shows them", this.name),
      );
    if (abilities.schema === null)
      missing.push(
        say(
          "{0} has reported nothing about its slowest statements: the extension {1} is not there",
          this.name,
          "pg_stat_statements",
        ),
      );
    else if (this.#statementsFail)
      missing.push(
        say("{0} has reported nothing about its slowest statements: {1}", this.name, this.#statementsFail),
      );
    return missing;
  }

  close(): Promise<void> {
    return this.#client.close();
  }
}

function each(
  metric: string,
  label: string,
  counts: Readonly<Record<string, number>>,
): Record<string, Value> {
  return Object.fromEntries(
    Object.entries(counts).map(([name, n]) => [seriesKey(metric, { [label]: name }), look(n)]),
  );
}
