import { spawn } from "node:child_process";
import { once } from "node:events";
import { rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { build } from "esbuild";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

/** A process that attaches to a socket and lets go of it when it is closed. */
const bundle = path.join(tmpdir(), `scaletest-rpc-${process.pid}.cjs`);

beforeAll(async () => {
  const contents = `
    import { connect } from "node:net";
    import { connectionOver } from "./src/runner/client/socket.ts";
    const socket = connect(Number(process.argv[2]), "127.0.0.1", () => {
      const rpc = connectionOver(socket);
      rpc.onClose(() => rpc.dispose());
      rpc.listen();
    });`;
  await build({
    stdin: { contents, resolveDir: process.cwd(), loader: "ts" },
    outfile: bundle,
    bundle: true,
    platform: "node",
    format: "cjs",
    logLevel: "error",
  });
});
afterAll(() => rmSync(bundle, { force: true }));

describe("the socket to a runner", () => {
  it("holds no process that has lost it in the middle of a message", async () => {
    const server = createServer((socket) => socket.end('Content-Length: 1000\r\n\r\n{"jsonrpc":'));
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as { port: number };
    const child = spawn(process.execPath, [bundle, String(port)], { stdio: "ignore" });
    const limit = setTimeout(() => child.kill(), 20_000);
    const [code, signal] = await once(child, "exit");
    clearTimeout(limit);
    server.close();
    expect([code, signal]).toEqual([0, null]);
  }, 30_000);
});
