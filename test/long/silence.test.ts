import { type AddressInfo, createServer } from "node:net";
import { afterAll, beforeAll, expect, it } from "vitest";
import { run } from "../integration/product.ts";

const LIMIT_MS = 30_000;

/** Takes connections and never says a word. */
const server = createServer((socket) => socket.on("error", () => undefined));
beforeAll(() => new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve)));
afterAll(() => void server.close());

it("a proxy and a deployment that say nothing are given up within half a minute", async () => {
  const { port } = server.address() as AddressInfo;
  const token = { CODER_SESSION_TOKEN: "abcdefghij-abcdefghijklmnopqrstuv" };
  const behind = { ...token, CODER_URL: "https://coder.example.com", HTTPS_PROXY: `127.0.0.1:${port}` };
  const direct = { ...token, CODER_URL: `http://127.0.0.1:${port}` };
  const began = Date.now();
  const all = await Promise.all([
    run(["create-workspaces", "-t", "kubernetes"], behind),
    run(["create-workspaces", "-t", "kubernetes"], direct),
    run(["preflight", "-t", "kubernetes"], direct),
    run(["cleanup", "-y"], behind),
  ]);
  expect(Date.now() - began).toBeLessThan(LIMIT_MS);
  for (const { code, stdout, stderr } of all) {
    expect(stdout + stderr).toMatch(/cannot reach https?:\/\/[^ ]+: no answer in time/);
    expect(code).toBe(3);
  }
});
