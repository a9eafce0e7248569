import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { WebSocket } from "ws";
import { type Sandbox, startSandbox } from "../../src/sandbox/server.ts";
import { type Exchange, eventually, expectLike, expectSameEnvelope, load, Replayer } from "./replay.ts";

interface Handshake extends Exchange {
  upgrade?: { status: number; headers: Record<string, unknown> };
  frames?: { dir: string; opcode?: string; base64?: string; bytes?: number; close_code?: number }[];
}

let sandbox: Sandbox;
let replayer: Replayer;

beforeAll(async () => {
  sandbox = await startSandbox({ workspaces: 1, rateLimit: 512 });
  replayer = new Replayer(sandbox.url);
  const { users, workspaces } = sandbox.deployment;
  const [workspace] = workspaces.live();
  const stranger = users.create({
    username: "stranger",
    email: "stranger@example.com",
    loginType: "none",
    status: "active",
    organizationIds: [],
  });
  replayer.map("KEYID00001-SECRET0000000000000001", sandbox.token);
  replayer.map("KEYID00014-SECRET0000000000000014", users.addKey(stranger, { loginType: "token" }));
  const agent = workspace?.builds[0]?.resources[0]?.agents[0];
  replayer.map("05de8646-8dad-49c9-9fc1-5fc59fbb58b9", agent?.id ?? "");
});

afterAll(() => sandbox.close());

const handshakes = (name: string) => load(`ws/${name}`).exchanges as unknown as Handshake[];

/** Connects as recorded, and keeps what came until the client closed it. */
async function connect(request: Exchange["request"], protocols: string[]) {
  const query = request.query === undefined ? "" : `?${request.query}`;
  const headers = Object.entries(request.headers ?? {}).filter(([name]) => !name.startsWith("Sec-"));
  const socket = new WebSocket(
    sandbox.url.replace("http", "ws") + replayer.translate(request.path + query),
    protocols,
    { headers: Object.fromEntries(headers.map(([name, value]) => [name, replayer.translate(value)])) },
  );
  const frames: Buffer[] = [];
  let upgraded: Record<string, unknown> = {};
  socket.on("message", (data) => frames.push(data as Buffer));
  socket.on("upgrade", (response) => {
    upgraded = response.headers;
  });
  await new Promise((resolve, reject) => socket.on("open", resolve).on("error", reject));
  const closed = new Promise<number>((resolve) => socket.on("close", resolve));
  return { socket, frames, headers: upgraded, closed };
}

describe("coordinate", () => {
  test("version=2.0: silent until the client speaks", async () => {
    const [recorded] = handshakes("coordinate") as [Handshake];
    const { socket, frames, headers, closed } = await connect(recorded.request, []);
    for (const name of Object.keys(recorded.upgrade?.headers ?? {})) expect(headers).toHaveProperty(name);
    const ponged = new Promise((resolve) => socket.once("pong", resolve));
    socket.ping();
    await ponged;
    expect(frames).toEqual([]);
    socket.close(1000);
    expect(await closed).toBe(recorded.frames?.at(-1)?.close_code);
  });

  test.each(["no version", "future version", "another member", "bad resume token"])("%s", async (note) => {
    const recorded = handshakes("coordinate").find((one) => one.note === note);
    if (!recorded) throw new Error(`nothing recorded of "${note}"`);
    const { request, response } = recorded;
    const headers = { ...request.headers, Connection: "Upgrade", Upgrade: "websocket" };
    const answer = await replayer.send({ request: { ...request, headers }, response });
    expectLike(answer, response, note);
    expectSameEnvelope(answer, response, replayer, note);
  });
});

test("derp: the subprotocol, and the server's key first", async () => {
  const [recorded] = handshakes("derp") as [Handshake & { request: { protocols: string[] } }];
  const { socket, frames, headers, closed } = await connect(recorded.request, recorded.request.protocols);
  expect(headers["sec-websocket-protocol"]).toBe(recorded.upgrade?.headers["sec-websocket-protocol"]);
  const first = await eventually(() => frames[0], "the key");
  const wanted = Buffer.from(recorded.frames?.[0]?.base64 ?? "", "base64");
  // A type, a length and a magic word; then 32 bytes of the key, which is each server's own.
  const head = wanted.length - 32;
  expect(first).toHaveLength(wanted.length);
  expect(first.subarray(0, head)).toEqual(wanted.subarray(0, head));
  socket.close(1000);
  expect(await closed).toBe(recorded.frames?.at(-1)?.close_code);
});
