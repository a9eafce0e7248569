import type { Client } from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { PostgresSource } from "../../src/insight/postgres-source.ts";
import type { Value } from "../../src/measure/values.ts";
import { english } from "../../src/text/message.ts";
import { noPostgres, type RealPostgres, startPostgres } from "../support/postgres.ts";
import { waitFor } from "../support/wait-for.ts";

const why = noPostgres();
if (why) console.warn(`skipped: ${why}`);

let server: RealPostgres;
let owner: Client;
beforeAll(async () => {
  if (why) return;
  server = await startPostgres();
  owner = await server.connect();
  await owner.query("CREATE TABLE builds (id int PRIMARY KEY, note text)");
  await owner.query("INSERT INTO builds SELECT n, 'x' FROM generate_series(1, 100) AS n");
});
afterAll(async () => {
  await owner?.end();
  await server?.close();
});

const last = (value: Value | undefined) => (value?.kind === "gauge" ? value.last : undefined);
const open = (url = server.url) => new PostgresSource({ kind: "postgres", url });

/** By a session of its own, from PostgreSQL's point of view. */
async function sessionsOf(name: string): Promise<Record<string, unknown>[]> {
  const { rows } = await owner.query(
    "SELECT pid, application_name FROM pg_stat_activity WHERE application_name = $1",
    [name],
  );
  return rows;
}

describe.skipIf(why !== undefined)("a real PostgreSQL", () => {
  it("tells a staged lock: who waits, and for how long the transaction holds", async () => {
    const source = open();
    const [holds, waits] = [await server.connect(), await server.connect()];
    const quiet = await source.look();
    expect(last(quiet.values['server_pg_waits{wait="Lock"}'])).toBe(0);
    expect(last(quiet.values.server_pg_longest)).toBe(0);

    await holds.query("BEGIN; UPDATE builds SET note = 'held' WHERE id = 1");
    const blocked = waits.query("UPDATE builds SET note = 'late' WHERE id = 1");
    let values = quiet.values;
    await waitFor(async () => {
      ({ values } = await source.look());
      expect(last(values['server_pg_waits{wait="Lock"}'])).toBe(1);
    });
    expect(last(values['server_pg_connections{state="idle in transaction"}'])).toBe(1);
    expect(last(values.server_pg_longest)).toBeGreaterThan(0);
    expect(last(values.server_pg_most)).toBe(20);
    await holds.query("COMMIT");
    await blocked;
    // PostgreSQL itself gathers these once a second.
    await waitFor(async () => {
      ({ values } = await source.look());
      expect(last(values.server_pg_transactions)).toBeGreaterThan(0);
    });
    expect(await sessionsOf("coder-scaletest")).toHaveLength(1);
    for (const one of [holds, waits]) await one.end();
    await source.close();
    await waitFor(async () => expect(await sessionsOf("coder-scaletest")).toEqual([]));
  });

  it("is opened so that nothing can be written, and no statement takes longer than two seconds", async () => {
    const source = open(
      `${server.url}?statement_timeout=0&application_name=x&options=-c%20default_transaction_read_only=off`,
    );
    await source.look();
    const [session] = await sessionsOf("coder-scaletest");
    expect(session).toBeDefined();
    await source.close();
    // The same client, with statements of a test.
    const { PostgresClient } = await import("../../src/insight/postgres-client.ts");
    const client = new PostgresClient({ kind: "postgres", url: `${server.url}?statement_timeout=0` });
    await expect(client.rows("INSERT INTO builds VALUES (1000, 'x')")).rejects.toThrow(
      "PostgreSQL refuses it (25006)",
    );
    await expect(client.rows("SELECT pg_sleep(30)")).rejects.toThrow("it took longer than 2 s");
    await client.close();
  });

  it("says that the extension is missing, and with it tells statements without their literals", async () => {
    const bare = open();
    await bare.look();
    expect(bare.missing().map(english)).toEqual([
      "PostgreSQL has reported nothing about its slowest statements: the extension pg_stat_statements is not there",
    ]);
    await bare.close();
    await owner.query("CREATE SCHEMA stats; CREATE EXTENSION pg_stat_statements SCHEMA stats");
    const source = open();
    await source.look();
    await owner.query("-- name: GetBuilds :many\nSELECT * FROM builds WHERE note = 'a-literal-of-a-user'");
    await owner.query("SELECT count(*), 'another-literal' FROM builds WHERE id > 17");
    await owner.query("ALTER ROLE owner PASSWORD 'a-password-in-a-statement'");
    await source.look();
    const { values, requests } = await source.look();
    const told = Object.keys(values).filter((key) => key.startsWith("server_pg_statement{"));
    expect(told).toContain('server_pg_statement{statement="GetBuilds"}');
    expect(told.some((key) => key.includes("SELECT count(*), ? FROM builds WHERE id > ?"))).toBe(true);
    expect(JSON.stringify(values)).not.toMatch(/literal|password|ScaletestLook/i);
    expect(values['server_pg_statement{statement="GetBuilds"}']).toMatchObject({
      kind: "duration",
      ended: { counts: [1] },
    });
    expect(last(values['server_pg_statement_load{statement="GetBuilds"}'])).toBeGreaterThan(0);
    expect(requests).toBe(3);
    expect(source.missing()).toEqual([]);
    await source.close();
  });

  it("says in one line what keeps it from being read, with nothing of the address", async () => {
    const { port } = server;
    await owner.query("CREATE ROLE narrow LOGIN");
    const narrow = open(`postgres://narrow@127.0.0.1:${port}/postgres`);
    await narrow.look();
    expect(narrow.missing().map(english).join()).toContain("GRANT pg_monitor");
    await narrow.close();
    for (const [url, line] of [
      [`postgres://nobody:hunter2@127.0.0.1:${port}/postgres`, "PostgreSQL refuses the user or the password"],
      [`postgres://owner:hunter2@127.0.0.1:${port}/nothing`, "the database of the address does not exist"],
      [
        "postgres://owner:hunter2@127.0.0.1:9/postgres",
        "nothing answers at this address (connection refused)",
      ],
      [`${server.url}?sslmode=require`, "the server speaks no TLS: sslmode=disable goes without"],
    ] as const) {
      const source = open(url);
      await expect(source.look()).rejects.toThrow(line);
      await expect(source.look()).rejects.toThrow(/^(?!.*(hunter2|owner|nobody))/);
      await source.close();
    }
  });

  it("connects again after the server has ended the session", async () => {
    const source = open();
    await source.look();
    await owner.query(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'coder-scaletest'",
    );
    await waitFor(async () => expect(await sessionsOf("coder-scaletest")).toEqual([]));
    await source.look().catch(() => undefined);
    expect(last((await source.look()).values.server_pg_most)).toBe(20);
    await source.close();
  });
});
