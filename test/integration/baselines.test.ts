import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type RunResult, runResultSchema } from "../../src/protocol/result.ts";
import { type Sandbox, startSandbox } from "../../src/sandbox/server.ts";
import { envOf } from "./deployed.ts";
import { CommandLine, type Ended, eventually, processesOf, removeFolder } from "./product.ts";

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
  removeFolder(folder);
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
const folderOf = (id: string) => path.join(home, "runs", runs().find((name) => name.endsWith(id)) ?? "");

/** The first run as it would have been on other days, a little slower and faster: six runs take long. */
function otherDays(): void {
  const [first = ""] = runs();
  for (const [at, factor] of [0.98, 1.01, 0.99, 1.02].entries()) {
    const id = `other${at}ab`;
    const own = path.join(home, "runs", first.replace(/\w{8}$/, id));
    mkdirSync(own);
    const put = (file: string, changes: (json: Record<string, unknown>) => object) => {
      const json = JSON.parse(readFileSync(path.join(home, "runs", first, file), "utf8"));
      writeFileSync(path.join(own, file), JSON.stringify({ ...json, ...changes(json) }));
    };
    put("run.json", ({ createdAt }) => ({ id, createdAt: Number(createdAt) - 1_000 * (at + 1) }));
    put("summary.json", () => ({ id }));
    put("result.json", ({ metrics }) => ({
      run_id: id,
      metrics: scaled(metrics as RunResult["metrics"], factor),
    }));
  }
}

function scaled(metrics: RunResult["metrics"] = {}, factor: number): object {
  const durations = Object.entries(metrics).map(([name, metric]) => {
    if (metric.kind !== "duration") return [name, metric];
    const series = metric.series.map((one) =>
      Object.fromEntries(
        Object.entries(one).map(([figure, value]) =>
          /^(p\d+|mean)$/.test(figure) ? [figure, Number(value) * factor] : [figure, value],
        ),
      ),
    );
    return [name, { ...metric, series }];
  });
  return Object.fromEntries(durations);
}

const SCENARIO = `name: nightly
template: kubernetes
steps:
  - create: { count: 4, concurrency: 0, ssh: false }
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

  it("says so where one earlier run of a moment cannot show it, by a result that was kept as a file", async () => {
    await deployed(300);
    const file = path.join(folder, "kept.json");
    copyFileSync(path.join(home, "runs", runs()[0] ?? "", "result.json"), file);
    const ended = await create("--baseline", file);
    const { baseline, outcome } = resultOf(ended);
    expect([ended.code, outcome.verdict]).toEqual([0, "passed"]);
    expect(baseline).toMatchObject({
      asked: file,
      run: runs()[0]?.slice(-8),
      earlier: 1,
      state: "not_enough",
    });
    expect(outcome.summary).toContain(
      "; not enough data: nothing of this run can show whether it is worse than run ",
    );
    // It is no earlier run of the tests below.
    rmSync(folderOf(resultOf(ended).run_id), { recursive: true });
  });

  it("exits with 99 where it is worse, also where nobody watches it, by the noise of all earlier runs", async () => {
    otherDays();
    await deployed(900);
    const { code, stdout } = await cli([...CREATE, "--count", "30", "--baseline", "last-passed", "--detach"]);
    expect(code).toBe(0);
    const id = stdout.trim();
    await eventually("the run is over", () => readdirSync(folderOf(id)).includes("summary.json"));
    const result = runResultSchema.parse(
      JSON.parse(readFileSync(path.join(folderOf(id), "result.json"), "utf8")),
    );
    expect(result.outcome).toMatchObject({ verdict: "failed", exitCode: 99 });
    expect(result.outcome.summary).toMatch(/^worse than run \w{8}: .* was .*99 % sure of \+\d+ % or more\)/);
    expect(result.baseline?.earlier).toBe(5);

    const text = await cli(["runs", "show", id]);
    expect(text.stdout).toMatch(/^Baseline: worse than run \w{8}: /m);
    expect(text.stdout).toMatch(
      /^ {2}✗ Provision mean \S+, was \S+ \(\+\d+ %, 99 % sure of \+\d+ % or more\)$/m,
    );
    expect(text.stdout).toContain("noise between runs: of 5 earlier runs");
    const { stdout: junit } = await cli(["runs", "export", id, "--output", "junit"]);
    expect(junit).toMatch(
      /<testcase name="baseline last-passed"[^>]*>\s*<failure type="baseline" message="worse than run/,
    );
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
    await deployed(100);
    const file = path.join(folder, "nightly.scaletest.yaml");
    writeFileSync(file, SCENARIO);
    const first = await cli(["run", file, "--output", "json"]);
    expect(first.stderr).toContain("nothing to compare this run with: the last that has passed, ");
    expect(first.stderr).toContain(
      "was another test: steps: create (create-workspaces), was create-workspaces",
    );
    const second = resultOf(await cli(["run", file, "--output", "json"]));
    expect(second.baseline).toMatchObject({ asked: "last-passed", run: resultOf(first).run_id, earlier: 1 });
    const other = await cli(["run", file, "--baseline", second.run_id, "--set", "steps.create.count=5"]);
    expect([other.code, other.stderr]).toEqual([
      3,
      expect.stringContaining(`baseline ${second.run_id} was another test: count: 5, was 4`),
    ]);
  });
});
