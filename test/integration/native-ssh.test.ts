import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { generate } from "selfsigned";
import { Client, type ClientChannel } from "ssh2";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { TailnetDialer } from "../../src/coder/ssh/tailnet-dialer.ts";
import { Transport } from "../../src/coder/transport.ts";
import type { Network } from "../../src/protocol/target.ts";
import { NO_FAULTS } from "../../src/sandbox/faults/settings.ts";
import { type Sandbox, startSandbox } from "../../src/sandbox/server.ts";
import type { Agent } from "../../src/sandbox/state/model.ts";
import { english } from "../../src/text/message.ts";
import { type Front, type FrontOptions, startFront } from "./front.ts";

/** SSH over our own tailnet node against the sandbox's end of it, which shares no code with it. */
const AGENTS = 10;
let sandbox: Sandbox;
let agents: Agent[];
const closers: (() => Promise<void> | void)[] = [];

beforeAll(async () => {
  sandbox = await startSandbox({ workspaces: AGENTS, deleteTimeMs: [20, 20], buildTimeMs: [20, 20] });
  agents = [];
  for (let at = 1; at <= AGENTS; at++) {
    const owner = sandbox.deployment.users.byName(`scaletest-sandbox-${at}`);
    const workspace = owner && sandbox.deployment.workspaces.byName(owner, `scaletest-sandbox-${at}`);
    const agent = workspace?.builds.at(-1)?.resources.flatMap((resource) => resource.agents)[0];
    if (agent) agents.push(agent);
  }
});

afterEach(async () => {
  sandbox.deployment.faults.set(NO_FAULTS);
  for (const close of closers.splice(0).reverse()) await close();
});

afterAll(() => sandbox.close());

interface Way {
  dialer: TailnetDialer;
  events: string[];
}

function way(url = sandbox.url, network: Network = {}, connectionsPerNode?: number): Way {
  const transport = new Transport({ url, token: sandbox.token, network });
  const events: string[] = [];
  const dialer = new TailnetDialer({
    transport,
    event: (what) => events.push(english(what)),
    ...(connectionsPerNode === undefined ? {} : { connectionsPerNode }),
  });
  closers.push(() => transport.close());
  closers.push(() => dialer.close());
  return { dialer, events };
}

async function front(options: FrontOptions = {}): Promise<Front> {
  const one = await startFront(sandbox.url, options);
  closers.push(() => one.close());
  return one;
}

const targetOf = (agent: Agent, token = sandbox.token) => ({
  owner: agent.workspace.owner.username,
  workspace: agent.workspace.name,
  agent: agent.name,
  agentId: agent.id,
  token,
});

function agent(at: number): Agent {
  const one = agents[at];
  if (!one) throw new Error(`the sandbox has no agent ${at}`);
  return one;
}

async function ssh(dialer: TailnetDialer, to: Agent, token?: string): Promise<Client> {
  const { stream } = await dialer.dial(targetOf(to, token), new AbortController().signal);
  const client = new Client();
  closers.push(() => void client.destroy());
  // The stream's own last word is worth more than ssh2's.
  stream.once("error", (error) => client.emit("stream error", error));
  await new Promise<void>((resolve, reject) => {
    client.once("ready", resolve);
    client.on("error", reject);
    client.connect({ sock: stream, username: "x", authHandler: ["none"], hostVerifier: () => true });
  });
  return client;
}

const exec = (client: Client, command: string) =>
  new Promise<ClientChannel>((resolve, reject) =>
    client.exec(command, (error, channel) => (error ? reject(error) : resolve(channel))),
  );

async function output(client: Client, command: string, input?: Buffer): Promise<Buffer> {
  const channel = await exec(client, command);
  const chunks: Buffer[] = [];
  channel.on("data", (chunk: Buffer) => chunks.push(chunk));
  channel.end(input);
  await new Promise((resolve) => channel.once("close", resolve));
  return Buffer.concat(chunks);
}

const sha = (bytes: Buffer) => createHash("sha256").update(bytes).digest("hex");

/** Sends numbered lines through `cat` every 20 ms, and tells what came back. */
async function echoes(
  client: Client,
): Promise<{ sent: number; got: () => string; stop: () => void; done: () => Promise<void> }> {
  const channel = await exec(client, "cat");
  let got = "";
  channel.on("data", (chunk: Buffer) => {
    got += chunk.toString();
  });
  const state = { sent: 0 };
  const timer = setInterval(() => channel.write(`${state.sent++}\n`), 20);
  const expected = () => Array.from({ length: state.sent }, (_, index) => `${index}\n`).join("");
  return {
    get sent() {
      return state.sent;
    },
    got: () => got,
    stop: () => clearInterval(timer),
    done: async () => {
      clearInterval(timer);
      await expect.poll(() => got, { timeout: 20_000 }).toBe(expected());
    },
  };
}

