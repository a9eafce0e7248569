import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { WebSocket } from "ws";
import { type Sandbox, startSandbox } from "../../src/sandbox/server.ts";
import type { Agent, Workspace } from "../../src/sandbox/state/model.ts";
import { viewAgent } from "../../src/sandbox/views/agents.ts";
import { viewBuild } from "../../src/sandbox/views/workspaces.ts";
import { type Exchange, eventually, expectLike, expectShape, load, send } from "./replay.ts";
import { type Frame, recordedEnd, TerminalClient } from "./terminal-client.ts";

type State = Record<string, unknown>;

let sandbox: Sandbox;
let made = 0;

beforeAll(async () => {
  sandbox = await startSandbox({ daemons: 2, buildTimeMs: [200, 200], deleteTimeMs: [200, 200] });
});

afterAll(() => sandbox.close());

function create(template = "all-parameters"): Workspace {
  const { catalogue, builds, owner } = sandbox.deployment;
  const found = catalogue.templates(catalogue.organization("default")).find((one) => one.name === template);
  if (!found) throw new Error(`no template ${template}`);
  return builds.createWorkspace({
    name: `life-${++made}`,
    owner,
    initiator: owner,
    template: found,
    parameters: template === "all-parameters" ? [{ name: "region", value: "eu" }] : [],
  });
}

function agentOf(workspace: Workspace): Agent | undefined {
  return workspace.builds.findLast((build) => build.resources.length)?.resources[0]?.agents[0];
}

async function ready(): Promise<{ workspace: Workspace; agent: Agent }> {
  const workspace = create();
  const agent = await eventually(() => {
    const one = agentOf(workspace);
    return one?.lifecycle === "ready" ? one : undefined;
  }, "the agent");
  return { workspace, agent };
}

function build(workspace: Workspace, transition: "stop" | "delete") {
  const { builds, owner } = sandbox.deployment;
  return builds.createBuild(workspace, { transition, initiator: owner, parameters: [] });
}

/** Looks at something at each change of a workspace, and keeps what is new. */
function record(workspace: Workspace, look: () => State | undefined): State[] {
  const seen: State[] = [];
  const watcher = () => {
    const state = look();
    if (state && JSON.stringify(seen.at(-1)) !== JSON.stringify(state)) seen.push(state);
  };
  watcher();
  workspace.watchers.add(watcher);
  return seen;
}

const statesOf = (name: string) => load(`rest/${name}`).states as State[];
const read = (agent: Agent) => viewAgent(agent, sandbox.deployment);

/** What the recorder kept of an agent's answer, and how: times and latency only as being there. */
function agentState(agent: Agent): State {
  const told = read(agent);
  const keep = ["status", "lifecycle_state", "health"];
  const there = ["first_connected_at", "last_connected_at", "disconnected_at", "started_at", "ready_at"];
  return {
    ...Object.fromEntries(keep.map((key) => [key, told[key]])),
    ...Object.fromEntries([...there, "latency"].filter((key) => key in told).map((key) => [key, "set"])),
  };
}

function recordedAgentState(state: State): State {
  const times = Object.entries(state).filter(([key]) => !["t_ms", "http"].includes(key));
  return Object.fromEntries(times.map(([key, value]) => [key, /_at$|latency/.test(key) ? "set" : value]));
}

