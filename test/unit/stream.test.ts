import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, it } from "vitest";
import { CoderClient } from "../../src/coder/client.ts";

it("an answer that is no stream is refused, and what nobody reads of it ends no process", async () => {
  // All of it is there when nobody wants it: undici says so in a later turn.
  const server = createServer((_, response) => {
    response.writeHead(200, { "content-type": "text/html" });
    response.end("<html>");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const client = new CoderClient({ url, token: "t", network: {} });
  const uncaught: unknown[] = [];
  const note = (error: unknown) => uncaught.push(error);
  process.prependListener("uncaughtException", note);
  await expect(
    client.transport.stream({ method: "GET", path: "/a", route: "GET /a", token: "t", subject: "run" }),
  ).rejects.toThrow("no stream");
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
  process.off("uncaughtException", note);
  expect(uncaught).toEqual([]);
  await client.close();
  server.closeAllConnections();
  server.close();
});
