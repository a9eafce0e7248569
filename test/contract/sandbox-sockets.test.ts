import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { WebSocket } from "ws";
import { type Sandbox, startSandbox } from "../../src/sandbox/server.ts";
import { type Exchange, eventually, expectLike, expectShape, load, Replayer, send } from "./replay.ts";

interface Frame {
  dir: string;
  opcode?: string;
  text?: string;
  close_code?: number;
  reason?: string;
}

interface Row {
  id: number;
  stage: string;
  log_source: string;
  output: string;
}

interface Workspace {
  id: string;
  latest_build: { id: string; status: string };
}

let sandbox: Sandbox;
let made = 0;

beforeAll(async () => {
  sandbox = await startSandbox({ daemons: 1, buildTimeMs: [250, 250], deleteTimeMs: [100, 100] });
});

afterAll(() => sandbox.close());

async function api<T>(method: string, path: string, body?: unknown): Promise<T> {
  const payload = body === undefined ? undefined : JSON.stringify(body);
  const answer = await send(
    sandbox.url,
    method,
    `/api/v2${path}`,
    { "Coder-Session-Token": sandbox.token },
    payload,
  );
  return answer.body as T;
}

function create(template = "kubernetes"): Promise<Workspace> {
  const { catalogue } = sandbox.deployment;
  const found = catalogue.templates(catalogue.organization("default")).find((one) => one.name === template);
  return api<Workspace>("POST", "/users/me/workspaces", { name: `ws-${++made}`, template_id: found?.id });
}

/** A one-way socket: its messages as they came, and how it ended. */
class Listener {
  readonly socket: WebSocket;
  readonly messages: string[] = [];
  closed: { code: number; reason: string } | undefined;

  constructor(path: string) {
    this.socket = new WebSocket(`${sandbox.url.replace("http", "ws")}/api/v2${path}`, {
      headers: { Cookie: `coder_session_token=${sandbox.token}` },
    });
    this.socket.on("message", (data, isBinary) => {
      if (isBinary) throw new Error("a binary frame where texts are sent");
      this.messages.push(String(data));
    });
    this.socket.on("close", (code, reason) => {
      this.closed = { code, reason: String(reason) };
    });
  }

  ended(): Promise<{ code: number; reason: string }> {
    return eventually(() => this.closed, "the socket to close");
  }

  parsed<T>(): T[] {
    return this.messages.map((text) => JSON.parse(text) as T);
  }
}

function recordedClose(name: string) {
  const { frames } = load(`ws/${name}`) as unknown as { frames: Frame[] };
  const close = frames.findLast((frame) => frame.opcode === "close" && frame.dir === "in");
  return { code: close?.close_code, reason: close?.reason };
}

function recordedTexts(name: string): string[] {
  const { frames } = load(`ws/${name}`) as unknown as { frames: Frame[] };
  return frames
    .filter((frame) => frame.dir === "in" && frame.opcode === "text")
    .map((frame) => frame.text ?? "");
}

/** The stages of recorded rows in order, each once; the recording cut some rows. */
function recordedStages(name: string): string[] {
  const found = recordedTexts(name).flatMap((text) => /"stage":"([^"]*)"/.exec(text)?.[1] ?? []);
  return [...new Set(found)];
}

/** The stages in order, each once. */
function stages(rows: Row[]): string[] {
  return [...new Set(rows.map((row) => row.stage))];
}

