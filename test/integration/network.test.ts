import { once } from "node:events";
import { mkdtempSync, writeFileSync } from "node:fs";
import { createServer as createHttpServer, request as httpRequest } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import { type AddressInfo, connect, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import type { TLSSocket } from "node:tls";
import { generate } from "selfsigned";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CoderClient } from "../../src/coder/client.ts";
import { WorkspaceWatch } from "../../src/coder/watch.ts";
import type { Network } from "../../src/protocol/target.ts";
import { type Sandbox, startSandbox } from "../../src/sandbox/server.ts";
import { removeFolder, run } from "./product.ts";

/** A front door with TLS, as most deployments have one: it passes everything on to the sandbox. */
let sandbox: Sandbox;
let front: Server;
let frontUrl: string;
let proxy: Server;
let proxyUrl: string;
let authority: { cert: string; private: string };
let clientPair: { cert: string; private: string };
const tunnels: string[] = [];
const seen: { authorized: boolean; header: string | undefined }[] = [];

const port = (server: Server) => (server.address() as AddressInfo).port;

beforeAll(async () => {
  sandbox = await startSandbox({ workspaces: 1 });
  authority = await generate([{ name: "commonName", value: "Test Authority" }], {
    keyType: "ec",
    algorithm: "sha256",
    extensions: [{ name: "basicConstraints", cA: true, critical: true }],
  });
  const ca = { key: authority.private, cert: authority.cert };
  const own = await generate([{ name: "commonName", value: "localhost" }], {
    keyType: "ec",
    algorithm: "sha256",
    ca,
    extensions: [
      {
        name: "subjectAltName",
        altNames: [
          { type: 2, value: "localhost" },
          { type: 2, value: "coder.localhost" },
        ],
      },
    ],
  });
  clientPair = await generate([{ name: "commonName", value: "scale test" }], {
    keyType: "ec",
    algorithm: "sha256",
    ca,
  });
  const https = createHttpsServer({
    key: own.private,
    cert: own.cert,
    ca: authority.cert,
    requestCert: true,
    rejectUnauthorized: false,
  });
  const backend = { host: "127.0.0.1", port: Number(new URL(sandbox.url).port) };
  https.on("request", (request, response) => {
    seen.push({
      authorized: (request.socket as TLSSocket).authorized,
      header: request.headers["x-gate"] as string | undefined,
    });
    const onward = httpRequest(
      { ...backend, method: request.method, path: request.url, headers: request.headers },
      (answer) => {
        response.writeHead(answer.statusCode ?? 500, answer.headers);
        answer.pipe(response);
      },
    );
    request.pipe(onward);
  });
  https.on("upgrade", (request, socket: Socket) => {
    seen.push({
      authorized: (request.socket as TLSSocket).authorized,
      header: request.headers["x-gate"] as string | undefined,
    });
    const onward = connect(backend, () => {
      const head = [`${request.method} ${request.url} HTTP/1.1`];
      for (let i = 0; i < request.rawHeaders.length; i += 2)
        head.push(`${request.rawHeaders[i]}: ${request.rawHeaders[i + 1]}`);
      onward.write(`${head.join("\r\n")}\r\n\r\n`);
      onward.pipe(socket).pipe(onward);
    });
    for (const one of [socket, onward]) one.on("error", () => one.destroy());
  });
  front = https.listen(0, "127.0.0.1");
  await once(front, "listening");
  frontUrl = `https://localhost:${port(front)}`;

  proxy = createHttpServer();
  proxy.on("connect", (request, socket: Socket) => {
    tunnels.push(request.url ?? "");
    const onward = connect(port(front), "127.0.0.1", () => {
      socket.write("HTTP/1.1 200 Connection Established\r\n\r\n");
      onward.pipe(socket).pipe(onward);
    });
    for (const one of [socket, onward]) one.on("error", () => one.destroy());
  });
  proxy.listen(0, "127.0.0.1");
  await once(proxy, "listening");
  proxyUrl = `http://127.0.0.1:${port(proxy)}`;
});
afterAll(async () => {
  front.close();
  proxy.close();
  await sandbox.close();
});

async function withClient<T>(network: Network, work: (client: CoderClient) => Promise<T>): Promise<T> {
  const client = new CoderClient({ url: frontUrl, token: sandbox.token, network });
  try {
    return await work(client);
  } finally {
    await client.close();
  }
}

/** REST and a WebSocket, which go by different libraries. */
async function both(client: CoderClient): Promise<void> {
  const [workspace] = await client.findWorkspaces('name:"scaletest-"');
  if (!workspace) throw new Error("no workspace");
  const watch = new WorkspaceWatch(client, workspace);
  const news = new Promise<void>((resolve) => {
    watch.onUpdate = () => resolve();
  });
  await news;
  watch.close();
}

