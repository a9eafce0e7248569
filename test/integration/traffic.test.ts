import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { EXIT } from "../../src/protocol/exit-codes.ts";
import { type Sandbox, startSandbox } from "../../src/sandbox/server.ts";
import { onTime } from "../support/on-time.ts";
import { waitFor } from "../support/wait-for.ts";
import { CommandLine, removeFolder, run, runnerPid } from "./product.ts";

interface Part {
  offered_bytes_per_second: number;
  achieved_bytes_per_second: number;
  round_trip_ms: {
    count: number;
    p50: number;
    p95: number;
    p99: number;
    max: number;
    unfinished?: number;
    atLeast?: string[];
  };
  ticks: {
    due: number;
    sent: number;
    missed: number;
    echoed: number;
    trailing: number;
    lost: number;
    wrong: number;
  };
  bytes: { lost: number; wrong: number; extra: number };
  connections: { opened: number; failed: number; dropped: number; reconnected: number };
  generator: { valid: boolean };
}

interface Result {
  total_pass: number;
  total_fail: number;
  outcome: { verdict: string; summary: string; orphans: number | null };
  errors_by_cause: { id: string; cause: string; count: number; example: { message: string } }[];
  traffic: {
    total: Part;
    pty: Part;
    ssh: Part;
    app: Part;
    measured_ms: number;
    drops: { code: string; count: number; after_ms_p50: number }[];
    reconnect_ms: { count: number; max: number };
    shards: { alive: boolean }[];
  };
  runs: Record<string, { error: string | null; total_bytes_read: number; total_bytes_written: number }>;
}

const WORKSPACES = 8;
let sandbox: Sandbox;
const env = () => ({ CODER_URL: sandbox.url, CODER_SESSION_TOKEN: sandbox.token });

/** A sandbox with workspaces to send traffic to. */
async function prepared(): Promise<Sandbox> {
  sandbox = await startSandbox({ buildTimeMs: [50, 100] });
  await fill();
  return sandbox;
}

async function fill(): Promise<void> {
  const made = await run(
    [
      ...["create-workspaces", "--count", String(WORKSPACES), "--template", "all-parameters"],
      ...["--parameter", "region=eu", "--concurrency", "0", "--no-cleanup", "--no-ssh"],
    ],
    env(),
  );
  expect({ code: made.code, stderr: made.code === 0 ? "" : made.stderr }).toEqual({ code: 0, stderr: "" });
}

beforeAll(async () => {
  sandbox = await prepared();
});
afterEach(() => sandbox.deployment.faults.reset());
afterAll(() => sandbox.close());

/** Whether this machine is busy with other things is not what is tested, but where lateness is. */
const args = (...flags: string[]) => [
  ...["workspace-traffic", "--output", "json", "--duration", "3s", "--late-limit", "1m"],
  ...flags,
];

/** A run that says itself that this machine was too busy for it is run again. */
async function traffic(expected: number, ...flags: string[]): Promise<Result> {
  const ended = await onTime(
    Number.POSITIVE_INFINITY,
    () => run(args(...flags), env()),
    ({ code }) => code === expected || code !== EXIT.invalid,
  );
  expect({ code: ended.code, stderr: ended.code === expected ? "" : ended.stderr }).toEqual({
    code: expected,
    stderr: "",
  });
  return JSON.parse(ended.stdout) as Result;
}

/** Starts a run, does something to the sandbox in the midst of it, and reads the result. */
async function disturbed(
  disturb: () => Promise<void> | void,
  ...flags: string[]
): Promise<{ result: Result; code: number | null }> {
  const line = new CommandLine(args(...flags), env());
  await line.until(/measured for/);
  await disturb();
  const { code, stdout, stderr } = await line.ended;
  removeFolder(line.home);
  if (!stdout) throw new Error(stderr);
  return { result: JSON.parse(stdout) as Result, code };
}

const causesOf = (of: Result) => Object.fromEntries(of.errors_by_cause.map(({ id, count }) => [id, count]));
const total = (of: readonly { count: number }[]) => of.reduce((sum, { count }) => sum + count, 0);
const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const ownTokens = () =>
  [...sandbox.deployment.users.all()].flatMap((user) =>
    sandbox.deployment.users.keysOf(user).filter((key) => /^scaletest-.*-\d+$/.test(key.tokenName ?? "")),
  );