describe("build logs", () => {
  test.each([
    ["build-log-follow", "kubernetes"],
    ["build-log-follow-failing", "failing-build"],
  ])("%s: one row a frame, closed when the job ends", async (name, template) => {
    const workspace = await create(template);
    const log = new Listener(`/workspacebuilds/${workspace.latest_build.id}/logs?follow&after=-1`);
    expect(await log.ended()).toEqual(recordedClose(name));
    const recorded = recordedTexts(name)
      .filter((text) => !text.includes("…"))
      .map((text) => JSON.parse(text) as Row);
    expect(stages(log.parsed<Row>())).toEqual(stages(recorded));
    for (const message of log.messages) {
      expect(message.endsWith("}\n")).toBe(true);
      expectShape(JSON.parse(message), recorded[0], "row");
    }
    const ids = log.parsed<Row>().map((row) => row.id);
    expect(ids).toEqual([...ids].sort((a, b) => a - b));
    const rest = await api<Row[]>("GET", `/workspacebuilds/${workspace.latest_build.id}/logs`);
    expect(rest).toEqual(log.parsed<Row>());
    expect(rest[0]).toMatchObject({ log_source: "provisioner_daemon", output: "" });
  });

  test("build-log-follow-finished: the rest, then closed", async () => {
    const workspace = await create();
    const first = new Listener(`/workspacebuilds/${workspace.latest_build.id}/logs?follow`);
    await first.ended();
    const after = first.parsed<Row>().at(-3)?.id;
    const second = new Listener(`/workspacebuilds/${workspace.latest_build.id}/logs?follow&after=${after}`);
    expect(await second.ended()).toEqual(recordedClose("build-log-follow-finished"));
    expect(second.messages).toEqual(first.messages.slice(-2));
    const nothing = new Listener(`/workspacebuilds/${workspace.latest_build.id}/logs?follow&after=999999999`);
    expect(await nothing.ended()).toEqual(recordedClose("build-log-follow-nothing-left"));
    expect(nothing.messages).toEqual([]);
  });

  test("build-log-follow-cancel-pending: rows still come, the end never does", async () => {
    const [, queued] = await Promise.all([create(), create()]);
    const log = new Listener(`/workspacebuilds/${queued.latest_build.id}/logs?follow`);
    await eventually(() => log.socket.readyState === WebSocket.OPEN || undefined, "the socket");
    await api("PATCH", `/workspacebuilds/${queued.latest_build.id}/cancel`);
    expect(
      (await api<Workspace["latest_build"]>("GET", `/workspacebuilds/${queued.latest_build.id}`)).status,
    ).toBe("canceled");
    await eventually(
      () => log.parsed<Row>().some((row) => row.stage === "Cleaning Up") || undefined,
      "the daemon's rows",
    );
    // Another build ends on the same daemon meanwhile: time enough for an end to be told.
    const next = await create();
    await new Listener(`/workspacebuilds/${next.latest_build.id}/logs?follow`).ended();
    expect(log.closed).toBeUndefined();
    expect(stages(log.parsed<Row>())).toEqual(recordedStages("build-log-follow-cancel-pending"));
    log.socket.close(1000);
    expect((await log.ended()).code).toBe(recordedClose("build-log-follow-cancel-pending").code);
  });

  test("build-log-follow-cancel-running: to the end of the apply, then closed", async () => {
    const workspace = await create();
    const log = new Listener(`/workspacebuilds/${workspace.latest_build.id}/logs?follow`);
    await eventually(
      () => log.parsed<Row>().some((row) => row.stage === "Starting workspace") || undefined,
      "the apply",
    );
    await api("PATCH", `/workspacebuilds/${workspace.latest_build.id}/cancel`);
    expect(await log.ended()).toEqual(recordedClose("build-log-follow-cancel-running"));
    expect(stages(log.parsed<Row>())).toEqual(recordedStages("build-log-follow-cancel-running"));
    const build = await api<Workspace["latest_build"]>(
      "GET",
      `/workspacebuilds/${workspace.latest_build.id}`,
    );
    expect(build.status).toBe("canceled");
  });

  test("build-log-follow-delete", async () => {
    const workspace = await create();
    await new Listener(`/workspacebuilds/${workspace.latest_build.id}/logs?follow`).ended();
    const build = await api<{ id: string }>("POST", `/workspaces/${workspace.id}/builds`, {
      transition: "delete",
    });
    const log = new Listener(`/workspacebuilds/${build.id}/logs?follow`);
    expect(await log.ended()).toEqual(recordedClose("build-log-follow-delete"));
    expect(stages(log.parsed<Row>())).toEqual(recordedStages("build-log-follow-delete"));
  });

  test("build-log-follow-queued: nothing until a daemon takes the job", async () => {
    const [running, queued] = await Promise.all([create(), create()]);
    const log = new Listener(`/workspacebuilds/${queued.latest_build.id}/logs?follow`);
    await new Listener(`/workspacebuilds/${running.latest_build.id}/logs?follow`).ended();
    const first = running.latest_build.id;
    const done = sandbox.deployment.workspaces.build(first)?.job.completedAt ?? 0;
    // The recording stops before the end of the job.
    await log.ended();
    expect(log.parsed<Row>()[0]?.stage).toBe(recordedStages("build-log-follow-queued")[0]);
    const times = (
      await api<(Row & { created_at: string })[]>("GET", `/workspacebuilds/${queued.latest_build.id}/logs`)
    ).map((row) => Date.parse(row.created_at));
    expect(Math.min(...times)).toBeGreaterThanOrEqual(done);
  });

  test("a message of the client ends it", async () => {
    const [, queued] = await Promise.all([create(), create()]);
    const log = new Listener(`/workspacebuilds/${queued.latest_build.id}/logs?follow`);
    log.socket.on("open", () => log.socket.send("x"));
    expect((await log.ended()).code).toBe(1008);
  });
});