describe("each state that was seen, in its order", () => {
  test("build-life, agent-life-start", async () => {
    const workspace = create();
    const [first] = workspace.builds;
    if (!first) throw new Error("no build");
    const agents: State[] = [];
    const builds = record(workspace, () => {
      const agent = agentOf(workspace);
      const state = agent && agentState(agent);
      if (state && JSON.stringify(agents.at(-1)) !== JSON.stringify(state)) agents.push(state);
      return buildState(viewBuild(first, sandbox.deployment, "build"));
    });
    await eventually(() => agentOf(workspace)?.readyAt, "the agent");
    expect(agents).toEqual(statesOf("agent-life-start").map(recordedAgentState));
    const recorded = statesOf("build-life").map((state) => normal(state));
    const told = builds.filter((state) => state.status !== "pending").map((state) => normal(state));
    expect(told).toEqual(recorded);
  });

  test("agent-life-stop: disconnected, unhealthy, its times kept", async () => {
    const { workspace, agent } = await ready();
    const seen = record(workspace, () => agentState(agent));
    const stop = build(workspace, "stop");
    await eventually(() => stop.job.completedAt, "the stop");
    const [before, after] = statesOf("agent-life-stop").map(recordedAgentState);
    await eventually(() => seen.at(-1)?.status === "disconnected" || undefined, "the agent to go");
    expect(seen[0]).toEqual(before);
    // The recorded template kills its agent; this one's ends as it should.
    expect(seen.at(-1)).toEqual({ ...after, lifecycle_state: "off" });
  });

  test("agent-life-killed", async () => {
    const { workspace, agent } = await ready();
    const seen = record(workspace, () => agentState(agent));
    sandbox.deployment.life.kill(agent);
    expect(seen).toEqual(statesOf("agent-life-killed").map(recordedAgentState));
  });
});

function buildState(view: State): State {
  const job = view.job as State;
  const resources = view.resources as { agents?: State[] }[];
  const agent = resources[0]?.agents?.[0];
  const keys = ["status", "started_at", "completed_at", "worker_id", "queue_position", "queue_size", "tags"];
  return {
    status: view.status,
    job: Object.fromEntries(keys.filter((key) => key in job).map((key) => [key, job[key]])),
    resources: resources.length,
    ...(agent ? { agent: agentPart(agent) } : {}),
  };
}

function agentPart(agent: State): State {
  const apps = agent.apps as { slug: string; health: string }[];
  const keys = ["status", "lifecycle_state", "created_at", "first_connected_at", "last_connected_at"].concat([
    "started_at",
    "ready_at",
    "logs_length",
    "version",
    "api_version",
    "latency",
    "health",
  ]);
  return {
    ...Object.fromEntries(keys.filter((key) => key in agent).map((key) => [key, agent[key]])),
    apps_health: apps.map((app) => `${app.slug}=${app.health}`).join(" "),
  };
}

/** Times, ids, versions and lengths only as being there. */
function normal(state: State): State {
  const text = JSON.stringify(state, (key, value: unknown) => {
    if (key === "t_ms") return undefined;
    if (key === "version" || key === "logs_length") return Boolean(value);
    return /_at$|worker_id|latency/.test(key) ? "set" : value;
  });
  return JSON.parse(text) as State;
}

