import { execFileSync, spawn } from "node:child_process";
import { chmodSync, copyFileSync, cpSync, mkdtempSync, readdirSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { text } from "node:stream/consumers";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type Sandbox, startSandbox } from "../../src/sandbox/server.ts";
import { envOf } from "./deployed.ts";
import { CommandLine, dist, newHome, processesOf, removeFolder } from "./product.ts";

/** What is known to be wrong ends a run within this time. (Of silence: test/long/silence.test.ts.) */
const KNOWN_MS = 5_000;
const TOKEN = "abcdefghij-abcdefghijklmnopqrstuv";
const create = ["create-workspaces", "-t", "kubernetes"];

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await startSandbox({ buildTimeMs: [50, 50] });
});
afterAll(() => sandbox.close());

const homes: string[] = [];
const servers: Server[] = [];
afterEach(async () => {
  for (const home of homes.splice(0)) removeFolder(home);
  for (const server of servers.splice(0)) server.close();
});

/** Takes connections and never says a word. */
async function silence(): Promise<number> {
  const server = createServer((socket) => socket.on("error", () => undefined));
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
}

/** Runs it to its end and holds it against a limit; its home stays for a look. */
async function ends(args: string[], env: Record<string, string | undefined>, limitMs: number) {
  const began = Date.now();
  const line = new CommandLine(args, env);
  homes.push(line.home);
  const ended = await line.ended;
  expect(Date.now() - began).toBeLessThan(limitMs);
  return { ...ended, home: line.home };
}

/** What the list of runs says of a home. */
async function listed(home: string): Promise<{ state: string; left: number; summary: string | null }[]> {
  const line = new CommandLine(["runs", "--json"], {}, home);
  return JSON.parse((await line.ended).stdout);
}

const lines = (text: string) => text.trim().split("\n");

