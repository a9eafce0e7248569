import { afterEach, describe, expect, it } from "vitest";
import { CoderClient } from "../../src/coder/client.ts";
import { CoderError, type FailureKind } from "../../src/coder/errors.ts";
import { resolveParameters } from "../../src/coder/parameters.ts";
import { openPty } from "../../src/coder/pty.ts";
import type { Workspace } from "../../src/coder/schemas.ts";
import { downloadCli, NoCliError } from "../../src/coder/ssh/cli-command.ts";
import { WorkspaceWatch } from "../../src/coder/watch.ts";
import { watchBySse } from "../../src/coder/watch-sse.ts";
import { RecordedServer, type RecordedSocket } from "./recorded-server.ts";
import { type Exchange, exchanges, load } from "./replay.ts";

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});

async function clientOf(recorded: readonly Exchange[], sockets: readonly RecordedSocket[] = []) {
  const server = await RecordedServer.start(recorded, sockets);
  const client = new CoderClient({
    url: server.url,
    token: "KEYID00001-SECRET0000000000000001",
    network: {},
  });
  open.push(client, server);
  return { client, server };
}

function only(name: string, note: string): Exchange {
  const found = exchanges(name).find((one) => one.note?.includes(note));
  if (!found) throw new Error(`${name} has no exchange "${note}"`);
  return found;
}

async function failureOf(work: Promise<unknown>): Promise<CoderError> {
  try {
    await work;
  } catch (error) {
    if (error instanceof CoderError) return error;
    throw error;
  }
  throw new Error("it did not fail");
}

const socketOf = (name: string) => load(`ws/${name}`) as unknown as RecordedSocket;
const idIn = (exchange: Exchange, at: number) => exchange.request.path.split("/")[at] ?? "";

describe("answers of a real server", () => {
  it("reads the deployment, the user and the rate limit that both are under", async () => {
    const { client } = await clientOf([...exchanges("rest/buildinfo"), ...exchanges("rest/users-me")]);
    expect((await client.buildInfo()).version).toMatch(/^v\d+\.\d+\.\d+/);
    const me = await client.me();
    expect(me.roles.map((role) => role.name)).toContain("owner");
    expect(client.transport.pacer.limit).toBe(512);
    expect(client.transport.sandbox).toBe(false);
  });

  it("sends one credential, in the header", async () => {
    const { client, server } = await clientOf(exchanges("rest/users-me"));
    await client.me();
    expect(server.asked[0]?.headers["coder-session-token"]).toBe(client.token);
    expect(server.asked[0]?.headers.cookie).toBeUndefined();
    expect(server.asked[0]?.headers.authorization).toBeUndefined();
  });

  it("creates a user that cannot log in, and a token with a lifetime in nanoseconds", async () => {
    const token = only("rest/tokens", "create 201");
    const { client, server } = await clientOf([...exchanges("rest/users-create-201"), token]);
    const user = await client.createUser({ username: "rec-a", email: "a@b.c", organizationIds: ["o"] });
    expect(user.username).toBe("rec-a");
    expect(server.asked[0]?.body).toMatchObject({ login_type: "none", organization_ids: ["o"] });
    expect(await client.createToken("rec-a", 3_600_000, "t")).toMatch(/^KEYID\d{5}-/);
    expect(server.asked[1]?.body).toMatchObject({ lifetime: 3_600_000_000_000 });
  });

  it("lists templates with their organization, and a template's parameters with their rules", async () => {
    const parameters = exchanges("rest/rich-parameters").find((one) => one.response.status === 200);
    if (!parameters) throw new Error("no recorded parameters");
    const { client } = await clientOf([...exchanges("rest/templates-list"), parameters]);
    const list = exchanges("rest/templates-list").find((one) => one.request.path === "/api/v2/templates");
    if (list) expect((await client.templates())[0]?.organization_id).toMatch(/^[0-9a-f-]{36}$/);
    const rules = await client.richParameters(idIn(parameters, 4));
    const withMax = rules.find((rule) => rule.validation_max != null);
    if (!withMax) throw new Error("no parameter with a maximum was recorded");
    const tooMuch = String((withMax.validation_max ?? 0) + 1);
    const { problems } = resolveParameters(rules, { [withMax.name]: tooMuch });
    expect(problems.map((problem) => problem.name)).toContain(withMax.name);
  });

  it("follows a build's states to its agents", async () => {
    const recorded = exchanges("rest/build-running-connected-ready")[0];
    if (!recorded) throw new Error("nothing recorded");
    const { client } = await clientOf([recorded]);
    const answer = await client.transport.request({
      method: "GET",
      path: recorded.request.path,
      route: "GET",
      token: client.token,
      subject: "run",
    });
    expect(JSON.stringify(answer)).toContain("lifecycle_state");
  });

  it("keeps of a workspace what somebody reads: a run has thousands of them", async () => {
    const recorded = exchanges("rest/workspaces-get").find((one) => one.response.status === 200);
    if (!recorded) throw new Error("nothing recorded");
    const { client } = await clientOf([recorded]);
    const workspace = await client.workspace(idIn(recorded, 4));
    const agents = workspace?.latest_build.resources.flatMap((resource) => resource.agents);
    expect(agents?.flatMap(({ apps }) => apps.map(({ slug }) => slug))).not.toEqual([]);
    const answered = JSON.stringify(recorded.response.body);
    expect(JSON.stringify(workspace).length).toBeLessThan(answered.length / 3);
  });

  it("takes a deleted workspace, by id and by name, as none", async () => {
    const recorded = exchanges("rest/workspace-delete");
    const byId = recorded.find((one) => one.response.status === 410);
    const byName = recorded.find((one) => one.response.status === 404);
    if (!byId || !byName) throw new Error("nothing recorded");
    const { client } = await clientOf([byId, byName]);
    expect(await client.workspace(idIn(byId, 4))).toBeUndefined();
    expect(await client.workspaceByName(idIn(byName, 4), idIn(byName, 6))).toBeUndefined();
  });

  it("takes an unknown user, which is a 400 here, as none", async () => {
    const again = only("rest/users-delete-200", "again, by name");
    const { client } = await clientOf([{ ...again, request: { ...again.request, method: "GET" } }]);
    expect(await client.user("rec-a")).toBeUndefined();
  });

  it("says where this deployment has no coder command", async () => {
    const missing = exchanges("rest/static").find((one) => one.response.status === 404);
    if (!missing) throw new Error("nothing recorded");
    const name = `/bin/coder-${process.platform === "linux" ? "linux" : process.platform}-${process.arch === "x64" ? "amd64" : process.arch}`;
    const { client } = await clientOf([{ ...missing, request: { method: "GET", path: name } }]);
    const download = downloadCli(client.transport, "unused", new AbortController().signal);
    await expect(download).rejects.toThrow(NoCliError);
  });
});

