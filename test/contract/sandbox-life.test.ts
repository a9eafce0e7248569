import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Sandbox, startSandbox } from "../../src/sandbox/server.ts";
import {
  type Answer,
  type Exchange,
  eventually,
  exchanges,
  expectLike,
  expectSameEnvelope,
  Replayer,
  send,
} from "./replay.ts";
import { templateOf } from "./seeded.ts";

const OWNER = "KEYID00001-SECRET0000000000000001";
const MEMBER = "KEYID00005-SECRET0000000000000005";
const ORGANIZATION = "84d6bd69-f0ff-439a-9c58-f4b9e6ae1526";
const TEMPLATE = "ea1e1993-17c2-459e-be4d-7e9756b560db";
const VERSION = "9fdc1f7d-67e1-41de-8b63-4e74879748a2";
const WORKSPACE = "7ef2b4a3-5936-455f-a7b3-6e581ff7e783";
const BUILD = "9d5466f3-778a-4ad5-8162-58b86669436a";
const AGENT = "05de8646-8dad-49c9-9fc1-5fc59fbb58b9";
const USER = "6945a48e-7c4a-4e31-965a-163e499be101";

interface Body {
  id: string;
  [key: string]: unknown;
}

let sandbox: Sandbox;
let replayer: Replayer;

/** One user and one workspace, whose life follows the order of the recordings. */
beforeAll(async () => {
  sandbox = await startSandbox({
    daemons: 3,
    rateLimit: 512,
    buildTimeMs: [400, 400],
    deleteTimeMs: [300, 300],
  });
  replayer = new Replayer(sandbox.url);
  const { organization, template } = templateOf(sandbox, "all-parameters");
  replayer.map(OWNER, sandbox.token);
  replayer.map(ORGANIZATION, organization.id);
  replayer.map(TEMPLATE, template.id);
  replayer.map(VERSION, template.version.id);
  replayer.map("template:rec-main", "template:all-parameters");
  replayer.map("template%3Arec-main", "template%3Aall-parameters");
  replayer.map("http://coder.example.test", sandbox.url);
});

afterAll(() => sandbox.close());

/** Replays and compares one exchange; errors word for word. */
async function replay(exchange: Exchange, label = exchange.note ?? exchange.request.path): Promise<Answer> {
  const answer = await replayer.send(exchange);
  const json = String(exchange.response.headers["content-type"]).includes("json");
  if (exchange.response.status >= 400 && json) expectSameEnvelope(answer, exchange.response, replayer, label);
  else expectLike(answer, exchange.response, label);
  return answer;
}

async function replayAll(
  name: string,
  keep: (exchange: Exchange) => boolean = () => true,
): Promise<Answer[]> {
  const answers: Answer[] = [];
  for (const exchange of exchanges(`rest/${name}`).filter(keep)) {
    answers.push(await replay(exchange, `${name}: ${exchange.note ?? ""}`));
  }
  return answers;
}

function idOf(answer: Answer | undefined): string {
  return bodyOf(answer).id;
}

function bodyOf<T = Body>(answer: Answer | undefined): T {
  if (!answer) throw new Error("nothing was replayed");
  return answer.body as T;
}

async function api<T>(method: string, path: string, body?: unknown): Promise<T> {
  const answer = await send(
    sandbox.url,
    method,
    `/api/v2${path}`,
    { "Coder-Session-Token": sandbox.token },
    body === undefined ? undefined : JSON.stringify(body),
  );
  return answer.body as T;
}

