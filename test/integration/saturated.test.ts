import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { NO_LOAD_MODEL } from "../../src/sandbox/model/load-model.ts";
import { type Sandbox, startSandbox } from "../../src/sandbox/server.ts";
import { onTime } from "../support/on-time.ts";
import { run } from "./product.ts";

/** A deployment that carries 250 messages a second, whatever is asked of it. */
const CARRIES = 250;
const CONNECTIONS = 8;
const SECONDS = 6;
/** A second of the measured part that the deployment is late by costs a sixth of what it carries. */
const LATE_MS = 120;
let sandbox: Sandbox;
const env = () => ({ CODER_URL: sandbox.url, CODER_SESSION_TOKEN: sandbox.token });

beforeAll(async () => {
  const model = { ...NO_LOAD_MODEL, coderdCores: 1, requestMs: 0, requestDatabaseMs: 0, buildCpuSeconds: 0 };
  sandbox = await startSandbox({ buildTimeMs: [50, 100], model: { ...model, messageMs: 1_000 / CARRIES } });
  const create = ["create-workspaces", "--count", String(CONNECTIONS), "--template", "kubernetes"];
  const made = await run([...create, "--concurrency", "0", "--no-cleanup", "--no-ssh"], env());
  expect(made.code, made.stderr).toBe(0);
});
afterAll(() => sandbox.close());

interface Ticks {
  due: number;
  sent: number;
  echoed: number;
  trailing: number;
  lost: number;
}

async function offered(perConnection: number) {
  const ended = await run(
    [
      ...["workspace-traffic", "--bytes-per-tick", "40", "--tick-interval", `${1_000 / perConnection}ms`],
      ...["--duration", `${SECONDS}s`, "--warm-up", "0", "--late-limit", "1m", "--output", "json"],
    ],
    env(),
  );
  const { ticks, ...total } = JSON.parse(ended.stdout).traffic.total as { ticks: Ticks } & Record<
    string,
    number
  >;
  return { ticks, total };
}

describe("a deployment that carries less than is offered", () => {
  it("is reported at what it carried in the measured part; what came after is a figure of its own", async () => {
    const { ticks, total } = await onTime(LATE_MS, () => offered(50));
    const share = (total.achieved_messages_per_second ?? 0) / (total.offered_messages_per_second ?? 1);
    expect(total.offered_messages_per_second).toBeCloseTo(CONNECTIONS * 50, -1);
    expect(share).toBeGreaterThan(0.55);
    expect(share).toBeLessThan(0.68);
    // All came back in the end, and every tick is in one count.
    expect(ticks.echoed).toBe(ticks.sent);
    expect(ticks.trailing).toBeGreaterThan(ticks.due * 0.3);
  });

  it("has carried all of what it can carry, and nothing came after", async () => {
    const { ticks, total } = await onTime(LATE_MS, () => offered(10));
    const share = (total.achieved_messages_per_second ?? 0) / (total.offered_messages_per_second ?? 1);
    expect(share).toBeGreaterThan(0.97);
    expect(share).toBeLessThanOrEqual(1.01);
    expect(ticks.trailing).toBeLessThan(ticks.due * 0.03);
  });
});
