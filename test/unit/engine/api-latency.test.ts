import { readFileSync } from "node:fs";
import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Job } from "../../../src/contract/job.ts";
import { runThresholds } from "../../../src/measure/run-threshold.ts";
import { type RunResult, runResultSchema } from "../../../src/protocol/result.ts";
import { workloads } from "../../../src/workloads/index.ts";
import { fakeJob, fakeRuns } from "./fake-run.ts";

const { folder, open } = fakeRuns();

let server: Server;
let url: string;
/** What the deployment does with the next requests; then it answers at once. */
let next: ((response: ServerResponse) => void)[];

beforeEach(async () => {
  next = [];
  server = createServer((request, response) => {
    request.resume();
    const own = next.shift() ?? ((to: ServerResponse) => answer(to));
    own(response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(() => server.close());

function answer(response: ServerResponse, status = 200): void {
  response.writeHead(status, { "content-type": "application/json", "x-coder-build-version": "v2.31.0" });
  response.end(JSON.stringify({ version: "v2.31.0", message: "no" }));
}

/** A run whose one job does this. */
async function resultOf(work: Job["run"], thresholds: readonly string[] = []): Promise<RunResult> {
  const metrics = workloads.find(({ name }) => name === "create-workspaces")?.metrics ?? [];
  const run = await open({
    plan: { jobs: [fakeJob(0, work)] },
    target: { url, token: "t", network: {} },
    thresholds: runThresholds(thresholds, [{ name: "test", metrics }]),
  });
  await run.execute();
  return runResultSchema.parse(JSON.parse(readFileSync(path.join(folder(), "result.json"), "utf8")));
}

const series = ({ metrics }: RunResult, method: string) =>
  metrics?.api_latency?.series.find(({ labels }) => labels.method === method);

describe("API latency", () => {
  it("is a metric of every workload's runs, so that the default thresholds have it", () => {
    const without = workloads.filter(
      ({ metrics }) => metrics.length > 0 && !metrics.some(({ name }) => name === "api_latency"),
    );
    expect(without.map(({ name }) => name)).toEqual([]);
  });

  it("is timed for each call until the last byte of its answer, also of one that says no", async () => {
    next = [
      (response) => {
        response.writeHead(200, { "content-type": "application/json" });
        response.write("{");
        setTimeout(() => response.end('"version":"v2.31.0"}'), 1_000);
      },
      (response) => answer(response, 403),
    ];
    const result = await resultOf(async ({ client }) => {
      await client.buildInfo();
      await client.me().catch(() => undefined);
    });
    expect(series(result, "GET")).toMatchObject({ count: 2 });
    expect(Number(series(result, "GET")?.max)).toBeGreaterThan(990);
    expect(Number(series(result, "GET")?.min)).toBeLessThan(900);
  });

  it("of a call without an answer is at least as long as it was waited for, and a limiter's refusal is none", async () => {
    next = [(response) => response.destroy(), (response) => answer(response, 429)];
    const result = await resultOf(async ({ client }) => {
      await client.createBuild("w", "stop").catch(() => undefined);
      await client.buildInfo({ retries: 0 }).catch(() => undefined);
    });
    expect(series(result, "POST")).toMatchObject({ count: 1, unfinished: 1 });
    expect(series(result, "GET")).toBeUndefined();
  });

  it("can be held to: a slow deployment breaks the default threshold", async () => {
    next = [(response) => setTimeout(() => answer(response), 330)];
    const result = await resultOf(
      async ({ client }) => {
        await client.buildInfo();
      },
      ["api_latency.p95 < 300ms"],
    );
    expect(result.thresholds).toMatchObject([{ label: "API latency p95", state: "broken" }]);
    expect(result.outcome.exitCode).toBe(99);
  });
});