describe("the way to a deployment", () => {
  it("a certificate that nobody vouches for is refused, in words", async () => {
    await withClient({}, async (client) => {
      await expect(client.buildInfo({ retries: 0 })).rejects.toThrow(/certificate is not trusted/);
    });
  });

  it("an authority of one's own is trusted beside the built-in ones, for REST and WebSockets", async () => {
    await withClient({ ca: [authority.cert] }, both);
  });

  it("through a proxy, by CONNECT, for both", async () => {
    tunnels.length = 0;
    await withClient({ ca: [authority.cert], proxy: proxyUrl }, both);
    expect(tunnels.length).toBeGreaterThanOrEqual(2);
    expect(new Set(tunnels)).toEqual(new Set([new URL(frontUrl).host]));
  });

  it("past the proxy for hosts that are to bypass it", async () => {
    tunnels.length = 0;
    await withClient({ ca: [authority.cert], proxy: proxyUrl, noProxy: "localhost" }, both);
    expect(tunnels).toEqual([]);
  });

  it("with a client certificate and further headers, on every request", async () => {
    seen.length = 0;
    const clientCertificate = { cert: clientPair.cert, key: clientPair.private };
    await withClient({ ca: [authority.cert], clientCertificate, headers: { "X-Gate": "open" } }, both);
    expect(seen.length).toBeGreaterThanOrEqual(2);
    expect(new Set(seen.map((one) => JSON.stringify(one)))).toEqual(
      new Set([JSON.stringify({ authorized: true, header: "open" })]),
    );
  });

  it("under another name than the certificate's, where that name is told", async () => {
    const url = frontUrl.replace("localhost", "127.0.0.1");
    for (const [network, ok] of [
      [{ ca: [authority.cert] }, false],
      [{ ca: [authority.cert], serverName: "localhost" }, true],
    ] as const) {
      const client = new CoderClient({
        url,
        token: sandbox.token,
        network: { ...network, ca: [...network.ca] },
      });
      const answer = await client.buildInfo({ retries: 0 }).then(
        () => true,
        () => false,
      );
      expect(answer).toBe(ok);
      await client.close();
    }
  });
});

describe("a whole run through a proxy, with a client certificate and further headers", () => {
  let files: string;
  const env = () => ({
    // By a name that a proxy is asked for: none takes "localhost".
    CODER_URL: frontUrl.replace("localhost", "coder.localhost"),
    CODER_SESSION_TOKEN: sandbox.token,
    HTTPS_PROXY: proxyUrl,
    NODE_EXTRA_CA_CERTS: path.join(files, "ca.pem"),
    CODER_SCALETEST_TLS_CERT_FILE: path.join(files, "cert.pem"),
    CODER_SCALETEST_TLS_KEY_FILE: path.join(files, "key.pem"),
    CODER_HEADER: "X-Gate=open",
  });
  beforeAll(() => {
    files = mkdtempSync(path.join(tmpdir(), "scaletest-network-"));
    writeFileSync(path.join(files, "ca.pem"), authority.cert);
    writeFileSync(path.join(files, "cert.pem"), clientPair.cert);
    writeFileSync(path.join(files, "key.pem"), clientPair.private);
  });
  afterAll(() => removeFolder(files));

  async function passes(...args: string[]): Promise<void> {
    seen.length = 0;
    tunnels.length = 0;
    const { code, stderr } = await run(args, env());
    expect({ code, stderr: code === 0 ? "" : stderr }).toEqual({ code: 0, stderr: "" });
    expect(new Set(seen.map((one) => JSON.stringify(one)))).toEqual(
      new Set([JSON.stringify({ authorized: true, header: "open" })]),
    );
    expect(tunnels.length).toBeGreaterThan(0);
  }

  it("creates workspaces, connects by native SSH and web terminal, and leaves nothing", async () => {
    await passes(
      ...["create-workspaces", "--count", "2", "--template", "kubernetes", "--concurrency", "0"],
      ...["--run-command", "echo hello", "--run-timeout", "30s"],
    );
  });

  it.each([[[]], [["--ssh"]]])("sends traffic: %j", async (flags) => {
    await passes("workspace-traffic", "--duration", "1s", "--late-limit", "1m", ...flags);
  });

  it("a certificate that cannot be used is told before anything begins", async () => {
    const ended = await run(["preflight", "--template", "kubernetes", "--count", "1"], {
      ...env(),
      CODER_SCALETEST_TLS_CERT_FILE: path.join(files, "key.pem"),
    });
    expect(ended.code).toBe(2);
    expect(ended.stderr.trim()).toMatch(/^coder-scaletest: the client certificate cannot be used \(.+\)$/);
  });
});
