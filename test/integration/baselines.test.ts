import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type RunResult, runResultSchema } from "../../src/protocol/result.ts";
import { type Sandbox, startSandbox } from "../../src/sandbox/server.ts";
import { envOf } from "./deployed.ts";
import { CommandLine, type Ended, eventually, processesOf } from "./product.ts";

let folder: string;
let home: string;
let sandbox: Sandbox | undefined;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), "scaletest-baselines-"));
  home = path.join(folder, "home");
});
afterEach(() => sandbox?.close());
afterAll(async () => {
  await eventually("no process is left", () => processesOf(home).length === 0, 20_000);
  rmSync(folder, { recursive: true, force: true });
});

/** Builds take so long, all of them at the same time. */
async function deployed(buildMs: number): Promise<void> {
  const times = { buildTimeMs: [buildMs, buildMs], deleteTimeMs: [20, 20] } as const;
  sandbox = await startSandbox({
    daemons: 60,
    buildTimeMs: [...times.buildTimeMs],
    deleteTimeMs: [...times.deleteTimeMs],
  });
}

function cli(args: readonly string[]): Promise<Ended> {
  return new CommandLine(args, sandbox ? envOf(sandbox) : {}, home).ended;
}

const CREATE = ["create-workspaces", "--template", "kubernetes", "--no-ssh", "--concurrency", "0"];
const create = (...more: string[]) => cli([...CREATE, "--count", "30", "--output", "json", ...more]);
const resultOf = ({ stdout }: Ended): RunResult => runResultSchema.parse(JSON.parse(stdout));
const runs = () => readdirSync(path.join(home, "runs"));
const provision = ({ baseline }: RunResult) =>
  baseline?.figures.find(({ metric, figure }) => metric === "provision" && figure === "mean");

const SCENARIO = `name: nightly
template: kubernetes
steps:
  - create: { count: 30, concurrency: 0, ssh: false }
baseline: last-passed
`;

describe("a run with a baseline", () => {
  it("is the first of its test: there is nothing to compare it with, which is said, and it is run", async () => {
    await deployed(300);
    const ended = await create("--baseline", "last-passed");
    expect(ended.code).toBe(0);
    expect(ended.stderr).toContain(
      "warning: no run of this test has passed yet: there is nothing to compare",
    );
    expect(resultOf(ended).baseline).toBeUndefined();
    expect(resultOf(ended).test?.steps[0]?.config).toMatchObject({ count: 30 });
  });

  it("passes where it is as good, and says so, with what it is compared with", async () => {
    await deployed(300);
    const ended = await create("--baseline", "last-passed");
    const result = resultOf(ended);
    expect([ended.code, result.outcome.verdict]).toEqual([0, "passed"]);
    expect(result.baseline).toMatchObject({ asked: "last-passed", run: runs()[0]?.slice(-8), earlier: 1 });
    expect(result.outcome.summary).toContain(`; no worse than run ${result.baseline?.run}: `);
    expect(provision(result)?.state).toBe("same");
  });

  it("exits with 99 where it is worse, also where nobody watches it, and by the noise of both earlier runs", async () => {
    await deployed(600);
    const { code, stdout } = await cli([...CREATE, "--count", "30", "--baseline", "last-passed", "--detach"]);
    expect(code).toBe(0);
    const id = stdout.trim();
    const own = path.join(home, "runs", runs().find((name) => name.endsWith(id)) ?? "");
    await eventually("the run is over", () => readdirSync(own).includes("summary.json"));
    const result = runResultSchema.parse(JSON.parse(readFileSync(path.join(own, "result.json"), "utf8")));
    expect(result.outcome).toMatchObject({ verdict: "failed", exitCode: 99 });
    expect(result.outcome.summary).toMatch(/^worse than run \w{8}: .* was .*99 % sure of \+\d+ % or more\)/);
    expect(result.baseline?.earlier).toBe(2);
    expect(provision(result)).toMatchObject({ state: "worse", metric: "provision" });

    const text = await cli(["runs", "show", id]);
    expect(text.stdout).toMatch(/^Baseline: worse than run \w{8}: /m);
    expect(text.stdout).toMatch(
      /^ {2}✗ Provision mean 6\d\dms, was 3\d\dms \(\+\d+ %, 99 % sure of \+\d+ % or more\)$/m,
    );
    expect(text.stdout).toContain("noise between runs: of 2 earlier runs");
    const { stdout: junit } = await cli(["runs", "export", id, "--output", "junit"]);
    expect(junit).toMatch(
      /<testcase name="baseline last-passed"[^>]*>\s*<failure type="baseline" message="worse than run/,
    );
    const { stdout: github } = await cli(["runs", "export", id, "--output", "github"]);
    expect(github).toMatch(/^::error title=Baseline last-passed::worse than run/m);
  });

  it("is held against a result that was kept as a file, and against a run by its id", async () => {
    await deployed(300);
    const [first = ""] = runs();
    const file = path.join(folder, "kept.json");
    copyFileSync(path.join(home, "runs", first, "result.json"), file);
    const byFile = resultOf(await create("--baseline", file));
    expect(byFile.baseline).toMatchObject({ asked: file, run: first.slice(-8), state: "same" });
    const byId = resultOf(await create("--baseline", first.slice(-8)));
    expect(byId.baseline?.run).toBe(first.slice(-8));
    expect(byId.baseline?.earlier).toBe(3);
  });

  it("is refused before it begins where the baseline cannot be had or was another test", async () => {
    await deployed(300);
    const before = runs();
    const file = path.join(folder, "none.json");
    writeFileSync(file, "{}");
    const [first = ""] = before;
    const id = first.slice(-8);
    for (const [asked, count, sentence] of [
      ["abcdefgh", "30", /baseline abcdefgh cannot be had: .*abcdefgh has no result of a run/],
      [file, "30", /cannot be had: .*none\.json is no result of a run: that is what --output json writes/],
      [id, "20", new RegExp(`baseline ${id} was another test: count: 20, was 30`)],
    ] as const) {
      const ended = await cli([...CREATE, "--count", count, "--baseline", asked]);
      expect([ended.code, ended.stderr.trim().split("\n").length]).toEqual([3, 1]);
      expect(ended.stderr).toMatch(sentence);
    }
    expect(runs()).toEqual(before);
  });

  it("has it in its scenario's file; what differs from the last that has passed is said", async () => {
    await deployed(300);
    const file = path.join(folder, "nightly.scaletest.yaml");
    writeFileSync(file, SCENARIO);
    const first = await cli(["run", file, "--output", "json"]);
    expect(first.stderr).toContain("nothing to compare this run with: the last that has passed, ");
    expect(first.stderr).toContain(
      "was another test: steps: create (create-workspaces), was create-workspaces",
    );
    const second = resultOf(await cli(["run", file, "--output", "json"]));
    expect(second.baseline).toMatchObject({ asked: "last-passed", run: resultOf(first).run_id });
    const other = await cli(["run", file, "--output", "json", "--set", "steps.create.count=10"]);
    expect(other.stderr).toContain("was another test: count: 10, was 30");
    expect(resultOf(other).baseline).toBeUndefined();
  });
});