describe("a user's and a workspace's life", () => {
  test("create the user: dormant until the first login", async () => {
    const [created] = await replayAll("users-create-201");
    replayer.map(USER, idOf(created));
    await replayAll("users-create-400", (one) => one.note !== "bad JSON");
    await replayAll("users-create-409");
    const answers = await replayAll(
      "users-dormant-login",
      (one) => one.note === "before login" || one.request.path.endsWith("/login"),
    );
    replayer.map(MEMBER, bodyOf<{ session_token: string }>(answers[1]).session_token);
    await replayAll(
      "users-dormant-login",
      (one) =>
        one.note !== "before login" && !one.request.path.endsWith("/login") && one.note !== "after login",
    );
    await replayAll("users-get");
  });

  test("list users", async () => {
    for (const at of [17, 33]) {
      await api("POST", "/users", {
        email: `x-${at}@scaletest.local`,
        username: `scaletest-x-${at}`,
        login_type: "none",
        organization_ids: [await organizationId()],
      });
    }
    await replayAll("users-list");
  });

  test("tokens of the user", async () => {
    let last = "";
    for (const exchange of exchanges("rest/tokens")) {
      const sent = exchange.request.headers?.["Coder-Session-Token"];
      const recordedKey = (exchange.response.body as { key?: string } | null)?.key;
      if (sent?.startsWith("KEYID0000") && sent !== OWNER && last) replayer.map(sent, last);
      const answer = await replay(exchange, `tokens: ${exchange.note}`);
      if (recordedKey && !last) last = (answer.body as { key: string }).key;
      if (recordedKey)
        replayer.map(recordedKey.slice(0, 10), (answer.body as { key: string }).key.slice(0, 10));
    }
  });

  test("refused workspaces", async () => {
    await replayAll("workspaces-create-errors");
  });

  test("create the workspace and follow its build", async () => {
    const [created] = await replayAll("workspaces-create-201");
    const workspace = created?.body as Body & { latest_build: Body };
    replayer.map(WORKSPACE, workspace.id);
    replayer.map(BUILD, workspace.latest_build.id);
    await replayAll("workspaces-create-409");
    await eventually(
      async () =>
        (await api<Body>("GET", `/workspacebuilds/${workspace.latest_build.id}`)).status === "starting" ||
        undefined,
      "the job to start",
    );
    await replayAll("build-starting-no-agent");
    await eventually(async () => agentState() === "connecting/created" || undefined, "the agent's row");
    await replayAll("build-running-connecting-created");
    await eventually(
      async () => agentState() === "connected/created" || undefined,
      "the agent's first contact",
    );
    await replayAll("build-running-connected-created");
    await eventually(async () => agentState() === "connected/starting" || undefined, "the startup script");
    await replayAll("build-running-connected-starting");
    await eventually(async () => agentState() === "connected/ready" || undefined, "the startup script's end");
    await replayAll("build-running-connected-ready");
    const build = sandbox.deployment.workspaces.byId(workspace.id)?.builds[0];
    replayer.map(AGENT, build?.resources[0]?.agents[0]?.id ?? "");
  });

  test("read it in every way", async () => {
    await replayAll("workspaces-get");
    await replayAll("workspaces-get-by-name");
    const list = exchanges("rest/workspaces-list").filter(
      (one) => !(one as { trimmed?: string }).trimmed?.includes("workspaces"),
    );
    for (const exchange of list) await replay(exchange, `workspaces-list: ${exchange.note}`);
    await replayAll(
      "workspaces-builds-list",
      (one) => one.note === undefined || !one.note.includes("after_id"),
    );
    await replayAll("build-parameters");
    await replayAll("build-resources");
    await replayAll("build-timings");
    await replayAll("build-create-errors", (one) => one.note !== "another member");
  });

  test("its log, whole and from a row on", async () => {
    const rows = await api<{ id: number }[]>("GET", `/workspacebuilds/${replayer.translate(BUILD)}/logs`);
    replayer.map("7550", String(rows.at(-3)?.id));
    await replayAll("build-logs");
    const after = await replayer.send(exchanges("rest/build-logs")[1] as Exchange);
    expect((after.body as { id: number }[]).map((row) => row.id)).toEqual(
      rows.slice(-2).map((row) => row.id),
    );
    await replayAll("build-logs-follow-without-upgrade");
  });

  test("its agent", async () => {
    await replayAll("agent-get", (one) => one.note !== "another member");
    await replayAll("agent-logs");
    await replayAll("agent-connection");
    await replayAll("agent-listening-ports", (one) => one.note === undefined);
    await replayAll("workspace-misc", (one) => !one.note?.startsWith("insights"));
  });

  test("a user with workspaces cannot be deleted, a suspended one cannot sign in", async () => {
    await replayAll("users-delete-417");
    await replayAll("users-suspend", (one) => one.request.method !== "POST");
  });

  test("stop, and stop again", async () => {
    const [stop] = await replayAll("build-create-stop-201");
    expect(bodyOf<Body>(stop).status).toBe("pending");
    const busy = exchanges("rest/build-create-409")[0] as Exchange;
    replayer.map("418cd5b4-33d4-4c3c-8620-21250723b8ce", replayer.translate(WORKSPACE));
    await replay(busy);
    await settled();
    await replayAll("workspace-stopped");
    replayer.map("eff5fc34-0b3f-4521-a591-86cbae119b6a", idOf(stop));
    await replayAll("build-stopped");
    const agent = await api<Body>("GET", `/workspaceagents/${replayer.translate(AGENT)}`);
    expect(agent).toMatchObject({
      status: "disconnected",
      health: { healthy: false, reason: "agent has lost connection" },
    });
    await replayAll("after-stop", (one) => one.note !== "path app of a stopped workspace");
    await settled();
  });

  test("start it again", async () => {
    await replayAll("build-create-start-201");
    await settled();
  });

  test("delete it: 410 by id, 404 by name, gone from lists", async () => {
    const deleted = exchanges("rest/workspace-delete");
    const [create] = deleted;
    if (!create) throw new Error("no delete recorded");
    const answer = await replay(create);
    replayer.map("e292f082-e71c-4bb0-ba25-cfdba3c02351", idOf(answer));
    await settled();
    for (const exchange of deleted.slice(1)) {
      if (exchange.request.path.endsWith("/watch-ws") || exchange.note === "its last agent") continue;
      await replay(exchange, `workspace-delete: ${exchange.note}`);
    }
    await settled();
  });

  test("delete the user", async () => {
    for (const exchange of exchanges("rest/users-delete-200")) {
      if (exchange.note !== "their token") await replay(exchange, `users-delete-200: ${exchange.note}`);
    }
  });
});

async function organizationId(): Promise<string> {
  const [first] = await api<Body[]>("GET", "/organizations");
  return first?.id ?? "";
}

function agentState(): string {
  const workspace = sandbox.deployment.workspaces.byId(replayer.translate(WORKSPACE));
  const agent = workspace?.builds.at(-1)?.resources[0]?.agents[0];
  if (!agent) return "";
  return `${agent.firstConnectedAt === undefined ? "connecting" : "connected"}/${agent.lifecycle}`;
}

async function settled(): Promise<void> {
  const workspace = sandbox.deployment.workspaces.byId(replayer.translate(WORKSPACE));
  await eventually(() => workspace?.builds.at(-1)?.job.completedAt, "the build to end");
}