describe("traffic that goes well", () => {
  it.each([
    ["pty", []],
    ["pty", ["--echo", "tty"]],
    ["pty", ["--rate", "40KB/s", "--connections-per-workspace", "3", "--shards", "2"]],
    ["app", ["--app", "echo"]],
    ["ssh", ["--ssh"]],
    ["ssh", ["--ssh", "--ssh-via", "cli"]],
  ] as const)("%s %j: every tick comes back, byte for byte", async (kind, flags) => {
    const before = ownTokens().length;
    const result = await traffic(0, ...flags);
    const part = result.traffic[kind];
    const connections = flags.includes("--connections-per-workspace" as never) ? WORKSPACES * 3 : WORKSPACES;
    expect(part.ticks).toMatchObject({ due: connections * 30, missed: 0, lost: 0, wrong: 0 });
    expect(part.ticks.echoed).toBe(part.ticks.due);
    expect(part.round_trip_ms.count).toBe(part.ticks.due);
    expect(part.bytes).toEqual({ lost: 0, wrong: 0, extra: 0 });
    // What is due in the last moment comes back after it; on a busy machine that may be the last second's.
    const carried = part.ticks.due - part.ticks.trailing;
    expect(part.ticks.trailing).toBeLessThanOrEqual(part.ticks.due / 3);
    expect(part.achieved_bytes_per_second).toBeGreaterThanOrEqual(
      Math.floor((part.offered_bytes_per_second * carried) / part.ticks.due),
    );
    expect(part.connections).toEqual({ opened: connections, failed: 0, dropped: 0, reconnected: 0 });
    expect(result.traffic.total).toEqual(part);
    expect(result).toMatchObject({ total_pass: WORKSPACES, total_fail: 0, outcome: { orphans: 0 } });
    for (const one of Object.values(result.runs)) {
      expect(one.total_bytes_written).toBeGreaterThan(0);
      expect(one.total_bytes_read).toBeGreaterThanOrEqual(one.total_bytes_written);
    }
    // Their tokens are revoked; those of create-workspaces are still there.
    expect(ownTokens().length).toBe(before);
  });

  it("--target-workspaces takes some of them, --concurrency a few at a time", async () => {
    const result = await traffic(0, "--target-workspaces", "2:6", "--concurrency", "2", "--duration", "1s");
    expect(result.total_pass).toBe(4);
    expect(result.traffic.total.ticks).toMatchObject({ due: 40, echoed: 40 });
    // One pair after the other.
    expect(result.traffic.measured_ms).toBeGreaterThan(2_000);
  });

  it("ramp and warm-up come before what is measured", async () => {
    const result = await traffic(0, "--ramp", "1s", "--warm-up", "1s", "--duration", "1s");
    expect(result.traffic.total.ticks).toMatchObject({ due: WORKSPACES * 10, echoed: WORKSPACES * 10 });
    for (const one of Object.values(result.runs)) expect(one.total_bytes_written).toBeGreaterThan(15 * 1_024);
  });
});