describe("reach", () => {
  test("all agents at once over one node, one relay link and one coordinator connection", async () => {
    const door = await front();
    const { dialer } = way(door.url);
    const words = await Promise.all(
      agents.map(async (one) => (await output(await ssh(dialer, one), "echo hello")).toString()),
    );
    expect(words).toEqual(agents.map(() => "hello\n"));
    expect(dialer.stats()).toMatchObject({ nodes: 1, handshakes: AGENTS });
    expect(door.upgrades.map(({ path }) => path.split("?")[0]).sort()).toEqual(["/api/v2/tailnet", "/derp"]);
  });

  test("the relay never gets to see the token", async () => {
    const door = await front();
    await ssh(way(door.url).dialer, agent(0));
    const tokens = Object.fromEntries(door.upgrades.map(({ path, token }) => [path.split("?")[0], token]));
    expect(tokens).toEqual({ "/api/v2/tailnet": sandbox.token, "/derp": undefined });
  });

  test("one connection to a node, as real users have it, where that is asked for", async () => {
    const { dialer } = way(sandbox.url, {}, 1);
    await Promise.all([0, 1, 2, 2].map((at) => ssh(dialer, agent(at))));
    expect(dialer.stats()).toMatchObject({ nodes: 4, connections: 4 });
  });

  test("any port of the agent; one where nothing listens is told apart", async () => {
    const { dialer } = way();
    const stream = await dialer.connect(targetOf(agent(0)), 22, new AbortController().signal);
    const [banner] = (await once(stream, "data")) as [Buffer];
    expect(banner.toString()).toMatch(/^SSH-2\.0-/);
    stream.destroy();
    await expect(
      dialer.connect(targetOf(agent(0)), 9_999, new AbortController().signal),
    ).rejects.toMatchObject({ kind: "connection_refused" });
  });

  test("a reader that does not read holds the writer back, and gets all of it in the end", async () => {
    const { dialer } = way();
    const channel = await exec(await ssh(dialer, agent(0)), "cat");
    channel.pause();
    const bytes = randomBytes(12_000_000);
    let written = false;
    channel.end(bytes, () => {
      written = true;
    });
    // SSH's own window is 2 MB each way, TCP's 256 KB and 128 KB, and the agent's pipe takes a little.
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    expect(written).toBe(false);
    const hash = createHash("sha256");
    channel.on("data", (chunk: Buffer) => hash.update(chunk));
    channel.resume();
    await once(channel, "close");
    expect(hash.digest("hex")).toBe(sha(bytes));
  }, 60_000);

  test("a server that knows only the coordinator of a single agent", async () => {
    const door = await front({
      refuse: (request) => (request.url?.startsWith("/api/v2/tailnet") ? 404 : undefined),
    });
    const { dialer } = way(door.url);
    const words = await Promise.all(
      [0, 1, 2].map(async (at) => output(await ssh(dialer, agent(at)), "echo hi")),
    );
    expect(words.map(String)).toEqual(["hi\n", "hi\n", "hi\n"]);
    expect(door.upgrades.filter(({ path }) => path.includes("/coordinate?"))).toHaveLength(3);
  });

  test("what lets no upgrade but WebSockets through", async () => {
    const door = await front({ refuse: (request) => (request.headers.upgrade === "DERP" ? 426 : undefined) });
    expect(String(await output(await ssh(way(door.url).dialer, agent(0)), "echo hi"))).toBe("hi\n");
    expect(door.upgrades.find(({ path }) => path === "/derp")?.protocol).toBe("websocket");
  });

  test("TLS with a certificate authority of one's own, by both kinds of relay link", async () => {
    const authority = await generate([{ name: "commonName", value: "Authority" }], {
      keyType: "ec",
      algorithm: "sha256",
      extensions: [{ name: "basicConstraints", cA: true, critical: true }],
    });
    const own = await generate([{ name: "commonName", value: "localhost" }], {
      keyType: "ec",
      algorithm: "sha256",
      ca: { key: authority.private, cert: authority.cert },
      extensions: [{ name: "subjectAltName", altNames: [{ type: 2, value: "localhost" }] }],
    });
    const tls = { key: own.private, cert: own.cert };
    for (const websocket of [false, true]) {
      const door = await front({
        tls,
        refuse: (request) => (websocket && request.headers.upgrade === "DERP" ? 426 : undefined),
      });
      const { dialer } = way(door.url, { ca: [authority.cert] });
      expect(String(await output(await ssh(dialer, agent(0)), "echo hi"))).toBe("hi\n");
      const protocol = door.upgrades.find(({ path }) => path === "/derp")?.protocol;
      expect(protocol).toBe(websocket ? "websocket" : "DERP");
    }
  });

  test("a proxy: everything goes through it", async () => {
    const tunnels: string[] = [];
    const proxy = createServer();
    proxy.on("connect", (request, socket) => {
      tunnels.push(request.url ?? "");
      const [host, port] = (request.url ?? "").split(":");
      const onward = connect(Number(port), host, () => {
        socket.write("HTTP/1.1 200 OK\r\n\r\n");
        onward.pipe(socket).pipe(onward);
      });
      for (const one of [socket, onward]) one.on("error", () => one.destroy());
    });
    await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
    closers.push(() => {
      proxy.closeAllConnections();
      proxy.close();
    });
    const { dialer } = way(sandbox.url, {
      proxy: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`,
    });
    expect(String(await output(await ssh(dialer, agent(0)), "echo hi"))).toBe("hi\n");
    const { host } = new URL(sandbox.url);
    // The question for the relay's kind, the coordinator, the relay.
    expect(tunnels).toEqual([host, host, host]);
  });
});

describe("faults", () => {
  test("4 MB through cat at 2 % packet loss, bit for bit", async () => {
    const { dialer } = way();
    const client = await ssh(dialer, agent(0));
    sandbox.deployment.faults.set({ packetLoss: 0.02 });
    const bytes = randomBytes(4_000_000);
    expect(sha(await output(client, "cat", bytes))).toBe(sha(bytes));
  }, 120_000);

  test("a lost relay link and a lost coordinator cost no echo", async () => {
    const door = await front();
    const { dialer, events } = way(door.url);
    const traffic = await echoes(await ssh(dialer, agent(0)));
    await expect.poll(() => traffic.sent).toBeGreaterThan(20);
    door.cut("/derp");
    await expect.poll(() => events.join()).toMatch(/the relay is back/);
    door.cut("/api/v2/tailnet");
    await expect.poll(() => events.join(), { timeout: 5_000 }).toMatch(/the coordinator is back/);
    await traffic.done();
    // The resume token keeps us the same peer.
    expect(door.upgrades.filter(({ path }) => path.includes("resume_token="))).toHaveLength(1);
    expect(String(await output(await ssh(dialer, agent(1)), "echo new"))).toBe("new\n");
  });

  test("the whole deployment restarts in the middle: nothing is lost", async () => {
    const { dialer, events } = way();
    const traffic = await echoes(await ssh(dialer, agent(0)));
    await expect.poll(() => traffic.sent).toBeGreaterThan(10);
    sandbox.deployment.restart(1_500);
    await expect.poll(() => events.join(), { timeout: 10_000 }).toMatch(/the relay is back/);
    await traffic.done();
    expect(events[0]).toMatch(/relay|coordinator/);
  }, 30_000);

  test("a refused agent is named, and hurts no other", async () => {
    const { dialer } = way();
    const own = agent(0).workspace.owner;
    const token = sandbox.deployment.users.addKey(own, { loginType: "token", tokenName: "native" });
    const mine = await ssh(dialer, agent(0), token);
    const traffic = await echoes(mine);
    await expect(dialer.dial(targetOf(agent(1), token), new AbortController().signal)).rejects.toMatchObject({
      kind: "refused",
      message: expect.stringContaining("workspace agent not found or you do not have permission"),
    });
    await traffic.done();
    expect(String(await output(await ssh(dialer, agent(0), token), "echo again"))).toBe("again\n");
  });

  test("a token that is none is told at once", async () => {
    const dialing = way().dialer.dial(
      targetOf(agent(0), "abcdefghij-klmnopqrstuvwxyzabcdef"),
      new AbortController().signal,
    );
    await expect(dialing).rejects.toThrow(/signed out|API key|401/i);
  });

  test("an agent that stops ends its connections, by name, and others go on", async () => {
    const { dialer } = way();
    const last = agent(AGENTS - 1);
    const { stream } = await dialer.dial(targetOf(last), new AbortController().signal);
    const ended = new Promise<Error>((resolve) => stream.once("error", resolve));
    stream.resume();
    const traffic = await echoes(await ssh(dialer, agent(0)));
    const answer = await fetch(`${sandbox.url}/api/v2/workspaces/${last.workspace.id}/builds`, {
      method: "POST",
      headers: { "coder-session-token": sandbox.token, "content-type": "application/json" },
      body: JSON.stringify({ transition: "stop" }),
    });
    expect(answer.status).toBe(201);
    // The agent's machine goes down in order, so its connections are reset; a killed one takes ten seconds.
    expect(await ended).toMatchObject({
      name: "TailnetError",
      kind: expect.stringMatching(/reset|agent_gone/),
    });
    await traffic.done();
  }, 30_000);

  test("stopped while dialling: no wait, and nothing is left", async () => {
    sandbox.deployment.faults.set({ handshakesIgnored: 1 });
    const { dialer } = way();
    const stop = new AbortController();
    const dialing = dialer.dial(targetOf(agent(3)), stop.signal);
    await new Promise((resolve) => setTimeout(resolve, 200));
    stop.abort(new Error("stopped"));
    await expect(dialing).rejects.toThrow("stopped");
    await dialer.close();
    expect(dialer.stats()).toMatchObject({ nodes: 0, connections: 0 });
  });
});

test("after closing, no timer and no socket of ours is left", async () => {
  const count = () =>
    process.getActiveResourcesInfo().filter((one) => /Timeout|TCPSocket|Immediate/.test(one)).length;
  const before = count();
  const { dialer } = way();
  const clients = await Promise.all([0, 1, 2].map((at) => ssh(dialer, agent(at))));
  await Promise.all(clients.map((client) => output(client, "echo x")));
  for (const client of clients) client.end();
  for (const close of closers.splice(0).reverse()) await close();
  await expect.poll(count, { timeout: 10_000 }).toBeLessThanOrEqual(before);
});