describe("refusals of a real server", () => {
  const cases: [string, Exchange, FailureKind, RegExp][] = [
    ["expired or wrong token", exchanges("rest/auth-401")[0] as Exchange, "unauthorized", /signed out/],
    ["name taken", exchanges("rest/users-create-409")[0] as Exchange, "conflict", /User already exists/],
    [
      "bad user name",
      only("rest/users-create-400", "bad username"),
      "validation",
      /username: Validation failed/,
    ],
    [
      "user with workspaces",
      only("rest/users-delete-417", "live workspaces"),
      "validation",
      /Delete their workspaces/,
    ],
    [
      "workspace name taken",
      exchanges("rest/workspaces-create-409")[0] as Exchange,
      "conflict",
      /already exists/,
    ],
    [
      "bad parameter",
      only("rest/workspaces-create-errors", "number over max"),
      "validation",
      /cpu: Invalid parameter value/,
    ],
    ["unknown scope", only("rest/tokens", "unknown scope"), "server", /invalid API key scope/],
    [
      "active build",
      exchanges("rest/build-create-409").find((e) => e.response.status === 409) as Exchange,
      "conflict",
      /already active/,
    ],
    ["unknown route", exchanges("rest/unknown-route-404")[0] as Exchange, "not_found", /not found/i],
  ];
  it.each(cases)("%s", async (_name, exchange, kind, text) => {
    const { client } = await clientOf([exchange]);
    const error = await failureOf(
      client.transport.request({
        method: exchange.request.method as "GET",
        path: exchange.request.path,
        route: "route",
        token: client.token,
        subject: "run",
        ...(exchange.request.body === undefined ? {} : { body: exchange.request.body }),
      }),
    );
    expect(error.failure.kind).toBe(kind);
    expect(error.message).toMatch(text);
    expect(error.message).not.toContain("\n");
  });

  it("HTML where JSON is due is not a Coder deployment", async () => {
    const { client } = await clientOf([
      {
        request: { method: "GET", path: "/api/v2/buildinfo" },
        response: { status: 200, headers: { "content-type": "text/html" }, body: "<html>" },
      },
    ]);
    const error = await failureOf(client.buildInfo());
    expect(error.failure.kind).toBe("unexpected");
    expect(error.message).toMatch(/not JSON/);
  });

  it("a field that is missing is told with its route", async () => {
    const recorded = exchanges("rest/users-me")[0] as Exchange;
    const { username: _gone, ...rest } = recorded.response.body as Record<string, unknown>;
    const { client } = await clientOf([{ ...recorded, response: { ...recorded.response, body: rest } }]);
    await expect(client.me()).rejects.toThrow(/username.*GET \/api\/v2\/users\/me/);
  });
});