describe("by other ways", () => {
  let own: Sandbox;
  beforeAll(async () => {
    const first = sandbox;
    own = await startSandbox({
      workspaces: 0,
      buildTimeMs: [50, 100],
      wildcardHost: "*.apps.localhost",
      workspaceProxyPort: 0,
      model: { coderdCores: 2, messageMs: 0.01 },
    });
    sandbox = own;
    await fill();
    sandbox = first;
  });
  afterAll(() => own.close());
  /** One run on the deployment that has these ways. */
  async function on<T>(work: () => Promise<T>): Promise<T> {
    const first = sandbox;
    sandbox = own;
    try {
      return await work();
    } finally {
      sandbox = first;
    }
  }
  const proxied = () => ["--workspace-proxy-url", own.proxyUrl ?? ""];
  const coderdMs = () => own.deployment.model.read().coderdCpuSeconds[0] ?? 0;
  const whole = (part: Part) => {
    expect(part.ticks).toMatchObject({ due: WORKSPACES * 30, missed: 0, lost: 0, wrong: 0 });
    expect(part.ticks.echoed).toBe(part.ticks.due);
    expect(part.bytes).toEqual({ lost: 0, wrong: 0, extra: 0 });
  };

  it("an app on a subdomain: by its own host name, at the deployment's port", async () => {
    const result = await on(() => traffic(0, "--app", "echosub"));
    whole(result.traffic.app);
    expect(result).toMatchObject({ total_pass: WORKSPACES, total_fail: 0 });
  });

  it.each([[[]], [["--app", "echo"]], [["--app", "echosub"]]])(
    "a workspace proxy, %j: none of it passes through coderd",
    async (flags) => {
      const busy = coderdMs();
      const result = await on(() => traffic(0, ...proxied(), ...flags));
      whole(result.traffic.total);
      expect(result).toMatchObject({ total_pass: WORKSPACES, total_fail: 0, outcome: { orphans: 0 } });
      // API calls only: 4 ms each; 240 messages of coderd's own would be 2.4 ms more.
      const calls = (coderdMs() - busy) / (own.deployment.model.options.requestMs / 1_000);
      expect(Math.abs(calls - Math.round(calls))).toBeLessThan(0.01);
    },
  );

  it("a workspace proxy's connections come back by --reconnect, and the gaps are measured", async () => {
    const { result, code } = await on(() =>
      disturbed(
        () => {
          own.deployment.connections.drop(1);
        },
        ...proxied(),
        "--reconnect",
        "--duration",
        "5s",
      ),
    );
    expect(code).toBe(1);
    expect(result.traffic.total.connections).toMatchObject({ dropped: WORKSPACES, reconnected: WORKSPACES });
    const { count, max } = result.traffic.reconnect_ms;
    expect(count).toBe(WORKSPACES);
    // The first pause is from 125 to 250 ms; on a busy machine opening takes its time.
    expect(max).toBeGreaterThan(125);
    expect(max).toBeLessThan(5_000);
    expect(result.traffic.total.ticks.missed).toBeGreaterThan(0);
    expect(result.traffic.total.bytes.extra).toBe(0);
  });

  it("what is no proxy of the deployment's is refused before any load", async () => {
    const elsewhere = await on(() => run(args("--workspace-proxy-url", "http://127.0.0.1:1"), env()));
    expect(elsewhere.code).toBe(3);
    expect(elsewhere.stderr).toContain(`is no workspace proxy of this deployment; it has ${own.proxyUrl}`);
    const none = await run(args("--workspace-proxy-url", "http://127.0.0.1:1"), env());
    expect(none.code).toBe(3);
    expect(none.stderr).toContain("this deployment has no workspace proxies");
    const nowhere = await run(args("--app", "echosub"), env());
    expect(nowhere.code).toBe(3);
    expect(nowhere.stderr).toContain("has no wildcard host for apps");
  });

  it("a gap is as long as the server was away", async () => {
    const { result } = await on(() =>
      disturbed(() => own.deployment.restart(1_500), "--reconnect", "--duration", "7s"),
    );
    const { count, max } = result.traffic.reconnect_ms;
    expect(count).toBe(WORKSPACES);
    expect(max).toBeGreaterThan(1_500);
    expect(max).toBeLessThan(6_000);
    expect(result.traffic.total.connections).toMatchObject({ dropped: WORKSPACES, reconnected: WORKSPACES });
    // A tenth of a second's ticks a workspace for as long as it was away, and no fewer.
    expect(result.traffic.total.ticks.missed).toBeGreaterThanOrEqual(WORKSPACES * 15);
  });
});

