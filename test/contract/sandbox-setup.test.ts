import { afterEach, expect, test } from "vitest";
import { WebSocket } from "ws";
import { type Sandbox, type SandboxOptions, startSandbox } from "../../src/sandbox/server.ts";
import {
  type Exchange,
  eventually,
  exchanges,
  expectLike,
  expectSameEnvelope,
  expectShape,
  load,
  Replayer,
  send,
} from "./replay.ts";

const ADMIN = "KEYID00015-SECRET0000000000000015";

const running: Sandbox[] = [];
afterEach(async () => {
  for (const one of running.splice(0)) await one.close();
});

async function start(options: SandboxOptions): Promise<{ sandbox: Sandbox; replayer: Replayer }> {
  const sandbox = await startSandbox(options);
  running.push(sandbox);
  const replayer = new Replayer(sandbox.url);
  replayer.map(ADMIN, sandbox.token);
  return { sandbox, replayer };
}

test("users-first-fresh: nobody, then the first user, who may sign in", async () => {
  const { sandbox, replayer } = await start({ fresh: true });
  expect(sandbox.token).toBe("");
  const login = (email: string, password: string) =>
    send(sandbox.url, "POST", "/api/v2/users/login", {}, JSON.stringify({ email, password }));
  expect((await login("admin@example.com", "SomeStrongPass!1234")).status).toBe(401);
  for (const exchange of exchanges("rest/users-first-fresh")) {
    const answer = await replayer.send(exchange);
    if (exchange.response.status >= 400)
      expectSameEnvelope(answer, exchange.response, replayer, exchange.note);
    else expectLike(answer, exchange.response, exchange.note);
  }
  const { session_token: token } = (await login("admin@example.com", "SomeStrongPass!1234")).body as {
    session_token: string;
  };
  const me = await send(sandbox.url, "GET", "/api/v2/users/me", { "Coder-Session-Token": token });
  expect(me.body).toMatchObject({ username: "admin", roles: [{ name: "owner" }] });
});

test("a first user without a name, an address or a password", async () => {
  const { sandbox } = await start({ fresh: true });
  const answer = await send(sandbox.url, "POST", "/api/v2/users/first", {}, "{}");
  expect(answer.status).toBe(400);
  expect((answer.body as { validations: { field: string }[] }).validations.map((one) => one.field)).toEqual([
    "email",
    "username",
    "password",
  ]);
  expect((await send(sandbox.url, "GET", "/api/v2/users/first")).status).toBe(404);
});

test("pty-owner-access-disabled: the terminals of others are not there; one's own are", async () => {
  const { sandbox } = await start({ workspaces: 1, ownerExecDisabled: true });
  const recorded = load("ws/pty-owner-access-disabled");
  const [workspace] = sandbox.deployment.workspaces.live();
  const agent = workspace?.builds[0]?.resources[0]?.agents[0];
  if (!workspace || !agent || !recorded.response) throw new Error("no agent, or nothing recorded");
  const path = `/api/v2/workspaceagents/${agent.id}/pty?reconnect=${crypto.randomUUID()}`;
  const answer = await send(sandbox.url, "GET", path, {
    Cookie: `coder_session_token=${sandbox.token}`,
    Connection: "Upgrade",
    Upgrade: "websocket",
  });
  expectLike(answer, { ...recorded.response, body: undefined });
  const token = sandbox.deployment.users.addKey(workspace.owner, { loginType: "token" });
  const own = new WebSocket(`${sandbox.url.replace("http", "ws")}${path}`, {
    headers: { "Coder-Session-Token": token },
  });
  await new Promise((resolve, reject) => own.on("open", resolve).on("error", reject));
  own.terminate();
});

test("deployment-config-limits-off, applications-host-wildcard", async () => {
  const { sandbox, replayer } = await start({
    daemons: 1,
    wildcardHost: "*.apps.coder.example.test",
    ownerExecDisabled: true,
  });
  const [exchange] = exchanges("rest/deployment-config-limits-off") as [Exchange];
  const answer = await replayer.send(exchange);
  expectLike(answer, { ...exchange.response, body: undefined });
  const { config } = exchange.response.body as { config: Record<string, unknown> };
  const told = (answer.body as { config: Record<string, unknown> }).config;
  for (const [key, value] of Object.entries(config)) expectShape(told[key], value, key);
  for (const key of ["rate_limit", "wildcard_access_url", "disable_owner_workspace_exec", "provisioner"])
    expect(told[key], key).toEqual(config[key]);
  for (const one of exchanges("rest/applications-host-wildcard")) {
    const host = await replayer.send(one);
    expectLike(host, one.response);
    // The recorded server was at port 80, which an address does not name.
    const wildcard = `*.apps.coder.example.test:${new URL(sandbox.url).port}`;
    if (one.request.path.endsWith("host")) expect(host.body).toEqual({ host: wildcard });
    else expect(host.body).toMatchObject({ regions: [{ wildcard_hostname: wildcard }] });
  }
});

test("deployment-stats-later: a build under way counts, and has no latency yet", async () => {
  const { sandbox, replayer } = await start({ daemons: 1, buildTimeMs: [60_000, 60_000] });
  const { builds, catalogue, owner } = sandbox.deployment;
  const template = catalogue.templates().find((one) => one.name === "kubernetes");
  if (!template) throw new Error("no template");
  const workspace = builds.createWorkspace({
    name: "slow",
    owner,
    initiator: owner,
    template,
    parameters: [],
  });
  await eventually(() => workspace.builds[0]?.job.startedAt, "the build to start");
  const [exchange] = exchanges("rest/deployment-stats-later") as [Exchange];
  const answer = await replayer.send(exchange);
  expectLike(answer, exchange.response);
  const recorded = (exchange.response.body as { workspaces: Record<string, unknown> }).workspaces;
  expect((answer.body as typeof exchange.response & { workspaces: unknown }).workspaces).toEqual(recorded);
});

test("deployment-stats-warming: after a restart the statistics are there with the first answer", async () => {
  const { seen } = load("rest/deployment-stats-warming") as unknown as {
    seen: { buildinfo?: string; deployment_stats?: string }[];
  };
  const { sandbox } = await start({});
  sandbox.deployment.restart(100);
  const answers: string[] = [];
  const ask = async () => {
    const answer = await send(sandbox.url, "GET", "/api/v2/deployment/stats", {
      "Coder-Session-Token": sandbox.token,
    }).catch((error: NodeJS.ErrnoException) => error);
    answers.push("status" in answer ? `${answer.status} ok` : `error ${answer.code}`);
    return "status" in answer || undefined;
  };
  await eventually(ask, "the server to be back");
  const expected = seen.flatMap((one) => one.buildinfo ?? one.deployment_stats ?? []);
  expect([...new Set(answers)]).toEqual(expected);
});