describe("sockets through it", () => {
  function listen(path: string): { socket: WebSocket; messages: State[]; end: () => number | undefined } {
    const socket = new WebSocket(`${sandbox.url.replace("http", "ws")}/api/v2${path}`, {
      headers: { "Coder-Session-Token": sandbox.token },
    });
    const messages: State[] = [];
    let code: number | undefined;
    socket.on("message", (data) => messages.push(JSON.parse(String(data)) as State));
    socket.on("close", (closed) => {
      code = closed;
    });
    return { socket, messages, end: () => code };
  }

  /** Recorded: still open, until the client closes it. */
  async function expectOpenUntilClosed(name: string, listener: ReturnType<typeof listen>): Promise<void> {
    const { frames } = load(`ws/${name}`) as unknown as { frames: Frame[] };
    expect(listener.end()).toBeUndefined();
    listener.socket.close(1000);
    const code = await eventually(() => listener.end(), "the close to be answered");
    expect(code).toBe(recordedEnd(frames).code);
  }

  interface Watched {
    latest_build: { status: string; job: State; resources: { agents?: State[] }[] };
  }

  test("workspace-watch-ws-stop: told at each change; open after the end", async () => {
    const { workspace } = await ready();
    const watch = listen(`/workspaces/${workspace.id}/watch-ws`);
    await eventually(() => watch.messages[1], "the first state");
    expect(watch.messages[0]).toEqual({ type: "ping", data: null });
    const stop = build(workspace, "stop");
    await eventually(() => stop.job.completedAt, "the stop");
    const statuses = () =>
      watch.messages.slice(1).map((one) => (one.data as Watched).latest_build.status as string);
    await eventually(() => statuses().at(-1) === "stopped" || undefined, "the end to be told");
    // Pending for no longer than a turn of the loop, which may pass unseen.
    const seen = [...new Set(statuses())].filter((status) => status !== "pending");
    expect(seen).toEqual(["running", "stopping", "stopped"]);
    await expectOpenUntilClosed("workspace-watch-ws-stop", watch);
  });

  test("workspace-watch-ws-agent-killed: the lost agent is told", async () => {
    const { workspace, agent } = await ready();
    const watch = listen(`/workspaces/${workspace.id}/watch-ws`);
    await eventually(() => watch.messages[1], "the first state");
    const before = watch.messages.length;
    sandbox.deployment.life.kill(agent);
    const news = await eventually(() => watch.messages[before], "the loss");
    const { agents } = (news.data as Watched).latest_build.resources[0] ?? {};
    expect(agents?.[0]).toMatchObject({ status: "disconnected", health: { healthy: false } });
    await expectOpenUntilClosed("workspace-watch-ws-agent-killed", watch);
  });

  test("workspace-watch-ws-cancel-pending: the cancelled build is told, and that a daemon took it", async () => {
    const { frames } = load("ws/workspace-watch-ws-cancel-pending") as unknown as { frames: Frame[] };
    const recorded = frames.filter((frame) => frame.opcode === "text").length;
    const [, , queued] = [create("no-agent"), create("no-agent"), create("no-agent")];
    const [first] = queued?.builds ?? [];
    if (!queued || !first) throw new Error("no build");
    const watch = listen(`/workspaces/${queued.id}/watch-ws`);
    await eventually(() => watch.messages[1], "the first state");
    sandbox.deployment.builds.cancel(first.job, "");
    const jobs = () => watch.messages.slice(1).map((one) => (one.data as Watched).latest_build.job);
    await eventually(() => jobs().at(-1)?.worker_id, "a daemon to take it");
    expect(jobs().map((job) => `${job.status} ${"worker_id" in job}`)).toEqual([
      "pending false",
      "canceled false",
      "canceled true",
    ]);
    expect(watch.messages).toHaveLength(recorded);
    await expectOpenUntilClosed("workspace-watch-ws-cancel-pending", watch);
  });

  test("agent-watch-metadata-ws-stopped: goes on after a stop", async () => {
    const { workspace, agent } = await ready();
    const watch = listen(`/workspaceagents/${agent.id}/watch-metadata-ws`);
    await eventually(() => watch.messages[0], "the first items");
    const stop = build(workspace, "stop");
    await eventually(() => stop.job.completedAt, "the stop");
    const before = watch.messages.length;
    await eventually(() => watch.messages[before], "items after the stop");
    expect(watch.messages.every((one) => one.type === "data" && Array.isArray(one.data))).toBe(true);
    await expectOpenUntilClosed("agent-watch-metadata-ws-stopped", watch);
  });

  test("agent-watch-metadata-sse: items as events, without a ping before", async () => {
    const { agent } = await ready();
    const recording = load("rest/agent-watch-metadata-sse");
    const stop = new AbortController();
    const answer = await fetch(`${sandbox.url}/api/v2/workspaceagents/${agent.id}/watch-metadata`, {
      headers: { "Coder-Session-Token": sandbox.token },
      signal: stop.signal,
    });
    for (const name of ["content-type", "cache-control", "x-accel-buffering"])
      expect(answer.headers.get(name), name).toBe(recording.response?.headers[name]);
    let text = "";
    const reading = (async () => {
      for await (const chunk of answer.body ?? []) text += Buffer.from(chunk).toString();
    })().catch(() => undefined);
    await eventually(() => text.split("\n\n").length > 2 || undefined, "two events");
    const [chunk] = recording.chunks as { text: string }[];
    const items = (event = "") => JSON.parse(event.replace(/^event: data\ndata: /, "")) as unknown;
    const [first, second] = text.split("\n\n");
    for (const event of [first, second]) expectShape(items(event), items(chunk?.text), "items");
    stop.abort();
    await reading;
  });
});

