import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { WebSocket } from "ws";
import { type Sandbox, startSandbox } from "../../src/sandbox/server.ts";
import { type Exchange, eventually, exchanges, expectLike, load, Replayer, send } from "./replay.ts";
import { templateOf } from "./seeded.ts";

const OWNER = "KEYID00001-SECRET0000000000000001";
const MEMBER = "KEYID00005-SECRET0000000000000005";
const OTHER_MEMBER = "KEYID00014-SECRET0000000000000014";

interface Frame {
  dir: string;
  opcode?: string;
  text?: string;
  bytes?: number;
  close_code?: number;
  reason?: string;
}

interface Recorded {
  request: { path: string; headers: Record<string, string> };
  upgrade: { status: number; headers: Record<string, unknown> };
  frames: Frame[];
}

let sandbox: Sandbox;
let replayer: Replayer;

/** The recorded member with the recorded apps, on a path and on a subdomain. */
beforeAll(async () => {
  sandbox = await startSandbox({
    buildTimeMs: [50, 50],
    deleteTimeMs: [50, 50],
    rateLimit: 512,
    wildcardHost: "*.apps.coder.example.test",
  });
  replayer = new Replayer(sandbox.url);
  const { users, builds } = sandbox.deployment;
  const { organization, template } = templateOf(sandbox, "all-parameters");
  const parameters = [{ name: "region", value: "eu" }];
  const member = (username: string, names: string[]) => {
    const user = users.create({
      username,
      email: `${username}@example.com`,
      loginType: "none",
      status: "active",
      organizationIds: [organization.id],
    });
    const made = names.map((name) =>
      builds.createWorkspace({ name, owner: user, initiator: user, template, parameters }),
    );
    return { token: users.addKey(user, { loginType: "token" }), made };
  };
  const a = member("rec-a", ["rec-ws1"]);
  const m = member("rec-m", ["sub"]);
  replayer.map(OWNER, sandbox.token);
  replayer.map(MEMBER, a.token);
  replayer.map(OTHER_MEMBER, m.token);
  replayer.map("KEYID00015-SECRET0000000000000015", sandbox.token);
  replayer.map("KEYID00016-SECRET0000000000000016", m.token);
  for (const workspace of [...a.made, ...m.made]) {
    await eventually(
      () => workspace.builds[0]?.resources[0]?.agents[0]?.lifecycle === "ready" || undefined,
      "the agent",
    );
  }
});

afterAll(() => sandbox.close());

/** The app's own answer tells which headers reached it: compared key for key, apart from the transport's. */
function expectSameApp(body: unknown, recorded: unknown, label: string): void {
  const told = body as { method: string; url: string; headers: Record<string, string>; body_bytes: number };
  const wanted = JSON.parse(replayer.translate(JSON.stringify(recorded))) as typeof told;
  expect({ ...told, headers: {} }, label).toEqual({ ...wanted, headers: {} });
  for (const name of [
    "cookie",
    "coder-session-token",
    "authorization",
    "content-type",
    "x-forwarded-for",
    "x-forwarded-proto",
  ]) {
    expect(told.headers[name], `${label}: ${name}`).toBe(wanted.headers[name]);
  }
}

describe("path apps over HTTP", () => {
  test.each(exchanges("app/path-app-http").map((exchange) => ({ label: exchange.note ?? "", exchange })))(
    "$label",
    async ({ exchange, label }) => {
      const { body, ...response } = exchange.response;
      const answer = await replayer.send(exchange);
      expectLike(answer, response, label);
      if (exchange.response.status === 200 || exchange.response.status === 418)
        expectSameApp(answer.body, body, label);
      const title = /<title>([^\n<]*)/.exec(typeof body === "string" ? body : "")?.[1];
      if (title) expect(answer.text).toContain(`<title>${title}`);
      const location = exchange.response.headers.location;
      if (typeof location === "string") {
        const wanted = location.replace("http://coder.example.test", sandbox.url);
        expect(answer.headers.location).toBe(wanted);
      }
      const cookies = (of: unknown) => [of ?? []].flat().map((one) => String(one).split("=")[0]);
      expect(cookies(answer.headers["set-cookie"])).toEqual(cookies(exchange.response.headers["set-cookie"]));
    },
  );
});

test("the signed cookie alone opens its app, and no other", async () => {
  const first = await replayer.send(exchanges("app/path-app-http")[0] as Exchange);
  const signed = first.headers["set-cookie"]?.find((one) => one.startsWith("coder_signed_app_token="));
  const token = /=([^;]*)/.exec(signed ?? "")?.[1] ?? "";
  replayer.map("eyJhbGciOiJ.PLACEHOLDER.JWT", token);
  for (const exchange of exchanges("app/path-app-signed-cookie")) {
    const answer = await replayer.send(exchange);
    expect(answer.status, exchange.note).toBe(exchange.response.status);
    if (answer.status === 200) {
      expectSameApp(answer.body, exchange.response.body, exchange.note ?? "");
      expect(answer.headers["set-cookie"]?.join()).not.toContain("coder_signed_app_token");
    }
  }
});

