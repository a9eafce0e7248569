import { afterAll, beforeAll, expect, test } from "vitest";
import { WebSocket } from "ws";
import { type Sandbox, startSandbox } from "../../src/sandbox/server.ts";
import { eventually, load, send } from "./replay.ts";

let sandbox: Sandbox;

beforeAll(async () => {
  sandbox = await startSandbox({ workspaces: 1, buildTimeMs: [20, 20], deleteTimeMs: [20, 20] });
});

afterAll(() => sandbox.close());

interface Recorded {
  status: number;
  body: unknown;
}

/** Equal requests at the same moment; the winner's body is left out, as in the recording. */
async function race(path: string, body: unknown): Promise<Recorded[]> {
  const headers = { "Coder-Session-Token": sandbox.token };
  const answers = await Promise.all(
    Array.from({ length: 5 }, () =>
      send(sandbox.url, "POST", `/api/v2${path}`, headers, JSON.stringify(body)),
    ),
  );
  return answers.map(({ status, body }) => ({ status, body: status === 201 ? "… 201 body" : body }));
}

const sorted = (answers: Recorded[]) => [...answers].sort((a, b) => a.status - b.status);

test("the losers of equal creates", async () => {
  // The requests of this test come from five connections, and not quite at once on a busy machine.
  sandbox.deployment.claims.transactionMs = 500;
  const recorded = load("rest/races") as unknown as Record<string, Recorded[]>;
  const { catalogue } = sandbox.deployment;
  const organization = catalogue.organization("default");
  const template = catalogue.templates(organization).find((one) => one.name === "kubernetes");
  const user = {
    username: "racer",
    email: "racer@example.com",
    login_type: "none",
    organization_ids: [organization?.id],
  };
  expect(sorted(await race("/users", user))).toEqual(sorted(recorded.create_user ?? []));
  const workspace = { name: "raced", template_id: template?.id };
  expect(sorted(await race("/users/racer/workspaces", workspace))).toEqual(
    sorted(recorded.create_workspace ?? []),
  );
  const owner = sandbox.deployment.users.byName("racer");
  const [made] = owner ? sandbox.deployment.workspaces.ownedBy(owner) : [];
  await eventually(() => made?.builds[0]?.job.completedAt, "the build");
  const deletes = await race(`/workspaces/${made?.id}/builds`, { transition: "delete" });
  expect(sorted(deletes)).toEqual(sorted(recorded.create_delete_build ?? []));
});

test("a killed agent: disconnected, its terminal open and silent, new ones refused with 502", async () => {
  const [workspace] = [...sandbox.deployment.workspaces.live()].filter(
    (one) => one.name === "scaletest-sandbox-1",
  );
  const agent = workspace?.builds[0]?.resources[0]?.agents[0];
  if (!agent) throw new Error("no agent");
  const url = `${sandbox.url.replace("http", "ws")}/api/v2/workspaceagents/${agent.id}/pty?reconnect=${crypto.randomUUID()}&command=cat`;
  const headers = { "Coder-Session-Token": sandbox.token };
  const socket = new WebSocket(url, { headers });
  let output = "";
  let closed = false;
  socket.on("message", (data) => {
    output += data;
  });
  socket.on("close", () => {
    closed = true;
  });
  await new Promise((resolve) => socket.on("open", resolve));
  socket.send(Buffer.from('{"data":"alive\\n"}'));
  await eventually(() => output.includes("alive\r\nalive\r\n") || undefined, "the echo");
  const before = output;
  sandbox.deployment.life.kill(agent);
  socket.send(Buffer.from('{"data":"anybody?\\n"}'));
  const ponged = new Promise((resolve) => socket.once("pong", resolve));
  socket.ping();
  await ponged;
  expect({ output, closed }).toEqual({ output: before, closed: false });
  const read = await send(sandbox.url, "GET", `/api/v2/workspaceagents/${agent.id}`, headers);
  expect(read.body).toMatchObject({
    status: "disconnected",
    health: { healthy: false, reason: "agent has lost connection" },
  });
  const again = new WebSocket(url, { headers });
  again.on("error", () => undefined);
  expect(
    await new Promise((resolve) =>
      again.on("unexpected-response", (_request, response) => resolve(response.statusCode)),
    ),
  ).toBe(502);
  socket.terminate();
});