describe("terminals through it", () => {
  const at = (agent: Agent) => ({
    url: sandbox.url,
    agentId: agent.id,
    headers: { "Coder-Session-Token": sandbox.token },
  });
  const query = (command: string) =>
    `reconnect=${randomUUID()}&width=80&height=25${command ? `&command=${encodeURIComponent(command)}` : ""}`;
  const framesOf = (name: string) => (load(`ws/${name}`) as unknown as { frames: Frame[] }).frames;

  test("pty-workspace-stopped, pty-shell-workspace-stopped: the end of TCP when the agent goes", async () => {
    const shared = sandbox;
    onTestFinished(async () => {
      await sandbox.close();
      sandbox = shared;
    });
    sandbox = await startSandbox({ buildTimeMs: [50, 50], deleteTimeMs: [4_000, 4_000] });
    const { workspace, agent } = await ready();
    const command = new TerminalClient(at(agent), query("sleep 300"));
    const shell = new TerminalClient(at(agent), query(""));
    await command.opened;
    await shell.until("$ ");
    // Recorded: before the build is done, which here takes too long to be done first on any machine.
    const stop = build(workspace, "stop");
    expect(await command.closed).toEqual(recordedEnd(framesOf("pty-workspace-stopped")));
    expect(await shell.closed).toEqual(recordedEnd(framesOf("pty-shell-workspace-stopped")));
    expect(stop.job.completedAt).toBeUndefined();
    expect(command.output).toBe("");
  });

  test("pty-agent-killed, pty-after-agent-killed: silence, and new ones refused at once", async () => {
    const { workspace, agent } = await ready();
    const client = new TerminalClient(at(agent), query("sleep 300"));
    await client.opened;
    sandbox.deployment.life.kill(agent);
    client.json({ data: "\u0003" });
    await client.settled();
    expect([client.output, client.end]).toEqual(["", undefined]);
    client.socket.close(1000);
    expect(await client.closed).toEqual(recordedEnd(framesOf("pty-agent-killed")));

    const after = load("ws/pty-after-agent-killed") as unknown as {
      attempts: { upgrade: { status: number } }[];
      app: Exchange;
    };
    for (const { upgrade } of after.attempts.slice(0, 2))
      expect(await new TerminalClient(at(agent), query("echo")).refused()).toBe(upgrade.status);
    const path = `/@admin/${workspace.name}.main/apps/echo/`;
    const app = await send(sandbox.url, "GET", path, { Cookie: `coder_session_token=${sandbox.token}` });
    const { headers } = after.app.response;
    expectLike(app, {
      status: after.app.response.status,
      headers: { "content-type": headers["content-type"] },
    });
    expect(title(app.text)).toBe(title(String(after.app.response.body)));
  });

  test("pty-while-connecting: refused with a page", async () => {
    sandbox.deployment.faults.set({ agentNeverConnects: 1 });
    const workspace = create();
    const agent = await eventually(() => agentOf(workspace), "the agent's row");
    sandbox.deployment.faults.set({ agentNeverConnects: 0 });
    const { upgrade } = load("ws/pty-while-connecting") as unknown as {
      upgrade: { status: number; headers: State; body: string };
    };
    const answer = await send(
      sandbox.url,
      "GET",
      `/api/v2/workspaceagents/${agent.id}/pty?${query("echo early")}`,
      { "Coder-Session-Token": sandbox.token, Connection: "Upgrade", Upgrade: "websocket" },
    );
    expect(answer.status).toBe(upgrade.status);
    expect(answer.headers["content-type"]).toBe(upgrade.headers["content-type"]);
    expect(title(answer.text)).toBe(title(upgrade.body));
  });
});

