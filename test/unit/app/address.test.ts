import { createServer } from "node:http";
import { type AddressInfo, createServer as createTcp } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { AddressError, readAddress } from "../../../src/app/target/address.ts";
import { deploymentAt } from "../../../src/app/target/deployment-at.ts";
import { targetOf } from "../../../src/cli/target.ts";
import { CoderClient } from "../../../src/coder/client.ts";
import { type Sandbox, startSandbox } from "../../../src/sandbox/server.ts";

describe("an address as people paste it", () => {
  it.each([
    ["coder.example.com", "https://coder.example.com", ""],
    ["  https://coder.example.com/templates/?x=1#y ", "https://coder.example.com", "/templates"],
    ["http://coder.example.com:8080/", "http://coder.example.com:8080", ""],
    ["HTTPS://Coder.Example.com:443", "https://coder.example.com", ""],
    ["coder.example.com:3000", "https://coder.example.com:3000", ""],
    ["localhost:3000", "http://localhost:3000", ""],
    ["localhost", "http://localhost", ""],
    ["LOCALHOST:3000/workspaces", "http://localhost:3000", "/workspaces"],
    ["127.0.0.1:3000/login", "http://127.0.0.1:3000", "/login"],
    ["127.1.2.3:80", "http://127.1.2.3", ""],
    ["[::1]:3000", "http://[::1]:3000", ""],
    ["coder.localhost:3000", "http://coder.localhost:3000", ""],
    ["localhost:443", "https://localhost", ""],
    ["https://localhost:3000", "https://localhost:3000", ""],
    ["localhost.example.com", "https://localhost.example.com", ""],
    ["127.example.com", "https://127.example.com", ""],
  ])("%j is %s", (typed, origin, path) => expect(readAddress(typed)).toEqual({ origin, path }));

  it.each([
    ["", /not a URL/],
    ["   ", /not a URL/],
    ["a b", /not a URL/],
    ["https://", /not a URL/],
    ["ftp://coder.example.com", /must begin with https/],
    ["https://user:secret@coder.example.com", /user name or password/],
  ])("%j is refused, and no secret is repeated", (typed, message) => {
    expect(() => readAddress(typed)).toThrow(AddressError);
    expect(() => readAddress(typed)).toThrow(message);
    expect(() => readAddress(typed)).not.toThrow(/secret/);
  });
});

describe("a page of a deployment", () => {
  let sandbox: Sandbox;
  beforeAll(async () => {
    sandbox = await startSandbox({});
  });
  afterAll(() => sandbox.close());

  it.each(["/workspaces", "/templates/x/versions", "/@me/dev?tab=logs"])(
    "%s stands for the deployment",
    async (page) => {
      const { url } = await targetOf({ url: `${sandbox.url}${page}`, token: sandbox.token }, {});
      expect(url).toBe(sandbox.url);
    },
  );

  it("stays what it is where the origin is no deployment: one may be served below it", async () => {
    const server = createServer((request, response) => {
      const isThere = request.url?.startsWith("/coder/api/v2/buildinfo");
      response.writeHead(isThere ? 200 : 404, { "content-type": "application/json" });
      response.end(JSON.stringify(isThere ? { version: "v2.20.0" } : { message: "not here" }));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    expect(await deploymentAt({ origin, path: "/coder" }, {})).toBe(`${origin}/coder`);
    server.close();
  });
});

describe("a port that speaks the other protocol", () => {
  async function failureAt(url: string): Promise<string> {
    const client = new CoderClient({ url, token: "", network: {} });
    const began = performance.now();
    const error = await client.buildInfo({ timeoutMs: 5_000 }).catch((one: unknown) => one);
    // It will not speak the other one within seconds.
    expect(performance.now() - began).toBeLessThan(1_000);
    await client.close();
    return (error as Error).message;
  }

  it("plain HTTP where TLS is begun is one plain line, for requests", async () => {
    const server = createServer((_request, response) => response.end("hello"));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    expect(await failureAt(`https://127.0.0.1:${port}`)).toMatch(
      /^this port does not speak https, but plain HTTP: use http:\/\/ \(GET/,
    );
    server.close();
  });

  it.each([
    "Client sent an HTTP request to an HTTPS server.\n",
    "<html><head><title>400 The plain HTTP request was sent to HTTPS port</title></head></html>",
  ])("TLS where plain HTTP is sent, too: %s", async (body) => {
    const server = createTcp((socket) => {
      socket.on("error", () => undefined);
      socket.once("data", () =>
        socket.end(
          `HTTP/1.1 400 Bad Request\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`,
        ),
      );
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    expect(await failureAt(`http://127.0.0.1:${port}`)).toMatch(
      /^this port speaks https, not plain HTTP: use https:/,
    );
    server.close();
  });
});
