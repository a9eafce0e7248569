import { afterAll, beforeAll, expect, test } from "vitest";
import { WebSocket } from "ws";
import { type Sandbox, startSandbox } from "../../src/sandbox/server.ts";
import {
  type Answer,
  type Exchange,
  eventually,
  exchanges,
  expectLike,
  expectSameEnvelope,
  load,
  Replayer,
  send,
} from "./replay.ts";

const ADMIN = "KEYID00015-SECRET0000000000000015";
const IMPORTED = "70048caa-668a-41fd-9ce5-7eec2e267ae8";
const FILE = "61ef44f9-c280-451e-8599-2745b3e74b49";
const ORGANIZATION = "426cd6f2-b3ca-43f3-97ed-8cfd49f44dd5";

let sandbox: Sandbox;
let replayer: Replayer;

beforeAll(async () => {
  sandbox = await startSandbox({ buildTimeMs: [1000, 1000] });
  replayer = new Replayer(sandbox.url);
  replayer.map(ADMIN, sandbox.token);
  replayer.map(ORGANIZATION, sandbox.deployment.catalogue.organization("default")?.id ?? "");
});

afterAll(() => sandbox.close());

async function replay(exchange: Exchange, to = replayer): Promise<Answer> {
  const answer = await to.send(exchange);
  const { note = "" } = exchange;
  if (exchange.response.status >= 400 && typeof exchange.response.body === "object")
    expectSameEnvelope(answer, exchange.response, to, note);
  else expectLike(answer, exchange.response, note);
  return answer;
}

const idOf = (answer: Answer) => (answer.body as { id: string }).id;

test("template-import, templateversion-log-follow: upload, version, import, template", async () => {
  const steps = exchanges("rest/template-import");
  const note = (text: string) => steps.find((one) => one.note?.includes(text)) as Exchange;
  const upload = note("upload a tar");
  const headers = { "Coder-Session-Token": sandbox.token, "Content-Type": "application/x-tar" };
  const uploaded = await send(sandbox.url, "POST", upload.request.path, headers, "not really a tar");
  expectLike(uploaded, upload.response);
  replayer.map(FILE, (uploaded.body as { hash: string }).hash);

  const created = await replay(note("create a version"));
  replayer.map(IMPORTED, idOf(created));
  const log = follow(`/api/v2/templateversions/${idOf(created)}/logs?follow`);
  for (const step of steps.filter((one) => one.note?.includes("while importing"))) await replay(step);
  const { frames } = load("ws/templateversion-log-follow") as unknown as {
    frames: { opcode?: string; text?: string; close_code?: number; reason?: string }[];
  };
  const last = frames.at(-1);
  expect(await log.closed).toEqual({ code: last?.close_code, reason: last?.reason });
  const stage = (text = "") => /"stage":"([^"]*)"/.exec(text)?.[1] ?? [];
  expect([...new Set(log.messages.flatMap((text) => stage(text)))]).toEqual([
    ...new Set(frames.flatMap((frame) => stage(frame.text))),
  ]);

  await replay(note("version afterwards"));
  const template = await replay(note("create the template"));
  await replay(note("same name again"));
  const again = await send(sandbox.url, "POST", upload.request.path, headers, "not really a tar");
  expect([again.status, again.body]).toEqual([200, uploaded.body]);

  const workspace = await send(
    sandbox.url,
    "POST",
    "/api/v2/users/me/workspaces",
    headers,
    JSON.stringify({ template_id: idOf(template), name: "of-an-import" }),
  );
  expect(workspace.status).toBe(201);
  const made = sandbox.deployment.workspaces.byId(idOf(workspace));
  await eventually(() => made?.builds[0]?.resources[0]?.agents[0]?.firstConnectedAt, "its agent");
});

function follow(path: string): { messages: string[]; closed: Promise<{ code: number; reason: string }> } {
  const socket = new WebSocket(sandbox.url.replace("http", "ws") + path, {
    headers: { Cookie: `coder_session_token=${sandbox.token}` },
  });
  const messages: string[] = [];
  socket.on("message", (data) => messages.push(String(data)));
  const closed = new Promise<{ code: number; reason: string }>((resolve, reject) => {
    socket.on("close", (code, reason) => resolve({ code, reason: String(reason) }));
    socket.on("error", reject);
  });
  return { messages, closed };
}

test("a wrong upload, a file that is not there, a version that is not there", async () => {
  const token = { "Coder-Session-Token": sandbox.token };
  const post = (path: string, headers: Record<string, string>, body: unknown) =>
    send(sandbox.url, "POST", `/api/v2${path}`, { ...token, ...headers }, JSON.stringify(body));
  expect((await post("/files", { "Content-Type": "text/plain" }, "x")).status).toBe(400);
  const organization = "/organizations/default";
  const version = { file_id: crypto.randomUUID(), storage_method: "file", provisioner: "terraform" };
  expect((await post(`${organization}/templateversions`, {}, version)).status).toBe(404);
  expect((await post(`${organization}/templateversions`, {}, { ...version, provisioner: "" })).status).toBe(
    400,
  );
  const template = { name: "nothing", template_version_id: crypto.randomUUID() };
  expect((await post(`${organization}/templates`, {}, template)).status).toBe(404);
});

test("templateversion-misc, rate-limit-files-bypass: where requests are limited", async () => {
  const limited = await startSandbox({ rateLimit: 512 });
  const to = new Replayer(limited.url);
  const { catalogue, users } = limited.deployment;
  const templates = catalogue.templates(catalogue.organization("default"));
  const version = (name: string) => templates.find((one) => one.name === name)?.version.id ?? "";
  to.map("KEYID00001-SECRET0000000000000001", limited.token);
  to.map("9fdc1f7d-67e1-41de-8b63-4e74879748a2", version("all-parameters"));
  // The recorded one has a resource without an agent.
  to.map("19bf05e7-c05d-4d4e-bf66-28f812a6a33c", version("no-agent"));
  for (const exchange of exchanges("rest/templateversion-misc")) await replay(exchange, to);

  const member = users.create({
    username: "member",
    email: "member@example.com",
    loginType: "none",
    status: "active",
    organizationIds: [],
  });
  to.map("KEYID00005-SECRET0000000000000005", users.addKey(member, { loginType: "token" }));
  const [first, over, owner, nonOwner] = exchanges("rest/rate-limit-files-bypass") as [
    Exchange,
    Exchange,
    Exchange,
    Exchange,
  ];
  for (let at = 0; at < 12; at++) {
    const answer = await replay(first, to);
    expect(answer.headers["x-ratelimit-limit"]).toBe("12");
    expect(answer.headers["x-ratelimit-remaining"]).toBe(String(11 - at));
  }
  await replay(over, to);
  expect((await replay(owner, to)).headers["x-ratelimit-remaining"]).toBe("11");
  const refused = await replay(nonOwner, to);
  expect(refused.text).toBe(nonOwner.response.body);
  expect(refused.headers["x-ratelimit-limit"]).toBe("512");
  await limited.close();
});
