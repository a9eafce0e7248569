import { afterEach, describe, expect, it } from "vitest";
import { bottleneckOf, largestLoad } from "../../../src/sandbox/model/largest-load.ts";
import { NO_LOAD_MODEL } from "../../../src/sandbox/model/load-model.ts";
import { ConnectionPool } from "../../../src/sandbox/model/pool.ts";
import { Processor } from "../../../src/sandbox/model/processor.ts";
import { type Sandbox, startSandbox } from "../../../src/sandbox/server.ts";

describe("a pool of connections", () => {
  it("lets who finds all in use wait for the first that is given back, and counts the waits", () => {
    const pool = new ConnectionPool(2);
    const query = (from: number) => pool.take(from, (granted) => granted + 100);
    expect([query(0), query(10), query(20), query(30)]).toEqual([100, 110, 200, 210]);
    expect([pool.waits, pool.waitSeconds]).toEqual([2, 0.16]);
    expect([50, 150, 205, 300].map((at) => pool.inUse(at))).toEqual([2, 2, 1, 0]);
  });
});

describe("a processor that is asked for more than it has", () => {
  it("has done no more than its cores can, however much waits", () => {
    const processor = new Processor(2);
    for (let at = 0; at < 1_000; at += 1) processor.take(at, 10);
    expect(processor.workMs).toBe(10_000);
    expect(processor.doneMs(1_000)).toBeCloseTo(2_000, -1);
    expect(processor.doneMs(10_000)).toBe(10_000);
  });
});

describe("what is used up first", () => {
  const answer = { of: "answer", limitMs: 200 } as const;
  const first = (own: Partial<typeof NO_LOAD_MODEL> & { databaseSlowdown?: number }, unit: object) =>
    bottleneckOf({ ...NO_LOAD_MODEL, ...own }, unit, answer);

  it("follows from the budget, and is that by which the largest load is what it is", () => {
    const requests = { requestsPerSecond: 1 };
    expect(first({}, requests)).toBeNull();
    expect(first({ coderdCores: 1 }, { messagesPerSecond: 1 })).toBe("coderd_cpu");
    expect(first({ coderdCores: 8, databaseCores: 1 }, requests)).toBe("database");
    const small = { databaseCores: 8, databasePool: 1, requestDatabaseMs: 50 };
    expect(first(small, requests)).toBe("database_pool");
    expect(largestLoad({ ...NO_LOAD_MODEL, ...small }, requests, answer)).toBe(20);
    // Whatever fills the pool: queries that take longer than they should are the database's.
    expect(first({ databaseCores: 8, databaseSlowdown: 100 }, requests)).toBe("database");
  });

  it("of builds that wait, is the provisioners: so many at a time as wait no longer than that", () => {
    const unit = { builds: 1, buildMs: 10_000 };
    const options = { ...NO_LOAD_MODEL, replicas: 2, daemons: 3 };
    const queue = { of: "queue", limitMs: 5_000 } as const;
    expect([bottleneckOf(options, unit, queue), largestLoad(options, unit, queue)]).toEqual([
      "provisioners",
      9,
    ]);
  });
});

describe("the sandbox's page of metrics", () => {
  let sandbox: Sandbox | undefined;
  afterEach(() => sandbox?.close());

  const page = async (path = "/metrics") =>
    (await fetch(`${new URL(sandbox?.prometheusUrl ?? "").origin}${path}`)).text();
  const value = (text: string, name: string) =>
    Number(
      text
        .split("\n")
        .find((line) => line.startsWith(name))
        ?.split(" ")
        .at(-1),
    );
  const ask = () =>
    fetch(`${sandbox?.url}/api/v2/users`, { headers: { "Coder-Session-Token": sandbox?.token ?? "" } });

  it("has the waits for a connection, and requests as long as the database made them", async () => {
    sandbox = await startSandbox({ model: { databaseCores: 8, databasePool: 1, requestDatabaseMs: 60 } });
    await Promise.all(Array.from({ length: 10 }, ask));
    const text = await page();
    expect(value(text, "go_sql_max_open_connections")).toBe(1);
    expect(value(text, "go_sql_wait_count_total")).toBeGreaterThan(3);
    // 60, 120, … 600 milliseconds where all come at once: 3.3 s together, and 0.6 s where none waits.
    expect(
      value(text, 'coderd_api_request_latencies_seconds_sum{method="GET",path="/api/v2/users"}'),
    ).toBeGreaterThan(0.9);
    expect(value(text, "coderd_db_query_latencies_seconds_sum")).toBeGreaterThan(0.9);
  });

  it("counts what the rate limit refuses", async () => {
    sandbox = await startSandbox({ rateLimit: 2 });
    for (let i = 0; i < 4; i++) await ask();
    expect(value(await page(), 'coderd_api_requests_processed_total{code="429"')).toBe(2);
  });

  it("is there for each replica, and gone with one that has left", async () => {
    sandbox = await startSandbox({ model: { replicas: 2, coderdCores: 2 } });
    await ask();
    expect(value(await page("/replicas/0/metrics"), "go_sched_gomaxprocs_threads")).toBe(2);
    const other = await page("/replicas/1/metrics");
    expect(other).toContain("process_cpu_seconds_total");
    // What is counted of all replicas together is on one page.
    expect(other).not.toContain("coderd_api_requests_processed_total");
    sandbox.deployment.model.setPresent(1, false);
    await expect(page("/replicas/1/metrics")).rejects.toThrow();
    expect(await page("/replicas/0/metrics")).toContain("coderd_api_requests_processed_total");
  });
});