describe("path apps over WebSocket", () => {
  const names = [
    "path-app-ws-echo",
    "path-app-ws-app-dies",
    "path-app-ws-header-auth",
    "path-app-ws-origin",
    "path-app-ws-unauthenticated",
    "path-app-ws-502",
    "path-app-ws-404",
    "path-app-ws-other-member",
  ];
  test.each(names)("%s", async (name) => {
    const recording = load(`app/${name}`) as unknown as Recorded;
    await replaySocket(recording, sandbox.url.replace("http", "ws") + recording.request.path);
  });

  test("messages of any size", async () => {
    const { frames, request } = load("app/path-app-ws-large") as unknown as Recorded;
    const socket = new WebSocket(sandbox.url.replace("http", "ws") + request.path, {
      headers: headersOf(request.headers),
      perMessageDeflate: false,
    });
    const sizes: number[] = [];
    socket.on("message", (data) => sizes.push((data as Buffer).length));
    await new Promise((resolve) => socket.on("open", resolve));
    const wanted = frames
      .filter((frame) => frame.opcode === "binary" && frame.dir === "in")
      .map((frame) => frame.bytes ?? 0);
    for (const size of wanted) socket.send(Buffer.alloc(size, "a"));
    await eventually(() => sizes.length === wanted.length || undefined, "all of them");
    expect(sizes).toEqual(wanted);
    socket.terminate();
  });
});

function headersOf(recorded: Record<string, string>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(recorded)
      .filter(([name]) => name !== "Sec-WebSocket-Extensions")
      .map(([name, value]) => [name, replayer.translate(value)]),
  );
}

async function replaySocket(recording: Recorded, url: string): Promise<void> {
  const socket = new WebSocket(url, {
    headers: headersOf(recording.request.headers),
    perMessageDeflate: true,
  });
  const messages: { text: string; binary: boolean }[] = [];
  socket.on("message", (data, binary) => messages.push({ text: String(data), binary }));
  const closed = new Promise<{ code: number; reason: string }>((resolve) => {
    socket.on("close", (code, reason) => resolve({ code, reason: String(reason) }));
  });
  const status = await new Promise<number | undefined>((resolve) => {
    socket.on("open", () => resolve(101));
    socket.on("unexpected-response", (_request, response) => resolve(response.statusCode));
    socket.on("error", () => undefined);
  });
  expect(status).toBe(recording.upgrade.status);
  if (status !== 101) return;
  expect(socket.extensions.split(";")[0]).toBe(recording.upgrade.headers["sec-websocket-extensions"]);
  let expected = 0;
  for (const frame of recording.frames) {
    if (frame.dir === "in" && (frame.opcode === "text" || frame.opcode === "binary")) {
      expected++;
      await eventually(() => messages.length >= expected || undefined, `message ${expected}`);
      const got = messages[expected - 1];
      expect(got?.binary).toBe(frame.opcode === "binary");
      if (!frame.text?.startsWith("{")) expect(got?.text).toBe(frame.text);
      else expect(JSON.parse(got?.text ?? "")).toHaveProperty("headers.x-forwarded-proto");
    } else if (frame.dir === "out") {
      if (frame.opcode === "close") socket.close(frame.close_code);
      else socket.send(frame.opcode === "binary" ? Buffer.from(frame.text ?? "") : (frame.text ?? ""));
    }
  }
  const last = recording.frames.findLast((frame) => frame.opcode === "close" && frame.dir === "in");
  expect(await closed).toEqual({ code: last?.close_code, reason: last?.reason ?? "" });
}

describe("subdomain apps", () => {
  test.each(
    exchanges("app/subdomain-app-http").map((exchange, at) => ({
      label: `${at}: ${exchange.note}`,
      exchange,
    })),
  )("$label", async ({ exchange, label }) => {
    const { request, response } = exchange as Exchange & { request: { headers: Record<string, string> } };
    const host = hostOf(exchange);
    const answer = await send(
      sandbox.url,
      request.method,
      request.path + (request.query ? `?${request.query}` : ""),
      { ...headersOf(request.headers), Host: host },
    );
    expect(answer.status, label).toBe(response.status);
    if (response.status === 200) {
      const told = answer.body as { url: string; headers: Record<string, string> };
      expect(told.url).toBe((response.body as { url: string }).url);
      expect(told.headers.host).toBe(host);
    }
  });

  test("a WebSocket", async () => {
    const recording = load("app/subdomain-app-ws") as unknown as Recorded;
    await replaySocket(recording, `${sandbox.url.replace("http", "ws")}${recording.request.path}`);
  });

  test("the wildcard host is told", async () => {
    const answer = await send(sandbox.url, "GET", "/api/v2/applications/host", {
      "Coder-Session-Token": sandbox.token,
    });
    expect(answer.body).toEqual({ host: `*.apps.coder.example.test:${new URL(sandbox.url).port}` });
  });
});

/** The recorder kept the Host in the request, or in what the app told. */
function hostOf(exchange: Exchange): string {
  const headers = exchange.request.headers ?? {};
  const told = (exchange.response.body as { headers?: { host?: string } })?.headers?.host;
  const location = String(exchange.response.headers.location ?? "");
  const redirected = /redirect_uri=http%3A%2F%2F([^%]*)/.exec(location)?.[1];
  const byNote: Record<string, string> = {
    "site owner": "echosub--main--sub--rec-m",
    "closed port": "3989--main--sub--rec-m",
    "not an app name": "nonsense",
  };
  const label = byNote[exchange.note ?? ""];
  return headers.host ?? headers.Host ?? told ?? redirected ?? `${label}.apps.coder.example.test`;
}

test("an app of a stopped workspace", async () => {
  const [workspace] = [...sandbox.deployment.workspaces.live()].filter((one) => one.name === "rec-ws1");
  const admin = sandbox.deployment.owner;
  if (!workspace) throw new Error("no workspace");
  const build = sandbox.deployment.builds.createBuild(workspace, {
    transition: "stop",
    initiator: admin,
    parameters: [],
  });
  await eventually(() => build.job.completedAt, "the stop");
  const exchange = exchanges("rest/after-stop").find((one) => one.note === "path app of a stopped workspace");
  const answer = await replayer.send(exchange as Exchange);
  expect(answer.status).toBe(400);
  expect(answer.text).toContain("<title>400 - Workspace Offline");
});
