import { existsSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { runResultSchema } from "../../src/protocol/result.ts";
import { type Sandbox, startSandbox } from "../../src/sandbox/server.ts";
import { envOf } from "./deployed.ts";
import { CommandLine, type Ended, eventually, processesOf, removeFolder, runFolder } from "./product.ts";

let folder: string;
let home: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), "scaletest-files-"));
  home = path.join(folder, "home");
});
afterEach(async () => {
  await eventually("no process is left", () => processesOf(home).length === 0, 20_000);
  removeFolder(folder);
});

function file(name: string, text: string): string {
  const full = path.join(folder, name);
  writeFileSync(full, text);
  return full;
}

function cli(args: readonly string[], env: Record<string, string | undefined> = {}): Promise<Ended> {
  return new CommandLine(args, env, home).ended;
}

/** The example of the documentation, smaller. Its first threshold cannot be met. */
const NINE = `name: Tuesday, nine o'clock
template: all-parameters
parameters: { region: eu }
steps:
  - create:  { count: 200, concurrency: 0, ssh: false }
  - traffic: { over: terminal, rate: 10KB/s, share: 50%, late-limit: 1m }
    ramp: 200ms
    hold: 10m
    name: terminals
  - traffic: { over: ssh, rate: 10KB/s, share: 50%, late-limit: 1m }
    with: terminals
  - run: { shell: echo drill > drill.txt }
    at: terminals + 500ms
thresholds:
  - round_trip{step=terminals}.p95 < 1us
  - connections.dropped_rate < 1%
  - queue{step=create}.p99 < 2m
  - failures.rate < 0.5% after 1s abort
`;
const SMALL = ["--set", "steps.create.count=4", "--set", "steps.terminals.hold=1s"];