/** An event as the recorder noted it. */
function eventLine(event: string): string {
  if (event === "event: ping") return event;
  const { latest_build: build } = JSON.parse(event.replace(/^event: data\ndata: /, "")) as {
    latest_build: {
      status: string;
      job: { status: string };
      resources: { agents?: { status: string; lifecycle_state: string }[] }[];
    };
  };
  const agents = build.resources.flatMap((resource) => resource.agents ?? []);
  const states = agents.map((agent) => `${agent.status}/${agent.lifecycle_state}`).join();
  return `data build.status=${build.status} job=${build.job.status} agents=${states}`;
}

describe("watching a workspace", () => {
  test("workspace-watch-ws: a ping, then the whole workspace at each change", async () => {
    const workspace = await create();
    const watch = new Listener(`/workspaces/${workspace.id}/watch-ws`);
    const read = () =>
      watch.parsed<{
        type: string;
        data: null | {
          latest_build: { status: string; resources: { agents?: { lifecycle_state: string }[] }[] };
        };
      }>();
    await eventually(
      () =>
        read().some((one) => one.data?.latest_build.resources[0]?.agents?.[0]?.lifecycle_state === "ready") ||
        undefined,
      "the agent",
    );
    expect(watch.messages[0]).toBe(recordedTexts("workspace-watch-ws")[0]);
    expect(
      new Set(
        read()
          .slice(1)
          .map((one) => one.type),
      ),
    ).toEqual(new Set(["data"]));
    const seen = [...new Set(read().flatMap((one) => one.data?.latest_build.status ?? []))];
    expect(seen.slice(-2)).toEqual(["starting", "running"]);
    await api("POST", `/workspaces/${workspace.id}/builds`, { transition: "delete" });
    await eventually(
      () => read().at(-1)?.data?.latest_build.status === "deleted" || undefined,
      "the deletion",
    );
    expect(watch.closed).toBeUndefined();
    watch.socket.close(1000);
    expect((await watch.ended()).code).toBe(1000);
  });

  test("workspace-watch-ws-client-message: a message of the client ends it", async () => {
    const workspace = await create();
    const watch = new Listener(`/workspaces/${workspace.id}/watch-ws`);
    watch.socket.on("open", () => watch.socket.send("x"));
    expect(await watch.ended()).toEqual(recordedClose("workspace-watch-ws-client-message"));
  });

  test("workspace-watch-sse: the same as events", async () => {
    const workspace = await create();
    const stop = new AbortController();
    const answer = await fetch(`${sandbox.url}/api/v2/workspaces/${workspace.id}/watch`, {
      headers: { "Coder-Session-Token": sandbox.token },
      signal: stop.signal,
    });
    expect(answer.headers.get("content-type")).toBe("text/event-stream");
    let text = "";
    const reading = (async () => {
      for await (const chunk of answer.body ?? []) text += Buffer.from(chunk).toString();
    })().catch(() => undefined);
    await eventually(() => text.includes('"lifecycle_state":"ready"') || undefined, "the agent");
    const events = text.split("\n\n").slice(0, -1);
    expect(events[0]).toBe("event: ping");
    expect(events[1]).toMatch(/^event: data\ndata: \{"id":/);
    const recorded = new Set(load("rest/workspace-watch-sse").events as string[]);
    const told = new Set(events.map(eventLine).filter((line) => !line.includes("job=pending")));
    expect([...told]).toEqual([...recorded]);
    stop.abort();
    await reading;
  });
});

test("agent-logs-follow: arrays of rows, over as soon as a newer build is made", async () => {
  const workspace = await create();
  await new Listener(`/workspacebuilds/${workspace.latest_build.id}/logs?follow`).ended();
  const agent = sandbox.deployment.workspaces.byId(workspace.id)?.builds[0]?.resources[0]?.agents[0];
  await eventually(() => agent?.lifecycle === "ready" || undefined, "the agent");
  const log = new Listener(`/workspaceagents/${agent?.id}/logs?follow&after=0`);
  await eventually(() => log.messages[0], "its history");
  expectShape(log.parsed<unknown[]>()[0], JSON.parse(recordedTexts("agent-logs-follow")[0] ?? ""), "rows");
  const plain = new Listener(`/workspaceagents/${agent?.id}/logs?follow&after=0&no_compression=true`);
  await eventually(() => plain.messages[0], "the same history");
  expect(plain.messages).toEqual(log.messages);
  const [recorded = ""] = recordedTexts("agent-logs-follow-no-compression");
  expectShape(plain.parsed<unknown[]>()[0], JSON.parse(recorded), "rows");
  plain.socket.close(1000);
  expect((await plain.ended()).code).toBe(recordedClose("agent-logs-follow-no-compression").code);
  const noisy = new Listener(`/workspaceagents/${agent?.id}/logs?follow&after=0`);
  noisy.socket.on("open", () => noisy.socket.send("x"));
  expect(await noisy.ended()).toEqual(recordedClose("agent-logs-follow-client-message"));
  await api("POST", `/workspaces/${workspace.id}/builds`, { transition: "stop" });
  expect(await log.ended()).toEqual(recordedClose("agent-logs-follow-workspace-stopped"));
});

describe("refused upgrades are ordinary answers", () => {
  const recordedBuild = "9d5466f3-778a-4ad5-8162-58b86669436a";

  test.each(["build-log-follow-401", "build-log-follow-unknown-404", "build-log-follow-bad-origin"])(
    "%s",
    async (name) => {
      const workspace = await create();
      const { request, upgrade } = load(`ws/${name}`) as unknown as {
        request: Exchange["request"];
        upgrade: Exchange["response"];
      };
      const replayer = new Replayer(sandbox.url);
      replayer.map("KEYID00001-SECRET0000000000000001", sandbox.token);
      replayer.map(recordedBuild, workspace.latest_build.id);
      const headers = { ...request.headers, Connection: "Upgrade", Upgrade: "websocket" };
      const answer = await replayer.send({ request: { ...request, headers }, response: upgrade });
      // That sandbox has no rate limit.
      const kept = Object.entries(upgrade.headers).filter(([header]) => !header.startsWith("x-ratelimit"));
      expectLike(answer, { ...upgrade, headers: Object.fromEntries(kept) });
      const told = typeof upgrade.body === "string" ? answer.text : answer.body;
      const host = new URL(sandbox.url).host;
      const said = (body: unknown) => JSON.stringify(body).replaceAll("coder.example.test", host);
      expect(JSON.stringify(told).trim()).toBe(said(upgrade.body));
    },
  );
});