describe("long-lived connections of a real server", () => {
  it("a watched workspace is followed to its deletion, though the socket stays open", async () => {
    const [ping] = socketOf("workspace-watch-ws-delete").frames ?? [];
    const recorded = exchanges("rest/workspaces-get").find((one) => one.response.status === 200);
    if (!ping || !recorded) throw new Error("nothing recorded");
    const running = recorded.response.body as {
      id: string;
      latest_build: { build_number: number; job: object };
    };
    const deleted = {
      ...running,
      latest_build: {
        ...running.latest_build,
        build_number: running.latest_build.build_number + 1,
        transition: "delete",
        status: "deleted",
        resources: [],
      },
    };
    const data = (body: unknown) => ({
      dir: "in" as const,
      opcode: "text",
      text: JSON.stringify({ type: "data", data: body }),
    });
    const path = `/api/v2/workspaces/${running.id}/watch-ws`;
    const frames = [
      ping,
      data(running),
      data(running),
      { dir: "in" as const, opcode: "ping" },
      data(deleted),
    ];
    const { client } = await clientOf([recorded], [{ request: { path }, upgrade: { status: 101 }, frames }]);
    const known = await client.workspace(running.id);
    if (!known) throw new Error("the recorded workspace cannot be read");
    const watch = new WorkspaceWatch(client, known);
    open.push({ close: async () => watch.close() });
    const isDeleted = ({ latest_build }: Workspace) => (latest_build.status === "deleted" ? true : undefined);
    expect(await watch.until(isDeleted, AbortSignal.timeout(5_000))).toBe(true);
  });

  it("a command's end is TCP's end, without a close frame", async () => {
    const recording = socketOf("pty-command-exit3");
    const { client } = await clientOf([], [recording]);
    const chunks: Buffer[] = [];
    const pty = await openPty(
      client,
      { agentId: recording.request.path.split("/")[4] ?? "", command: "x" },
      (bytes) => chunks.push(bytes),
    );
    expect(await pty.ended).toEqual({ code: 1006, reason: "" });
    expect(Buffer.concat(chunks).toString()).toBe("out\r\n");
  });

  it("an agent that is offline is told by the server's own sentence, though it is HTML", async () => {
    const page = `<html><title>502 - Bad Gateway</title><body>Agent state is &#34;connecting&#34;, not &#34;connected&#34;</body></html>`;
    const { client } = await clientOf(
      [],
      [{ request: { path: "/api/v2/workspaceagents/a/pty" }, upgrade: { status: 502, body: page } }],
    );
    const error = await failureOf(openPty(client, { agentId: "a", command: "x" }, () => undefined));
    expect(error.failure.kind).toBe("server");
    expect(error.message).toContain('Agent state is "connecting", not "connected"');
  });

  it("events over SSE are cut at blank lines, wherever the chunks end", async () => {
    const workspace = exchanges("rest/workspaces-get").find((one) => one.response.status === 200);
    if (!workspace) throw new Error("nothing recorded");
    const text = `event: ping\n\nevent: data\ndata: ${JSON.stringify(workspace.response.body)}\n\n`;
    const { client } = await clientOf([
      {
        request: { method: "GET", path: "/api/v2/workspaces/w/watch" },
        response: { status: 200, headers: { "content-type": "text/event-stream" }, body: text },
      },
    ]);
    const names: string[] = [];
    await watchBySse(
      client,
      "w",
      { offer: (one) => names.push(one.name), heard: () => undefined },
      AbortSignal.timeout(5_000),
    );
    expect(names).toEqual([(workspace.response.body as { name: string }).name]);
  });
});