describe("what goes wrong is reported, and with its number", () => {
  it("wrong bytes", async () => {
    let damaged = 0;
    const { faults } = sandbox.deployment;
    const original = faults.echo.bind(faults);
    const { result, code } = await disturbed(() => {
      faults.echo = (bytes) => {
        if (damaged >= 7 || bytes.length !== 1_024) return bytes;
        damaged++;
        const copy = Buffer.from(bytes);
        copy[500] = (copy[500] ?? 0) ^ 1;
        return copy;
      };
    });
    faults.echo = original;
    expect(code).toBe(1);
    expect(result.traffic.total.ticks).toMatchObject({ wrong: 7, lost: 0 });
    expect(result.traffic.total.bytes).toEqual({ lost: 0, wrong: 7, extra: 0 });
    expect(result.errors_by_cause[0]?.id).toBe("pty_wrong");
  });

  it("missing bytes", async () => {
    let cut = 0;
    const { faults } = sandbox.deployment;
    const original = faults.echo.bind(faults);
    const { result, code } = await disturbed(() => {
      faults.echo = (bytes) => {
        if (cut >= 5 || bytes.length !== 1_024) return bytes;
        cut++;
        return bytes.subarray(0, 512);
      };
    });
    faults.echo = original;
    expect(code).toBe(1);
    expect(result.traffic.total.ticks).toMatchObject({ wrong: 0, lost: 5 });
    expect(result.traffic.total.bytes).toEqual({ lost: 5 * 512, wrong: 0, extra: 0 });
    expect(result.errors_by_cause[0]?.id).toBe("pty_lost");
  });

  it("a server that is frozen for two seconds: two seconds at most, and all ticks of that time late", async () => {
    const { result, code } = await disturbed(
      async () => {
        sandbox.deployment.faults.set({ frozen: true });
        await wait(2_000);
        sandbox.deployment.faults.set({ frozen: false });
      },
      "--duration",
      "6s",
    );
    expect(code).toBe(0);
    const { ticks, round_trip_ms: trip } = result.traffic.total;
    expect(ticks).toMatchObject({ due: WORKSPACES * 60, echoed: WORKSPACES * 60, missed: 0 });
    expect(trip.max).toBeGreaterThan(1_900);
    expect(trip.max).toBeLessThan(2_400);
    // A third of the ticks are due in the freeze, evenly: the longest twentieth of all are its longest 15 %.
    expect(trip.p95).toBeGreaterThan(1_550);
    expect(trip.p95).toBeLessThan(2_000);
    expect(trip.p50).toBeLessThan(100);
  });

  it("a quarter of the connections that is lost, without and with --reconnect", async () => {
    // One that has no other connections: a share is of all that are held.
    const before = sandbox;
    await prepared();
    const lost = WORKSPACES / 4;
    let dropped = 0;
    const drop = () => {
      dropped = sandbox.deployment.connections.drop(0.25);
    };
    const first = await disturbed(drop);
    expect(dropped).toBe(lost);
    expect(first.code).toBe(1);
    expect(first.result.traffic.total.connections).toMatchObject({
      opened: WORKSPACES,
      dropped: lost,
      reconnected: 0,
    });
    expect(first.result).toMatchObject({ total_fail: lost, total_pass: WORKSPACES - lost });
    expect(first.result.errors_by_cause).toMatchObject([{ id: "pty_dropped", count: lost }]);
    // A socket that is gone shows as a reset or as an end, by what was under way.
    expect(total(first.result.traffic.drops)).toBe(lost);
    // What they were still to send is missed, not forgotten.
    const { due, sent, missed } = first.result.traffic.total.ticks;
    expect(due).toBe(WORKSPACES * 30);
    expect(missed).toBe(due - sent);
    expect(missed).toBeGreaterThan(lost * 10);

    const second = await disturbed(drop, "--reconnect");
    expect(second.code).toBe(1);
    expect(second.result.traffic.total.connections).toMatchObject({ dropped: lost, reconnected: lost });
    expect(second.result.traffic.reconnect_ms.count).toBe(lost);
    expect(second.result.traffic.total.ticks.missed).toBeLessThan(lost * 10);
    expect(second.result.traffic.total.bytes.extra).toBe(0);
    await sandbox.close();
    sandbox = before;
  });

  it("a replica that leaves, and comes back: what it held is told, and opened again at the others", async () => {
    const before = sandbox;
    sandbox = await startSandbox({ workspaces: WORKSPACES, model: { replicas: 4 } });
    const lost = WORKSPACES / 4;
    const faults = (body: unknown) =>
      fetch(`${sandbox.url}/sandbox/faults`, { method: "POST", body: JSON.stringify(body) }).then(
        (answer) => answer.json() as Promise<{ dropped: number }>,
      );
    let dropped = 0;
    const { result, code } = await disturbed(
      async () => {
        dropped = (await faults({ replicaLeaves: 1 })).dropped;
        await wait(1_000);
        await faults({ replicaReturns: 1 });
      },
      "--reconnect",
      "--duration",
      "5s",
    );
    // Connections are dealt in turn, requests between them too: a quarter, give or take.
    expect(dropped).toBeGreaterThan(0);
    expect(dropped).toBeLessThan(2 * lost + 1);
    expect(code).toBe(1);
    expect(result.traffic.total.connections).toMatchObject({ dropped, reconnected: dropped });
    expect(result.traffic.reconnect_ms.count).toBe(dropped);
    // Cut off in the midst of a tick's bytes, or between two: a reset, or a stream that ends without a close frame.
    for (const { code } of result.traffic.drops) expect(code).toMatch(/^(1006|ECONNRESET)$/);
    expect(total(result.traffic.drops)).toBe(dropped);
    expect(result.errors_by_cause).toMatchObject([
      { id: "pty_dropped", cause: "web terminal: connection dropped", count: dropped },
    ]);
    expect(sandbox.deployment.model.replicas[1]?.present).toBe(true);
    await sandbox.close();
    sandbox = before;
  });

  it("all of it in one run: wrong bytes, a freeze of two seconds, a quarter lost; each with its number", async () => {
    const before = sandbox;
    await prepared();
    const { faults, connections } = sandbox.deployment;
    const lost = WORKSPACES / 4;
    let damaged = 0;
    const original = faults.echo.bind(faults);
    const { result, code } = await disturbed(
      async () => {
        faults.echo = (bytes) => {
          if (damaged >= 7 || bytes.length !== 1_024) return original(bytes);
          damaged++;
          const copy = Buffer.from(bytes);
          copy[500] = (copy[500] ?? 0) ^ 1;
          return copy;
        };
        while (damaged < 7) await wait(10);
        faults.set({ frozen: true });
        await wait(2_000);
        faults.set({ frozen: false });
        await wait(1_000);
        connections.drop(0.25);
      },
      "--duration",
      "8s",
    );
    faults.echo = original;
    expect(code).toBe(1);
    const { total } = result.traffic;
    expect(total.ticks).toMatchObject({ due: WORKSPACES * 80, wrong: 7 });
    expect(total.bytes).toMatchObject({ wrong: 7, extra: 0 });
    expect(total.connections).toMatchObject({ opened: WORKSPACES, dropped: lost, reconnected: 0 });
    expect(total.ticks.missed).toBe(total.ticks.due - total.ticks.sent);
    expect(total.ticks.missed).toBeGreaterThan(lost * 20);
    expect(total.ticks.echoed + total.ticks.wrong + total.ticks.lost).toBe(total.ticks.sent);
    expect(total.round_trip_ms.max).toBeGreaterThan(1_900);
    expect(total.round_trip_ms.max).toBeLessThan(2_500);
    const counts = Object.fromEntries(result.errors_by_cause.map(({ id, count }) => [id, count]));
    expect(counts.pty_dropped).toBe(lost);
    expect(Object.values(counts).reduce((sum, count) => sum + count, 0)).toBe(result.total_fail);
    await sandbox.close();
    sandbox = before;
  });

  it("faults as they are set, not as a test makes them: corrupted and cut in shares", async () => {
    sandbox.deployment.faults.set({ echoCorrupted: 0.05 });
    const corrupted = await traffic(1);
    expect(corrupted.traffic.total.ticks.lost).toBe(0);
    expect(corrupted.traffic.total.ticks.wrong).toBeGreaterThan(3);
    expect(corrupted.traffic.total.bytes).toMatchObject({ lost: 0, extra: 0 });
    expect(Object.keys(causesOf(corrupted))).toEqual(["pty_wrong"]);
    sandbox.deployment.faults.set({ echoCorrupted: 0, echoTruncated: 0.05 });
    const cut = await traffic(1);
    expect(cut.traffic.total.ticks).toMatchObject({ wrong: 0 });
    const { ticks, round_trip_ms: trip } = cut.traffic.total;
    expect(ticks.lost).toBeGreaterThan(3);
    // What was lost was waited for: percentiles are not those of survivors.
    expect(trip).toMatchObject({ count: ticks.echoed, unfinished: ticks.lost });
    expect(trip.atLeast).toEqual(expect.arrayContaining(["p99", "max"]));
    expect(Object.keys(causesOf(cut))).toEqual(["pty_lost"]);
  });

  it("an app that is not there, and an agent that is not", async () => {
    const ended = await run(args("--app", "nothing"), env());
    expect(ended).toMatchObject({ code: 3 });
    expect(ended.stderr).toContain('no app "nothing" (there is echo,');
    expect((await run(args("--agent", "gpu"), env())).stderr).toContain('no agent "gpu" (there is main)');
  });

  it("an app behind which nothing listens fails every connection, each with what was said", async () => {
    const result = await traffic(1, "--app", "deadport");
    expect(result.errors_by_cause).toMatchObject([
      { id: "app_refused", cause: "app: refused with status 502", count: WORKSPACES },
    ]);
    expect(result.traffic.total.connections).toMatchObject({ opened: 0, failed: WORKSPACES });
  });

  it("with another's login, apps are the owner's alone", async () => {
    const ended = await run(args("--app", "echo", "--use-host-login"), env());
    expect(ended.code).toBe(3);
    expect(ended.stderr).toContain("not yours");
  });
});

