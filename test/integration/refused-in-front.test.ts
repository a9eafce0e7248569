import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Sandbox, startSandbox } from "../../src/sandbox/server.ts";
import { startFront } from "./front.ts";
import { run } from "./product.ts";

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await startSandbox({ buildTimeMs: [50, 100] });
});
afterAll(() => sandbox.close());

const COUNT = 4;

/** Creates workspaces through something that refuses requests: each `every`th, or those that `which` takes. */
async function through(refuse: (method: string, path: string) => number | undefined) {
  const front = await startFront(sandbox.url, {
    refuse: ({ method = "", url = "" }) => refuse(method, url),
  });
  const flags = ["--count", String(COUNT), "--template", "kubernetes", "--concurrency", "0", "--no-ssh"];
  const begun = Date.now();
  const ended = await run(["create-workspaces", ...flags, "--output", "json"], {
    CODER_URL: front.url,
    CODER_SESSION_TOKEN: sandbox.token,
  });
  await front.close();
  const { outcome, api_calls: calls } = JSON.parse(ended.stdout || "{}");
  return { ...ended, ms: Date.now() - begun, outcome, calls };
}

describe("what refuses a request in front of the deployment, and not the deployment", () => {
  it.each([408, 425, 502, 520, 527])("is asked again after a %d", async (status) => {
    let requests = 0;
    const refused = new Set<string>();
    const { code, stderr, outcome } = await through((method, path) => {
      if (method !== "GET" || !path.startsWith("/api/") || ++requests % 4 !== 0) return undefined;
      refused.add(path);
      return status;
    });
    expect({ code, stderr: code === 0 ? "" : stderr }).toEqual({ code: 0, stderr: "" });
    expect(refused.size).toBeGreaterThan(0);
    expect(outcome).toMatchObject({ verdict: "passed", succeeded: COUNT, orphans: 0 });
  });

  it("makes no limit of one 429 that names none: it is waited for, and told as our own waiting", async () => {
    let refused = 0;
    const { code, stderr, ms, outcome, calls } = await through((method, path) =>
      method === "POST" && path === "/api/v2/users" && refused++ === 0 ? 429 : undefined,
    );
    expect({ code, stderr: code === 0 ? "" : stderr }).toEqual({ code: 0, stderr: "" });
    expect(outcome).toMatchObject({ verdict: "passed", succeeded: COUNT, orphans: 0 });
    expect(calls).toMatchObject({ rate_limited: 1 });
    expect(calls.rate_limit_wait_ms).toBeGreaterThan(400);
    expect(ms).toBeLessThan(45_000);
  });
});
