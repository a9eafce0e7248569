import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, expect, it } from "vitest";
import { CoderClient } from "../../src/coder/client.ts";

/** A deployment that answers a creation late, and makes the user whether or not somebody still waits. */
let server: Server;
let client: CoderClient;
let made: string[];
let answer: () => void;

beforeEach(async () => {
  made = [];
  server = createServer((request, response) => {
    request.resume();
    answer = () => {
      made.push(request.url ?? "");
      response.writeHead(201, { "content-type": "application/json" });
      response.end(JSON.stringify({ id: "1", username: "u", email: "u@scaletest.local", roles: [] }));
    };
    arrived();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  client = new CoderClient({ url: `http://127.0.0.1:${port}`, token: "t", network: {} });
});
afterEach(async () => {
  await client.close();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

let arrived: () => void = () => undefined;
const sent = () => new Promise<void>((resolve) => (arrived = resolve));
const user = { username: "u", email: "u@scaletest.local", organizationIds: ["o"] };

it("a creation that was sent is known, although a stop came before its answer", async () => {
  const stop = new AbortController();
  const isSent = sent();
  const creation = client.createUser(user, { signal: stop.signal });
  await isSent;
  stop.abort(new Error("stopped"));
  answer();
  expect((await creation).id).toBe("1");
  expect(made).toEqual(["/api/v2/users"]);
});

it("a creation that was not sent before a stop is not sent after it", async () => {
  const stop = new AbortController();
  stop.abort(new Error("stopped"));
  await expect(client.createUser(user, { signal: stop.signal })).rejects.toThrow("stopped");
  expect(made).toEqual([]);
});

it("a question ends with the stop, and so does a creation that is never answered, in the end", async () => {
  const stop = new AbortController();
  const isSent = sent();
  const question = client.user("u", { signal: stop.signal });
  await isSent;
  stop.abort(new Error("stopped"));
  await expect(question).rejects.toThrow("stopped");
  const second = new AbortController();
  const isSentToo = sent();
  const creation = client.createUser(user, { signal: second.signal, graceMs: 50 });
  await isSentToo;
  second.abort(new Error("stopped"));
  await expect(creation).rejects.toThrow("stopped");
});
