import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { WebSocket } from "ws";
import { type Sandbox, startSandbox } from "../../src/sandbox/server.ts";
import {
  type Exchange,
  eventually,
  exchanges,
  expectLike,
  expectShape,
  load,
  Replayer,
  send,
} from "./replay.ts";

const ORGANIZATION = "84d6bd69-f0ff-439a-9c58-f4b9e6ae1526";
const VERSION = "9fdc1f7d-67e1-41de-8b63-4e74879748a2";

let sandbox: Sandbox;
let replayer: Replayer;

beforeAll(async () => {
  sandbox = await startSandbox({
    workspaces: 3,
    rateLimit: 512,
    buildTimeMs: [50, 50],
    deleteTimeMs: [50, 50],
  });
  replayer = new Replayer(sandbox.url);
  const { catalogue, owner } = sandbox.deployment;
  const organization = catalogue.organization("default");
  const template = catalogue.templates(organization).find((one) => one.name === "all-parameters");
  replayer.map("KEYID00001-SECRET0000000000000001", sandbox.token);
  replayer.map(ORGANIZATION, organization?.id ?? "");
  replayer.map(VERSION, template?.version.id ?? "");
  replayer.map("bf4c7de1-a856-4db1-92a8-040906df3bf4", owner.id);
});

afterAll(() => sandbox.close());

describe("what an administrator reads", () => {
  test("deployment-misc", async () => {
    for (const exchange of exchanges("rest/deployment-misc")) {
      expectLike(await replayer.send(exchange), exchange.response, exchange.note);
    }
  });

  test("deployment-stats", async () => {
    const [exchange] = exchanges("rest/deployment-stats") as [Exchange];
    const answer = await replayer.send(exchange);
    expectLike(answer, exchange.response);
    expect(answer.body).toMatchObject({ workspaces: { running: 3, pending: 0, failed: 0 } });
  });

  test("authcheck", async () => {
    const [owner, , unknown, none] = exchanges("rest/authcheck") as [Exchange, Exchange, Exchange, Exchange];
    for (const exchange of [owner, unknown, none]) {
      const answer = await replayer.send(exchange);
      expect(answer.body, exchange.note).toEqual(exchange.response.body);
    }
  });

  /** The sandbox tells the part of the configuration that a load tool reads. */
  test("deployment-config: every key it has is there in the recording, too, with the same type", async () => {
    const [exchange] = exchanges("rest/deployment-config") as [Exchange];
    const answer = await replayer.send(exchange);
    expect(answer.status).toBe(200);
    const recorded = (exchange.response.body as { config: Record<string, unknown> }).config;
    const told = (answer.body as { config: Record<string, unknown> }).config;
    for (const [key, value] of Object.entries(told)) {
      expect(recorded, key).toHaveProperty(key);
      expectShape(value, recorded[key], key);
    }
    for (const key of [
      "access_url",
      "rate_limit",
      "provisioner",
      "prometheus",
      "session_lifetime",
      "derp",
      "dangerous",
    ]) {
      expect(told).toHaveProperty(key);
    }
  });

  test("debug-health: healthy, with the sections of the recording", async () => {
    const exchange = exchanges("rest/debug-health")[0] as Exchange;
    const answer = await replayer.send(exchange);
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({ healthy: true, severity: "ok" });
    expect(Object.keys(answer.body as object).sort()).toEqual(
      Object.keys(exchange.response.body as object).sort(),
    );
  });
});

describe("dynamic parameters", () => {
  test("the socket's conversation, word for word", async () => {
    const { frames } = load("ws/dynamic-parameters") as unknown as {
      frames: { dir: string; opcode: string; text?: string }[];
    };
    const socket = open();
    const got: unknown[] = [];
    socket.on("message", (data) => got.push(JSON.parse(String(data))));
    let expected = 0;
    for (const frame of frames.filter((one) => one.opcode === "text")) {
      if (frame.dir === "out") socket.send(frame.text ?? "");
      else {
        expected++;
        await eventually(() => got.length >= expected || undefined, `answer ${expected}`);
        expect(got[expected - 1]).toEqual(JSON.parse(frame.text ?? ""));
      }
    }
    socket.terminate();
  });

  test("dynamic-parameters-bad-message: what is no JSON closes it", async () => {
    const { frames } = load("ws/dynamic-parameters-bad-message") as unknown as {
      frames: { dir: string; opcode: string; text?: string; close_code?: number; reason?: string }[];
    };
    const socket = open();
    const sent = frames.find((frame) => frame.dir === "out")?.text ?? "";
    socket.once("message", () => socket.send(sent));
    const closed = await new Promise((resolve) =>
      socket.on("close", (code, reason) => resolve([code, String(reason)])),
    );
    expect(closed).toEqual([frames.at(-1)?.close_code, frames.at(-1)?.reason]);
  });

  test("the same once, by POST", async () => {
    for (const exchange of exchanges("rest/dynamic-parameters-evaluate")) {
      const answer = await replayer.send(exchange);
      expect(answer.status, exchange.note).toBe(exchange.response.status);
      if (exchange.response.status === 200)
        expect(answer.body, exchange.note).toEqual(exchange.response.body);
    }
  });

  function open(): WebSocket {
    const path = `/api/v2/templateversions/${replayer.translate(VERSION)}/dynamic-parameters?user_id=me`;
    return new WebSocket(sandbox.url.replace("http", "ws") + path, {
      headers: { "Coder-Session-Token": sandbox.token },
    });
  }
});