describe("the generator tells on itself", () => {
  it("late for five seconds: the result is invalid, and the exit code 4", async () => {
    const result = await traffic(4, "--duration", "8s", "--late-limit", "20ms", "--inject-lateness", "40ms");
    expect(result.outcome.verdict).toBe("invalid");
    expect(result.outcome.summary).toMatch(
      /^invalid: only \d of \d measured seconds count; the first at 00:0\d: messages were sent up to .* late/,
    );
    expect(result.traffic.total.generator.valid).toBe(false);
  });

  it("ticks that it skips make it invalid, too", async () => {
    const result = await traffic(4, "--inject-lateness", "1500ms");
    expect(result.outcome.summary).toMatch(
      /only \d of \d measured seconds count; the first at .*: \d+ messages were not sent, for this machine came too late/,
    );
    const { due, sent, missed } = result.traffic.total.ticks;
    expect(due).toBe(sent + missed);
  });
});

describe("the end", () => {
  it("by a stop revokes the tokens and keeps the partial result", async () => {
    const before = ownTokens().length;
    const line = new CommandLine(args("--duration", "60s"), env());
    await line.until(/measured for/);
    await wait(1_500);
    line.child.kill("SIGINT");
    const { code, stdout } = await line.ended;
    expect(code).toBe(130);
    const result = JSON.parse(stdout) as Result;
    expect(result.traffic.total.ticks.echoed).toBeGreaterThan(0);
    expect(result.traffic.measured_ms).toBeLessThan(20_000);
    expect(ownTokens().length).toBe(before);
    removeFolder(line.home);
  });

  it("by a kill leaves tokens that runs clean revokes", async () => {
    const before = ownTokens().length;
    const line = new CommandLine(args("--duration", "60s"), env());
    await line.until(/measured for/);
    // Of each owner one to work with, and the lease.
    expect(ownTokens().length).toBe(before + 2 * WORKSPACES);
    process.kill(runnerPid(line.home), "SIGKILL");
    await line.ended;
    const cleaned = await new CommandLine(["runs", "clean", "--all", "--yes"], env(), line.home).ended;
    expect({ code: cleaned.code, stderr: cleaned.code === 0 ? "" : cleaned.stderr }).toEqual({
      code: 0,
      stderr: "",
    });
    expect(ownTokens().length).toBe(before);
    removeFolder(line.home);
  });

  it("metrics are told while it goes on, by Coder's own names", async () => {
    const line = new CommandLine(
      args(
        ...["--scaletest-prometheus-address", "127.0.0.1:0", "--scaletest-prometheus-wait", "0s"],
        ...["--duration", "60s"],
      ),
      env(),
    );
    const [, port] = await line.until(/metrics for Prometheus at port (\d+)/);
    await waitFor(async () => {
      const page = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
      expect(page).toMatch(
        /coderd_scaletest_bytes_read_total\{username="scaletest-[^"]*",workspace_name="scaletest-[^"]*",agent_name="main"\} [1-9]/,
      );
      expect(page).toMatch(/coderd_scaletest_round_trip_seconds_count\{transport="pty"\} [1-9]/);
      expect(page).toContain(`coderd_scaletest_connections{state="active"} ${WORKSPACES}`);
      expect(page).toContain('coderd_scaletest_ticks_missed_total{transport="pty"} 0');
    });
    line.child.kill("SIGINT");
    expect((await line.ended).code).toBe(EXIT.interrupted);
    removeFolder(line.home);
  });
});