describe("a run that cannot start ends with one line", () => {
  it.each([
    ["a port alone", ":3128", /^coder-scaletest: HTTPS_PROXY is not the address of a proxy/],
    ["an impossible port", "http://proxy.example.com:99999", /HTTPS_PROXY is not the address of a proxy/],
    ["another scheme", "ftp://proxy.example.com", /HTTPS_PROXY is not the address of a proxy/],
    ["SOCKS", "socks5://127.0.0.1:1080", /HTTPS_PROXY names a SOCKS proxy, which is not supported/],
  ])("a proxy that is none: %s", async (_what, proxy, sentence) => {
    const env = { CODER_URL: "https://coder.example.com", CODER_SESSION_TOKEN: TOKEN, HTTPS_PROXY: proxy };
    for (const args of [create, ["preflight", "-t", "kubernetes"], ["cleanup", "-y"]]) {
      const { code, stderr } = await ends(args, env, KNOWN_MS);
      expect(stderr).toMatch(sentence);
      expect(lines(stderr)).toHaveLength(1);
      expect(code).toBe(2);
    }
  });

  it("a proxy without a scheme is an HTTP proxy; a refused connection to it is said", async () => {
    const port = await silence();
    servers.splice(0)[0]?.close();
    const env = { CODER_URL: "https://coder.example.com", CODER_SESSION_TOKEN: TOKEN };
    const { code, stderr, home } = await ends(create, { ...env, HTTPS_PROXY: `127.0.0.1:${port}` }, KNOWN_MS);
    expect(stderr).toMatch(
      /cannot reach https:\/\/coder\.example\.com: nothing answers .*connection refused/,
    );
    expect(code).toBe(3);
    expect(await listed(home)).toMatchObject([{ state: "ended", left: 0 }]);
  });

  it("a folder that cannot be made: the line names the variable, and nothing is left of the run", async () => {
    const env = envOf(sandbox);
    for (const home of ["/dev/null/home", "/proc/scaletest"]) {
      const { code, stderr } = await ends(create, { ...env, CODER_SCALETEST_HOME: home }, KNOWN_MS);
      expect(stderr).toMatch(/folder .* cannot be used \(.*\).*CODER_SCALETEST_HOME/);
      expect(lines(stderr)).toHaveLength(1);
      expect(code).toBe(3);
    }
  });

  it.each([
    ["from the beginning", "run.json"],
    ["when the runner begins", "journal.ndjson"],
  ])("a disk that is full %s", async (_when, file) => {
    const disk = JSON.stringify(path.join(import.meta.dirname, "no-space.cjs"));
    const env = { ...envOf(sandbox), NODE_OPTIONS: `--require ${disk}`, NO_SPACE_FOR: file };
    const { code, stderr, home } = await ends(create, env, KNOWN_MS);
    expect(stderr).toMatch(/no space left on device|ENOSPC/);
    expect(lines(stderr)).toHaveLength(1);
    expect(code).toBe(3);
    for (const one of await listed(home)) expect(one).toMatchObject({ state: "ended", left: 0 });
    expect(processesOf(home)).toEqual([]);
  });

  it("a runner that cannot load: its last words are said, and no run stays in the list", async () => {
    const env = { ...envOf(sandbox), TMPDIR: "/dev/null/tmp" };
    const { code, stderr, home } = await ends(create, env, KNOWN_MS);
    expect(stderr).toMatch(/could not be started: the folder .* cannot be made .* set TMPDIR/);
    expect(code).toBe(3);
    expect(await listed(home)).toEqual([]);
  });

  it.skipIf(process.platform === "win32")("no file handles are left, at whatever moment", async () => {
    const said: string[] = [];
    // Below 22, Node.js itself does not come up.
    for (const limit of [22, 24, 26, 28, 30]) {
      const { code, stderr, home, ms } = await limited(limit);
      expect(ms).toBeLessThan(KNOWN_MS);
      expect(code).not.toBe(139);
      expect(stderr).not.toMatch(/died|internal error|\n {4}at /);
      said.push(stderr);
      for (const one of await listed(home)) expect(one).toMatchObject({ left: 0 });
    }
    expect(said.join("")).toMatch(/^coder-scaletest: .*\(too many open files\)/m);
  });

  /** A refusal is enough: the sandbox has no template of this name. */
  async function limited(handles: number) {
    const home = newHome();
    homes.push(home);
    const began = Date.now();
    const args = [path.join(dist, "cli.js"), "create-workspaces", "-t", "none"];
    const child = spawn(
      "/bin/sh",
      ["-c", `ulimit -n ${handles}; exec "$0" "$@"`, process.execPath, ...args],
      {
        env: { ...process.env, ...envOf(sandbox), CODER_SCALETEST_HOME: home },
        stdio: ["ignore", "ignore", "pipe"],
      },
    );
    const stderr = await text(child.stderr);
    return { code: child.exitCode, stderr, home, ms: Date.now() - began };
  }

  it("Ctrl-C and SIGTERM end it while it starts, and while the network is silent", async () => {
    const port = await silence();
    const env = { CODER_URL: `http://127.0.0.1:${port}`, CODER_SESSION_TOKEN: TOKEN };
    for (const [signal, after] of [
      ["SIGINT", /Check/],
      ["SIGTERM", /Check/],
      ["SIGINT", undefined],
    ] as const) {
      const line = new CommandLine(create, env);
      homes.push(line.home);
      if (after) await line.until(after);
      else while (!hasRun(line.home)) await new Promise((resolve) => setTimeout(resolve, 2));
      const began = Date.now();
      line.child.kill(signal);
      const { code } = await line.ended;
      expect(Date.now() - began).toBeLessThan(KNOWN_MS);
      expect(code).toBe(130);
      for (const one of await listed(line.home)) expect(one).toMatchObject({ state: "ended", left: 0 });
    }
  });
});

function hasRun(home: string): boolean {
  try {
    return readdirSync(path.join(home, "runs")).length > 0;
  } catch {
    return false;
  }
}

const isRoot = process.getuid?.() === 0;

