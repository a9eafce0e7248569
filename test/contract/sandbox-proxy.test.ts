import { randomUUID } from "node:crypto";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { type Sandbox, startSandbox } from "../../src/sandbox/server.ts";
import { send } from "./replay.ts";
import { agentIdOf } from "./seeded.ts";
import { TerminalClient } from "./terminal-client.ts";

// No proxy could be recorded: it belongs to another edition. What is held here is what reading the server says
// (docs/coder-api.md, Web terminal).
let sandbox: Sandbox;
let proxy = "";
let agentId = "";
beforeAll(async () => {
  sandbox = await startSandbox({
    workspaces: 1,
    wildcardHost: "*.apps.localhost",
    workspaceProxyPort: 0,
    model: { replicas: 2 },
  });
  proxy = sandbox.proxyUrl ?? "";
  agentId = agentIdOf(sandbox);
});
afterEach(() => {
  sandbox.deployment.clock.skewMs = 0;
});
afterAll(() => sandbox.close());

const headers = () => ({ "Coder-Session-Token": sandbox.token });
const ptyPath = () => `/api/v2/workspaceagents/${agentId}/pty`;

function sign(url: string, token = sandbox.token) {
  return send(
    sandbox.url,
    "POST",
    "/api/v2/applications/reconnecting-pty-signed-token",
    { "Coder-Session-Token": token, "Content-Type": "application/json" },
    JSON.stringify({ url, agentID: agentId }),
  );
}

async function signedToken(): Promise<string> {
  const answer = await sign(`${proxy.replace("http", "ws")}${ptyPath()}`);
  expect(answer.status).toBe(200);
  return (answer.body as { signed_token: string }).signed_token;
}

function terminal(given: Record<string, string>, more = ""): TerminalClient {
  const query = `reconnect=${randomUUID()}&command=${encodeURIComponent("echo here")}${more}`;
  return new TerminalClient({ url: proxy, agentId, headers: given }, query);
}

test("a terminal by a session's token, and by one that is signed for it", async () => {
  const first = terminal(headers());
  await first.until("here");
  const second = terminal({}, `&coder_signed_app_token_23db1dde=${await signedToken()}`);
  await second.until("here");
});

test("a signed token ends after a minute, and opens nothing else", async () => {
  const token = await signedToken();
  sandbox.deployment.clock.skewMs = 61_000;
  expect(await terminal({}, `&coder_signed_app_token_23db1dde=${token}`).refused()).toBe(404);
  sandbox.deployment.clock.skewMs = 0;
  const answer = await send(proxy, "GET", "/@scaletest-sandbox-1/scaletest-sandbox-1/apps/echo/", {
    Cookie: `coder_signed_app_token=${token}`,
  });
  expect(answer.status).toBe(303);
});

test("without a token nothing opens", async () => {
  expect(await terminal({}).refused()).toBe(404);
  expect((await send(sandbox.url, "POST", "/api/v2/applications/reconnecting-pty-signed-token")).status).toBe(
    401,
  );
});

test.each([
  [() => `${proxy}${ptyPath()}`, "Invalid URL."],
  [() => "no address", "Invalid URL."],
  [() => `${proxy.replace("http", "ws")}/api/v2/workspaceagents/${randomUUID()}/pty`, "Invalid URL path."],
  [() => `${sandbox.url.replace("http", "ws")}${ptyPath()}`, "Invalid hostname in URL."],
])("nothing is signed for what is no terminal of a proxy's (%#)", async (url, message) => {
  const answer = await sign(url());
  expect([answer.status, (answer.body as { message: string }).message]).toEqual([400, message]);
});

test("it is among the regions, with a wildcard host at its own port", async () => {
  const answer = await send(sandbox.url, "GET", "/api/v2/regions", headers());
  const { regions } = answer.body as { regions: { path_app_url: string; wildcard_hostname: string }[] };
  expect(regions.map(({ path_app_url: url, wildcard_hostname: host }) => [url, host])).toEqual(
    [sandbox.url, proxy].map((url) => [url, `*.apps.localhost:${new URL(url).port}`]),
  );
});

test("everything else is the deployment's", async () => {
  const info = await send(proxy, "GET", "/api/v2/buildinfo");
  expect(info.body).toMatchObject({ workspace_proxy: true, dashboard_url: sandbox.url });
  for (const path of ["/", "/api/v2/users/me", "/api/v2/workspaces"]) {
    const answer = await send(proxy, "GET", path, headers());
    expect([path, answer.status]).toEqual([path, 400]);
    expect(answer.text).toContain("Head to the Dashboard");
  }
});

test("no replica of coderd's that leaves takes its connections", async () => {
  const query = `reconnect=${randomUUID()}&command=cat`;
  const held = Array.from(
    { length: 4 },
    () => new TerminalClient({ url: proxy, agentId, headers: headers() }, query),
  );
  await Promise.all(held.map((one) => one.opened));
  const { connections } = sandbox.deployment;
  expect([connections.dropReplica(0), connections.dropReplica(1)]).toEqual([0, 0]);
  expect(connections.count).toBeGreaterThanOrEqual(4);
  for (const one of held) one.socket.terminate();
});
