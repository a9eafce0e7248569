import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Duplex } from "node:stream";
import { fileURLToPath } from "node:url";
import { buildSync } from "esbuild";
import ssh2, { type ClientChannel } from "ssh2";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Sandbox, startSandbox } from "../../src/sandbox/server.ts";

const TARGET = "scaletest-sandbox-1/scaletest-sandbox-1.main";
const folder = mkdtempSync(join(tmpdir(), "sandbox-ssh-"));
const stub = join(folder, "sandbox-coder.js");

let sandbox: Sandbox;

beforeAll(async () => {
  const source = fileURLToPath(new URL("../../src/sandbox/coder-stub.ts", import.meta.url));
  buildSync({
    entryPoints: [source],
    bundle: true,
    platform: "node",
    format: "cjs",
    target: "node22",
    outfile: stub,
  });
  sandbox = await startSandbox({ workspaces: 2, deleteTimeMs: [50, 50] });
});

afterAll(async () => {
  await sandbox.close();
  rmSync(folder, { recursive: true });
});

function start(args: string[], token = sandbox.token) {
  const child = spawn(process.execPath, [stub, ...args], {
    env: { CODER_URL: sandbox.url, CODER_SESSION_TOKEN: token },
  });
  let errors = "";
  child.stderr.on("data", (chunk) => {
    errors += chunk;
  });
  const exited = new Promise<{ code: number | null; errors: string }>((resolve) => {
    child.on("close", (code) => resolve({ code, errors }));
  });
  return { child, exited };
}

async function connect(): Promise<{
  client: ssh2.Client;
  exited: Promise<{ code: number | null; errors: string }>;
}> {
  const { child, exited } = start(["ssh", "--stdio", "--wait", "no", "--disable-autostart", TARGET]);
  const client = new ssh2.Client();
  await new Promise<void>((resolve, reject) => {
    client.on("ready", resolve);
    client.on("error", reject);
    client.connect({
      sock: Duplex.from({ readable: child.stdout, writable: child.stdin }),
      username: "coder",
      authHandler: ["none"],
    });
  });
  return { client, exited };
}

interface Outcome {
  out: string;
  err: string;
  code: number;
}

function exec(
  client: ssh2.Client,
  command: string,
  use: (channel: ClientChannel) => void,
  pty = false,
): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    client.exec(command, { pty }, (error, channel) => {
      if (error) {
        reject(error);
        return;
      }
      const outcome: Outcome = { out: "", err: "", code: -1 };
      channel.on("data", (chunk: Buffer) => {
        outcome.out += chunk;
      });
      channel.stderr.on("data", (chunk: Buffer) => {
        outcome.err += chunk;
      });
      channel.on("exit", (code: number) => {
        outcome.code = code;
      });
      channel.on("close", () => resolve(outcome));
      use(channel);
    });
  });
}

const nothing = () => undefined;

test("commands, their output and their exit status", async () => {
  const { client, exited } = await connect();
  expect(await exec(client, "echo hello; exit 3", nothing)).toEqual({ out: "hello\n", err: "", code: 3 });
  expect(await exec(client, "nope", nothing)).toMatchObject({
    err: "/bin/bash: line 1: nope: command not found\n",
    code: 127,
  });
  expect(await exec(client, "hostname", nothing, true)).toMatchObject({
    out: "scaletest-sandbox-1\r\n",
    code: 0,
  });
  client.end();
  expect(await exited).toEqual({ code: 0, errors: "" });
});

test("standard input comes back unchanged, however much it is", async () => {
  const { client } = await connect();
  const sent = "0123456789abcde\n".repeat(64 * 1024);
  const echoed = await exec(client, "dd if=/dev/stdin of=/dev/stdout bs=1024 status=none", (channel) =>
    channel.end(sent),
  );
  expect(echoed.out.length).toBe(sent.length);
  expect(echoed.out === sent).toBe(true);
  expect(echoed.code).toBe(0);
  client.end();
});

test("a hang-up ends a session", async () => {
  const { client } = await connect();
  const outcome = await exec(client, "sleep 300", (channel) => channel.signal("HUP"));
  expect(outcome.code).not.toBe(0);
  client.end();
});

test("a port of the workspace is forwarded, other hosts are not", async () => {
  const { client } = await connect();
  const answer = await new Promise<string>((resolve, reject) => {
    client.forwardOut("127.0.0.1", 1, "localhost", 8080, (error, channel) => {
      if (error) return reject(error);
      let out = "";
      channel.on("data", (chunk: Buffer) => {
        out += chunk;
      });
      channel.on("close", () => resolve(out));
      return channel.write("GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    });
  });
  expect(answer).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
  const refused = await new Promise<Error | undefined>((resolve) => {
    client.forwardOut("127.0.0.1", 1, "example.com", 80, (error) => resolve(error));
  });
  expect(refused).toBeInstanceOf(Error);
  client.end();
});

test("the host key is the deployment's own and the same for the same seed", async () => {
  const other = await startSandbox({ workspaces: 2 });
  const keyOf = async (of: Sandbox) => {
    const child = spawn(process.execPath, [stub, "ssh", "--stdio", TARGET], {
      env: { CODER_URL: of.url, CODER_SESSION_TOKEN: of.token },
    });
    const client = new ssh2.Client();
    const key = await new Promise<string>((resolve, reject) => {
      client.on("error", reject);
      client.connect({
        sock: Duplex.from({ readable: child.stdout, writable: child.stdin }),
        username: "coder",
        authHandler: ["none"],
        hostVerifier: (key: Buffer) => {
          resolve(key.toString("base64"));
          return true;
        },
      });
    });
    client.end();
    return key;
  };
  expect(await keyOf(sandbox)).toBe(await keyOf(other));
  await other.close();
});

test("what the stand-in cannot do it says in one line", async () => {
  const cases: [string[], string | undefined, RegExp][] = [
    [["ssh", "--stdio", "nobody/nothing"], undefined, /404/],
    [["ssh", "--stdio", TARGET], `AAAAAAAAAA-${"a".repeat(22)}`, /401/],
    [["ssh", "--stdio", "scaletest-sandbox-1/scaletest-sandbox-1.gpu"], undefined, /agent gpu not found/],
    [["list"], undefined, /only `ssh --stdio` is simulated/],
  ];
  for (const [args, token, text] of cases) {
    const { exited } = start(args, token);
    const { code, errors } = await exited;
    expect(code).toBe(1);
    expect(errors).toMatch(text);
    expect(errors.trimEnd().split("\n")).toHaveLength(1);
  }
});

test("it makes no API call", async () => {
  const before = JSON.stringify(sandbox.stats());
  const { client } = await connect();
  client.end();
  expect(JSON.stringify(sandbox.stats())).toBe(before);
});

test("a stop of the workspace ends its sessions", async () => {
  const { client } = await connect();
  client.on("error", nothing);
  const closed = new Promise<void>((resolve) => client.on("close", () => resolve()));
  const [workspace] = sandbox.deployment.workspaces.live();
  await fetch(`${sandbox.url}/api/v2/workspaces/${workspace?.id}/builds`, {
    method: "POST",
    headers: { "Coder-Session-Token": sandbox.token },
    body: JSON.stringify({ transition: "stop" }),
  });
  await closed;
});