describe("a scenario from the command line", () => {
  it("runs its steps on a sandbox, breaks the right threshold, exits with 99 and leaves nothing", async () => {
    const nine = file("nine.scaletest.yaml", NINE);
    const { code, stdout } = await cli([
      "run",
      nine,
      "--sandbox",
      "--allow-run",
      ...SMALL,
      "--output",
      "json",
    ]);
    expect(code).toBe(99);
    const result = runResultSchema.parse(JSON.parse(stdout));
    expect(result.outcome).toMatchObject({ verdict: "failed", failed: 0, orphans: 0 });
    expect(result.outcome.summary).toMatch(/^threshold broken: Round trip p95 \(terminals\) /);
    expect(result.thresholds.map(({ state }) => state)).toEqual(["broken", "met", "met", "met"]);
    // Both steps have half of the workspaces, at the same time.
    const { create, terminals, traffic } = result.steps ?? {};
    expect([create, terminals, traffic].map((step) => step?.summary)).toEqual([
      "4 succeeded, 0 failed",
      expect.stringMatching(/^threshold broken: .*; 2 succeeded, 0 failed$/),
      "2 succeeded, 0 failed",
    ]);
    expect(traffic?.begun_ms ?? 0).toBeLessThan(terminals?.ended_ms ?? 0);
    expect(Math.abs((traffic?.ended_ms ?? 0) - (terminals?.ended_ms ?? 0))).toBeLessThan(2_000);
    // Beside the file, where the command line was not.
    expect(readFileSync(path.join(folder, "drill.txt"), "utf8")).toContain("drill");
    const kept = readFileSync(path.join(runFolder(home), "scenario.yaml"), "utf8");
    expect(kept).toMatch(/count: "?4"?/);
    expect(kept).toContain("name: Tuesday, nine o'clock");
  });

  it("is checked and shown without a deployment, with the place of what is wrong", async () => {
    const nine = file("nine.scaletest.yaml", NINE);
    const wrong = file("wrong.scaletest.yaml", NINE.replace("hold: 10m", "hold: 600"));
    const valid = await cli(["validate", nine]);
    expect([valid.code, valid.stdout]).toEqual([
      0,
      `${nine}: nothing is wrong; steps: create, terminals, traffic, run\n`,
    ]);
    const faulty = await cli(["validate", nine, wrong]);
    expect([faulty.code, faulty.stdout.split("\n")[1]]).toEqual([
      2,
      `${wrong}:8:11: error: hold has no unit; write 600s or 600ms`,
    ]);
    const json = await cli(["validate", wrong, "--format", "json"]);
    expect([json.code, JSON.parse(json.stdout)]).toMatchObject([
      2,
      {
        files: [
          { file: wrong, problems: [{ severity: "error", range: { start: { line: 7, column: 10 } } }] },
        ],
      },
    ]);
    // Nothing is run where one of the files is wrong.
    const refused = await cli(["run", nine, wrong, "--sandbox"]);
    expect(refused.code).toBe(2);
    expect(refused.stderr).toMatch(/wrong\.scaletest\.yaml:8:11: error: .*\n.*nothing was run: fix .*wrong/);
    const plan = await cli(["run", nine, "--plan", ...SMALL]);
    expect(plan.code).toBe(0);
    expect(plan.stdout).toMatch(/^Tuesday, nine o'clock\n\ncreate +│░+ *│ 4 workspaces\nterminals +│ +▁?/);
  });

  it("says what a file may not decide: who gets the session, deletions, and where results go", async () => {
    const elsewhere = file("elsewhere.scaletest.yaml", `deployment: https://evil.example.com\n${NINE}`);
    const sandbox = {
      CODER_URL: "http://127.0.0.1:9",
      CODER_SESSION_TOKEN: "aaaaaaaaaa-bbbbbbbbbbbbbbbbbbbbbb",
    };
    const refused = await cli(["run", elsewhere, "--allow-run"], sandbox);
    expect([refused.code, refused.stderr]).toEqual([
      3,
      expect.stringContaining(
        "is meant for https://evil.example.com, and the session is of http://127.0.0.1:9: pass --url",
      ),
    ]);
    const unallowed = await cli(["run", file("nine.scaletest.yaml", NINE), "--sandbox"]);
    expect([unallowed.code, unallowed.stderr]).toEqual([
      3,
      expect.stringMatching(/step "run" of .* runs a program on this machine \(echo drill > drill\.txt\)/),
    ]);
    expect(existsSync(path.join(folder, "drill.txt"))).toBe(false);
    const removing = file("removing.scaletest.yaml", "steps:\n  - cleanup: {}\n");
    const unasked = await cli(["run", removing], sandbox);
    expect([unasked.code, unasked.stderr]).toEqual([3, expect.stringContaining("pass --yes to allow that")]);
    const shared = await cli(
      ["run", elsewhere, removing, "--yes", "--output", `json:${folder}/x.json`],
      sandbox,
    );
    expect([shared.code, shared.stderr]).toEqual([2, expect.stringContaining("put {file} into its path")]);
  });
});

describe("a scenario with a drill", () => {
  let sandbox: Sandbox;
  beforeEach(async () => {
    sandbox = await startSandbox({
      buildTimeMs: [50, 100],
      deleteTimeMs: [50, 100],
      daemons: 10,
      model: { replicas: 2 },
    });
  });
  afterEach(() => sandbox.close());

  it("counts what a replica takes with it, breaks that threshold alone, and leaves nothing", async () => {
    const leave = `fetch("${sandbox.url}/sandbox/faults", { method: "POST", body: '{"replicaLeaves":1}' })`;
    const drill = file(
      "drill.scaletest.yaml",
      `name: A replica leaves
steps:
  - create:  { template: kubernetes, count: 20, concurrency: 0, ssh: false }
  - traffic: { over: terminal, rate: 1KB/s, late-limit: 1m }
    name: terminals
    ramp: 500ms
    hold: 4s
  - run: { args: [${JSON.stringify(process.execPath)}, -e, ${JSON.stringify(leave)}] }
    name: drill
    at: terminals + 1s
thresholds:
  - connections{step=terminals}.dropped_rate < 1%
  - program.max < 30s
  - failures{step=create}.rate < 1%
`,
    );
    const { code, stdout, stderr } = await cli(
      ["run", drill, "--allow-run", "--output", "json"],
      envOf(sandbox),
    );
    expect([code, stderr]).toEqual([99, expect.anything()]);
    const { outcome, thresholds, steps } = runResultSchema.parse(JSON.parse(stdout));
    expect(thresholds.map(({ state }) => state)).toEqual(["broken", "met", "met"]);
    expect(steps?.drill).toMatchObject({ state: "done" });
    expect(steps?.terminals?.traffic).toMatchObject({
      total: { connections: { opened: 20, dropped: 10, failed: 0 } },
    });
    expect(outcome).toMatchObject({ verdict: "failed", exitCode: 99, orphans: 0 });
  });
});

describe("several scenarios", () => {
  let sandbox: Sandbox;
  beforeEach(async () => {
    sandbox = await startSandbox({ buildTimeMs: [50, 100], deleteTimeMs: [50, 100] });
  });
  afterEach(() => sandbox.close());

  it("run one after the other, each with its result, and exit with the worst of their codes", async () => {
    const one = (limit: string) =>
      `steps:\n  - create: { count: 2, concurrency: 0, ssh: false, template: kubernetes }\nthresholds: [ready.p95 < ${limit}]\nlimits: { workspaces: 2 }\n`;
    const files = [file("a.scaletest.yaml", one("1us")), file("b.scaletest.yaml", one("5m"))];
    const output = ["--output", `json:${folder}/{file}.json`];
    const { code } = await cli(["run", ...files, ...output], envOf(sandbox));
    expect(code).toBe(99);
    const results = ["a", "b"].map((name) =>
      runResultSchema.parse(JSON.parse(readFileSync(path.join(folder, `${name}.json`), "utf8"))),
    );
    expect(results.map(({ outcome }) => [outcome.exitCode, outcome.orphans])).toEqual([
      [99, 0],
      [0, 0],
    ]);
  });
});