describe("a user id that is in no passwd file", () => {
  const uid = 54_321;
  let copy: string;
  let node: string;
  beforeAll(() => {
    copy = mkdtempSync(path.join(tmpdir(), "scaletest-dist-"));
    // Where this one is, others may have no right to look.
    node = path.join(copy, "node");
    copyFileSync(process.execPath, node);
    chmodSync(node, 0o755);
    cpSync(dist, copy, { recursive: true });
    execFileSync("chmod", ["-R", "a+rX", copy]);
    chmodSync(copy, 0o755);
  });
  afterAll(() => removeFolder(copy));

  function as(args: string[], env: Record<string, string>) {
    const child = spawn(node, [path.join(copy, "cli.js"), ...args], {
      uid,
      gid: uid,
      env: { PATH: process.env.PATH ?? "", ...env },
      cwd: "/",
    });
    const exit = new Promise<number | null>((resolve) => child.once("close", resolve));
    return Promise.all([exit, text(child.stdout), text(child.stderr)]).then(([code, stdout, stderr]) => ({
      code,
      stdout,
      stderr,
    }));
  }

  it.skipIf(!isRoot)("without a home: one line that names the variable; with one, it runs", async () => {
    const refused = await as([...create, "--count", "1"], envOf(sandbox));
    expect(refused.stderr).toMatch(/cannot be used \(permission denied\).*CODER_SCALETEST_HOME/);
    expect(lines(refused.stderr)).toHaveLength(1);
    expect(refused.code).toBe(3);
    expect((await as(["runs"], {})).stdout).toBe("no runs yet\n");
    const home = newHome();
    homes.push(home);
    chmodSync(home, 0o777);
    const env = { ...envOf(sandbox), CODER_SCALETEST_HOME: home, TMPDIR: home };
    const ran = await as([...create, "--parameter", "home_disk_size=10", "--no-ssh"], env);
    expect(ran.stdout).toMatch(/1 succeeded/);
    expect(ran.code).toBe(0);
  });
});

describe("an output that is closed", () => {
  it.skipIf(process.platform === "win32")("ends nothing, and prints no stack trace", async () => {
    const home = newHome();
    homes.push(home);
    for (const file of Array.from({ length: 40 }, (_, at) => at)) {
      const folder = path.join(home, "runs", `2026-01-01T00-00-00-run${String(file).padStart(5, "0")}`);
      execFileSync("mkdir", ["-p", folder]);
      writeFileSync(path.join(folder, "run.json"), JSON.stringify(storedRun(file)));
    }
    const script = `"$0" "$1" runs --json | head -c 10; "$0" "$1" --help 2>&1 | head -c 5 >/dev/null`;
    const child = spawn("/bin/sh", ["-c", script, process.execPath, path.join(dist, "cli.js")], {
      env: { ...process.env, CODER_SCALETEST_HOME: home },
      stdio: ["ignore", "ignore", "pipe"],
    });
    expect(await text(child.stderr)).toBe("");
  });

  it("that is full is said, and the exit code says it too", async () => {
    if (process.platform !== "linux") return;
    const script = `"$0" "$1" runs > /dev/full`;
    const child = spawn("/bin/sh", ["-c", script, process.execPath, path.join(dist, "cli.js")], {
      env: { ...process.env, CODER_SCALETEST_HOME: newHome() },
      stdio: ["ignore", "ignore", "pipe"],
    });
    const exit = new Promise((resolve) => child.once("close", resolve));
    expect(await text(child.stderr)).toMatch(
      /^coder-scaletest: the output could not be written \(no space left on device\)\n$/,
    );
    expect(await exit).toBe(1);
  });

  it("a run goes on to its end without a reader", async () => {
    const line = new CommandLine([...create, "--no-ssh", "--parameter", "home_disk_size=10"], envOf(sandbox));
    homes.push(line.home);
    line.child.stderr?.destroy();
    line.child.stdout?.destroy();
    const { code } = await line.ended;
    expect(code).toBe(0);
    expect(await listed(line.home)).toMatchObject([{ state: "ended", left: 0, verdict: "passed" }]);
  });
});

function storedRun(number: number): object {
  const id = `run${String(number).padStart(5, "0")}`;
  const deployment = { url: "https://coder.example.com", host: "coder.example.com", version: "", user: "" };
  return {
    version: 1,
    id,
    title: "create 1 × kubernetes",
    workload: "create-workspaces",
    config: {},
    deployment: { ...deployment, sandbox: false },
    createdAt: 0,
    host: "here",
    product: "0.1.0",
    runner: { token: "t" },
  };
}