function title(page: string): string | undefined {
  return /<title>\s*([^<]*?)\s*<\/title>/.exec(page)?.[1];
}

interface Page {
  note: string;
  path: string;
  status: number;
  content_type: string;
  title: string;
  visible_text: string;
}

test("html-error-pages: status, title and visible text", async () => {
  const { pages } = load("rest/html-error-pages") as unknown as { pages: Page[] };
  const { users, catalogue } = sandbox.deployment;
  const organizationIds = catalogue.organizations.map((one) => one.id);
  const member = users.create({
    username: "stranger",
    email: "stranger@example.com",
    loginType: "none",
    status: "active",
    organizationIds,
  });
  const stranger = users.addKey(member, { loginType: "token" });
  // Whose workspaces they are: not the site's owner, who is the one that is kept out.
  const owner = users.create({ ...member, username: "rec-a", email: "rec-a@example.com" });
  const own = users.addKey(owner, { loginType: "token" });
  const of = (name: string, template: string) => {
    const found = catalogue.templates(catalogue.organizations[0]).find((one) => one.name === template);
    if (!found) throw new Error("no template");
    const parameters = template === "all-parameters" ? [{ name: "region", value: "eu" }] : [];
    return sandbox.deployment.builds.createWorkspace({
      name,
      owner,
      initiator: owner,
      template: found,
      parameters,
    });
  };
  const workspace = of("rec-ws1", "all-parameters");
  const agentless = of("rec-slow1", "no-agent");
  await eventually(() => agentless.builds[0]?.job.completedAt, "the build");
  const agent = await eventually(() => {
    const one = agentOf(workspace);
    return one?.lifecycle === "ready" ? one : undefined;
  }, "the agent");
  const asWhom = ({ note }: Page) =>
    note.endsWith("site owner") || note === "PTY, unknown agent" || note === "PTY, agent id not a UUID"
      ? sandbox.token
      : note.endsWith("other member")
        ? stranger
        : own;
  const check = async (page: Page) => {
    const path = page.path.replace("621064ba-b703-4f43-a1cf-2af7bb4549dd", agent.id);
    const reconnect = path.endsWith("/pty") ? `?reconnect=${randomUUID()}` : "";
    const answer = await send(sandbox.url, "GET", path + reconnect, {
      Cookie: `coder_session_token=${asWhom(page)}`,
    });
    const body = /<body>(.*)<\/body>/s.exec(answer.text)?.[1] ?? "";
    const visible = body
      .replace(/<[^>]*>/g, " ")
      .replace(/\s+/g, " ")
      .trim();
    expect(
      {
        status: answer.status,
        type: answer.headers["content-type"],
        title: title(answer.text),
        visible: visible.replaceAll("&quot;", '"'),
      },
      page.note,
    ).toEqual({
      status: page.status,
      type: page.content_type,
      title: page.title,
      visible: page.visible_text,
    });
  };
  const [offline, rest] = [/agent disconnected/, /workspace deleted/];
  for (const page of pages.filter(({ note }) => !offline.test(note) && !rest.test(note))) await check(page);
  sandbox.deployment.life.kill(agent);
  for (const page of pages.filter(({ note }) => offline.test(note))) await check(page);
  const gone = build(workspace, "delete");
  await eventually(() => gone.job.completedAt, "the deletion");
  for (const page of pages.filter(({ note }) => rest.test(note))) await check(page);
});

test("the agent's routes tell the same as what was compared above", async () => {
  const { agent } = await ready();
  const answer = await send(sandbox.url, "GET", `/api/v2/workspaceagents/${agent.id}`, {
    "Coder-Session-Token": sandbox.token,
  });
  expect(answer.body).toEqual(JSON.parse(JSON.stringify(read(agent))));
});
