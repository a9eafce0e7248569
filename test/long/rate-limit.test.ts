import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { CoderClient } from "../../src/coder/client.ts";
import type { Sandbox, SandboxOptions } from "../../src/sandbox/server.ts";
import { deploy, dismantle, envOf } from "../integration/deployed.ts";
import { CommandLine, removeFolder } from "../integration/product.ts";

interface Result {
  total_pass: number;
  errors_by_cause: { id: string; count: number }[];
  api_calls: { rate_limited: number; rate_limit_wait_ms: number };
}

let sandbox: Sandbox;
let client: CoderClient;
let home: string;
afterEach(() => dismantle({ sandbox, client, home }));

function creation(...flags: string[]): CommandLine {
  const args = ["create-workspaces", "--template", "kubernetes", "--concurrency", "0", "--no-ssh"];
  return new CommandLine([...args, "--output", "json", ...flags], envOf(sandbox));
}

/** A limit counts by the minute, so each of these takes about one. */
describe("a rate limit", () => {
  beforeEach(async () => {
    const options: SandboxOptions = { buildTimeMs: [10, 20], deleteTimeMs: [10, 20], rateLimit: 30 };
    ({ sandbox, client, home } = await deploy({ ...options, daemons: 20 }));
  });

  it("makes nothing fail: the waiting is ours, counted and shown", async () => {
    const line = creation("--count", "40");
    const result = JSON.parse((await line.ended).stdout) as Result;
    removeFolder(line.home);
    expect(result.total_pass).toBe(40);
    expect(result.api_calls.rate_limit_wait_ms).toBeGreaterThan(0);
  });
});

describe("429 to everything", () => {
  beforeEach(async () => {
    const options: SandboxOptions = { buildTimeMs: [100, 300], deleteTimeMs: [50, 100], daemons: 20 };
    ({ sandbox, client, home } = await deploy(options));
  });

  it("is what the time went into, and nothing else is blamed", async () => {
    const { users, faults } = sandbox.deployment;
    const create = users.create.bind(users);
    users.create = (given) => {
      faults.set({ rateLimited: 1 });
      return create(given);
    };
    const line = creation("--count", "2", "--job-timeout", "3s", "--cleanup-job-timeout", "2s");
    await line.until(/2 failed/);
    users.create = create;
    faults.set({ rateLimited: 0 });
    const got = JSON.parse((await line.ended).stdout) as Result;
    removeFolder(line.home);
    expect(got.errors_by_cause).toEqual([expect.objectContaining({ id: "not_created", count: 2 })]);
    expect(got.api_calls.rate_limited).toBeGreaterThan(0);
  });
});
