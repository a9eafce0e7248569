import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ThresholdState } from "../../src/protocol/threshold.ts";
import { type Sandbox, startSandbox } from "../../src/sandbox/server.ts";
import { run } from "./product.ts";

interface Result {
  outcome: { verdict: string; summary: string; exitCode: number };
  thresholds: ThresholdState[];
}

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await startSandbox({ buildTimeMs: [100, 200], deleteTimeMs: [50, 100], seed: 3 });
});
afterAll(() => sandbox.close());

async function create(
  ...thresholds: string[]
): Promise<{ code: number | null; result: Result; stderr: string }> {
  const ended = await run(
    [
      ...["create-workspaces", "--template", "kubernetes", "--count", "10", "--concurrency", "0", "--no-ssh"],
      ...["--output", "json", ...thresholds.flatMap((one) => ["--threshold", one])],
    ],
    { CODER_URL: sandbox.url, CODER_SESSION_TOKEN: sandbox.token },
  );
  return { code: ended.code, result: JSON.parse(ended.stdout || "null") as Result, stderr: ended.stderr };
}

describe("thresholds", () => {
  it("a run that keeps to them passes, and tells each figure", async () => {
    const { code, result } = await create("ready.p95<5m", "failures.rate<1%");
    expect(code).toBe(0);
    expect(result.thresholds.map((one) => [one.label, one.state])).toEqual([
      ["Time to ready p95", "met"],
      ["Failure rate", "met"],
    ]);
  });

  it("a broken one exits with 99 and is named, also where nothing was measured for it", async () => {
    const { code, result } = await create("provision.p50<1ms", "ssh.p95<1s", "queue.max<5m");
    expect(code).toBe(99);
    expect(result.outcome.verdict).toBe("failed");
    expect(result.outcome.summary).toMatch(
      /^2 thresholds broken: Provision p50 .*, required < 1ms; SSH p95 not measured, required < 1s; 10 succeeded, 0 failed$/,
    );
  });

  it("a threshold on failures says how many are no failure of the run", async () => {
    sandbox.deployment.faults.set({ buildFailureRate: 1 });
    try {
      const tolerant = await create("failures.count<=10");
      expect([tolerant.code, tolerant.result.outcome.verdict]).toEqual([0, "passed"]);
      const strict = await create("failures.rate<50%");
      expect(strict.code).toBe(99);
      expect(strict.result.outcome.summary).toContain("Failure rate 100 %, required < 50 %");
    } finally {
      sandbox.deployment.faults.reset();
    }
  });

  it("one that cannot be read is told before anything is made", async () => {
    const { code, stderr } = await create("round_trip.p95<200ms");
    expect(code).toBe(2);
    expect(stderr.trim().split("\n")).toHaveLength(1);
    expect(stderr).toContain('--threshold "round_trip.p95<200ms": a metric of this run: failures, ready, ');
  });
});
