import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CoderClient } from "../../../src/coder/client.ts";
import { ApiSource } from "../../../src/insight/api-source.ts";
import type { Value } from "../../../src/measure/values.ts";
import { type Sandbox, startSandbox } from "../../../src/sandbox/server.ts";

let sandbox: Sandbox;
let client: CoderClient;
beforeAll(async () => {
  sandbox = await startSandbox({ daemons: 2, workspaces: 3 });
  client = new CoderClient({ url: sandbox.url, token: sandbox.token, network: {} });
});
afterAll(async () => {
  await client.close();
  await sandbox.close();
});

const organization = () => sandbox.deployment.owner.organizationIds[0] ?? "";
const signal = new AbortController().signal;

/** So many looks in a row, together; with what each has asked. */
async function looks(source: ApiSource, count: number) {
  const routes: string[] = [];
  client.transport.meter = {
    called: (_subject, route) => routes.push(route),
    answered: () => undefined,
    rateLimited: () => undefined,
    waited: () => undefined,
  };
  const values: Record<string, Value> = {};
  const requests: number[] = [];
  for (let at = 0; at < count; at++) {
    const found = await source.look(signal);
    requests.push(found.requests);
    Object.assign(values, found.values);
  }
  const lasts = Object.fromEntries(
    Object.entries(values).map(([key, value]) => [key, value.kind === "gauge" ? value.last : undefined]),
  );
  return { lasts, requests, routes };
}

describe("what a deployment's API tells of it", () => {
  it("is asked for by one question at a time, and only read", async () => {
    const { lasts, requests, routes } = await looks(new ApiSource(client, organization()), 16);
    expect(Math.max(...requests)).toBe(1);
    expect(routes.every((route) => route.startsWith("GET "))).toBe(true);
    expect(lasts).toMatchObject({
      'server_jobs{state="waiting"}': 0,
      server_job_wait: 0,
      'server_daemons{state="idle"}': 2,
      'server_daemons{state="offline"}': 0,
      'server_workspaces{status="running"}': 3,
      'server_sessions{kind="terminal"}': 0,
      'server_health{section="database"}': 0,
    });
  });

  it("has the queue, and how long its first has waited by the deployment's own clock", async () => {
    sandbox.deployment.faults.set({ provisionersPaused: true });
    const [workspace] = [...sandbox.deployment.workspaces.live()];
    await client.transport.request({
      method: "POST",
      path: `/api/v2/workspaces/${workspace?.id}/builds`,
      route: "POST /api/v2/workspaces/{workspace}/builds",
      token: sandbox.token,
      subject: "run",
      body: { transition: "stop" },
    });
    const source = new ApiSource(client, organization());
    const { lasts } = await looks(source, 1);
    expect(lasts['server_jobs{state="waiting"}']).toBe(1);
    expect(lasts.server_job_wait).toBeGreaterThanOrEqual(0);
    expect(lasts.server_job_wait).toBeLessThan(60_000);
    sandbox.deployment.faults.reset();
  });

  it("is not asked again for what this edition has not", async () => {
    const source = new ApiSource(client, organization());
    const first = await looks(source, 16);
    const again = await looks(source, 16);
    const replicas = (routes: string[]) => routes.filter((route) => route.endsWith("/replicas")).length;
    expect([replicas(first.routes), replicas(again.routes)]).toEqual([1, 0]);
  });

  it("says in one line that nobody answers", async () => {
    const nobody = new CoderClient({ url: "http://127.0.0.1:9", token: sandbox.token, network: {} });
    const source = new ApiSource(nobody, organization());
    await expect(source.look(signal)).rejects.toThrow(/nothing answers at this address/);
    await nobody.close();
  });
});