test("agent-watch-metadata-ws: an array of items about once a second", async () => {
  const agent = [...sandbox.deployment.workspaces.live()][0]?.builds[0]?.resources[0]?.agents[0];
  const { frames } = load("ws/agent-watch-metadata-ws") as unknown as { frames: { text?: string }[] };
  const socket = new WebSocket(
    `${sandbox.url.replace("http", "ws")}/api/v2/workspaceagents/${agent?.id}/watch-metadata-ws`,
    {
      headers: { "Coder-Session-Token": sandbox.token },
    },
  );
  const got: string[] = [];
  socket.on("message", (data) => got.push(String(data)));
  await eventually(() => got.length >= 2 || undefined, "two messages");
  expectShape(JSON.parse(got[1] ?? ""), JSON.parse(frames[0]?.text ?? ""), "message");
  socket.terminate();
});

describe("metrics", () => {
  interface Family {
    type: string;
    labels: Set<string>;
  }

  function families(text: string): Map<string, Family> {
    const found = new Map<string, Family>();
    for (const line of text.split("\n")) {
      const type = /^# TYPE (\S+) (\S+)/.exec(line);
      if (type) found.set(type[1] ?? "", { type: type[2] ?? "", labels: new Set() });
      const sample = /^([a-zA-Z_:]+?)(?:_bucket|_sum|_count)?(?:\{(.*)\})? \S+$/.exec(line);
      const family = sample && (found.get(sample[1] ?? "") ?? found.get(line.split(/[{ ]/)[0] ?? ""));
      for (const label of sample?.[2]?.matchAll(/([a-z_]+)="/g) ?? []) family?.labels.add(label[1] ?? "");
    }
    return found;
  }

  test("names, types and labels are those of a real server", async () => {
    const { builds, catalogue, owner } = sandbox.deployment;
    const template = catalogue.templates().find((one) => one.name === "kubernetes");
    if (!template) throw new Error("no template");
    const workspace = builds.createWorkspace({
      name: "measured",
      owner,
      initiator: owner,
      template,
      parameters: [],
    });
    await eventually(() => workspace.builds[0]?.resources[0]?.agents[0]?.latencyMs, "the agent");
    await send(sandbox.url, "GET", "/api/v2/users/me", { "Coder-Session-Token": sandbox.token });
    const answer = await fetch(sandbox.prometheusUrl);
    const recorded = readFileSync(
      fileURLToPath(new URL("./recordings/metrics/coderd.prom", import.meta.url)),
      "utf8",
    );
    expect(answer.headers.get("content-type")).toBe(
      "text/plain; version=0.0.4; charset=utf-8; escaping=underscores",
    );
    const [told, real] = [families(await answer.text()), families(recorded)];
    expect(told.size).toBeGreaterThan(30);
    for (const [name, family] of told) {
      expect(real.has(name), `${name} exists`).toBe(true);
      expect(family.type, name).toBe(real.get(name)?.type);
      expect([...family.labels].sort(), `${name}'s labels`).toEqual(
        [...(real.get(name)?.labels ?? [])].sort(),
      );
    }
  });

  test("they count what happened", async () => {
    const before = await readCounter();
    for (let at = 0; at < 3; at++)
      await send(sandbox.url, "GET", "/api/v2/users/me", { "Coder-Session-Token": sandbox.token });
    expect((await readCounter()) - before).toBe(3);
    const text = await (await fetch(sandbox.prometheusUrl)).text();
    expect(text).toContain('coderd_api_workspace_latest_build{status="succeeded"} 4');
    expect(text).toMatch(/coderd_workspace_builds_total\{status="success",.*workspace_name="measured".*\} 1/);
  });

  async function readCounter(): Promise<number> {
    const text = await (await fetch(sandbox.prometheusUrl)).text();
    const wanted =
      'coderd_api_requests_processed_total{code="200",method="GET",path="/api/v2/users/{user}"} ';
    return Number(
      text
        .split("\n")
        .find((line) => line.startsWith(wanted))
        ?.slice(wanted.length) ?? 0,
    );
  }
});
