import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import type { CoderClient } from "../../src/coder/client.ts";
import type { Sandbox } from "../../src/sandbox/server.ts";
import { attributeOf, OtlpReceiver } from "../support/otlp-receiver.ts";
import { deploy, dismantle, envOf } from "./deployed.ts";
import { CommandLine, runFolder } from "./product.ts";

let sandbox: Sandbox;
let client: CoderClient;
let home: string;
let receiver: OtlpReceiver;
beforeEach(async () => {
  receiver = await new OtlpReceiver().start();
  ({ sandbox, client, home } = await deploy({ buildTimeMs: [100, 200], deleteTimeMs: [50, 100] }));
});
afterEach(async () => {
  await dismantle({ sandbox, client, home });
  await receiver.close();
});

const create = [
  "create-workspaces",
  "--template",
  "kubernetes",
  "--count",
  "3",
  "--concurrency",
  "0",
  "--no-ssh",
];

it("sends a trace of each job and every figure to a collector, whose key is nowhere in the run", async () => {
  const env = {
    ...envOf(sandbox),
    OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
    OTEL_EXPORTER_OTLP_HEADERS: "api-key=a-secret-of-the-collector",
  };
  const line = new CommandLine([...create, "--trace", "--trace-propagate", "--otlp-metrics"], env, home);
  const { code, stderr } = await line.ended;
  expect(code, stderr).toBe(0);

  const { spans, metrics } = receiver;
  const roots = spans.filter(({ parentSpanId }) => !parentSpanId);
  expect(roots.map(({ name }) => name)).toEqual([
    "create-workspaces",
    "create-workspaces",
    "create-workspaces",
  ]);
  expect(new Set(roots.map(({ traceId }) => traceId)).size).toBe(3);
  for (const root of roots) {
    const parts = spans.filter(({ parentSpanId }) => parentSpanId === root.spanId);
    expect(parts.map(({ name }) => name)).toEqual(
      expect.arrayContaining(["queue", "provision", "agent_connect", "startup_script"]),
    );
    for (const part of parts) {
      expect(part.traceId).toBe(root.traceId);
      expect(BigInt(part.startTimeUnixNano)).toBeGreaterThanOrEqual(BigInt(root.startTimeUnixNano));
      expect(BigInt(part.endTimeUnixNano)).toBeLessThanOrEqual(BigInt(root.endTimeUnixNano));
    }
    expect(attributeOf(root, "scaletest.state")).toBe("succeeded");
    expect(attributeOf(root, "coder.workspace")).toMatch(/^scaletest-/);
  }
  const ready = metrics.find(({ name }) => name === "coderd_scaletest_ready_seconds");
  expect(ready?.histogram?.dataPoints.map(({ count }) => count)).toEqual([3]);
  const calls = metrics.find(({ name }) => name === "coderd_scaletest_api_calls_total");
  expect(calls?.sum?.dataPoints[0]?.asDouble).toBeGreaterThan(6);
  expect(receiver.asked[0]?.headers).toMatchObject({ "api-key": "a-secret-of-the-collector" });
  const folder = runFolder(home);
  for (const name of readdirSync(folder))
    expect(readFileSync(path.join(folder, name), "utf8")).not.toContain("a-secret-of-the-collector");
});

it("goes on without a collector that refuses, and says so once", async () => {
  receiver.status = 401;
  const env = { ...envOf(sandbox), OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url };
  const line = new CommandLine([...create, "--trace", "--otlp-metrics", "--output", "json"], env, home);
  const { code, stdout } = await line.ended;
  expect(code).toBe(0);
  expect(receiver.asked.length).toBeGreaterThan(1);
  const { total_pass: passed, warnings } = JSON.parse(stdout) as { total_pass: number; warnings: string[] };
  expect(passed).toBe(3);
  expect(warnings.filter((one) => one.startsWith("OTLP to"))).toEqual([
    expect.stringMatching(/: it answers with status 401 .*; the run goes on without it$/),
  ]);
});
