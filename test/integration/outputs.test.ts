import { mkdtempSync, readdirSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { parse } from "csv-parse/sync";
import { parse as parseJunit, type TestSuites } from "junit2json";
import { afterAll, beforeAll, expect, it } from "vitest";
import { FORMATS } from "../../src/cli/outputs.ts";
import { type Deployed, deploy, dismantle, envOf } from "./deployed.ts";
import { CommandLine, type Ended, removeFolder, runFolder } from "./product.ts";

/** One small run with everything that can be written of it, and the same again from its folder. */

let deployed: Deployed;
let folder: string;
let ended: Ended;
let run: string;
beforeAll(async () => {
  deployed = await deploy({ buildTimeMs: [50, 100], deleteTimeMs: [50, 100], daemons: 20 });
  folder = mkdtempSync(path.join(tmpdir(), "scaletest-outputs-"));
  const limits = ["--threshold", "failures.rate<1%", "--threshold", "ready.p95<1ms"];
  ended = await cli([...CREATE, "--count", "2", ...limits, ...outputsAs("run")], {
    GITHUB_STEP_SUMMARY: file("summary.md"),
  });
  run = path.basename(runFolder(deployed.home)).slice(-8);
});
afterAll(async () => {
  await dismantle(deployed);
  removeFolder(folder);
});

const CREATE = ["create-workspaces", "--template", "kubernetes", "--no-ssh", "--no-wait-for-agents"];
const file = (name: string) => path.join(folder, name);
const read = (name: string) => readFileSync(file(name), "utf8");
const outputsAs = (name: string) =>
  FORMATS.flatMap((one) => ["--output", `${one}:${file(`${name}.${one}`)}`]);
const cli = (args: readonly string[], env: Record<string, string> = {}): Promise<Ended> =>
  new CommandLine(args, { GITHUB_STEP_SUMMARY: undefined, ...envOf(deployed.sandbox), ...env }, deployed.home)
    .ended;

async function testsIn(name: string) {
  const { testsuite = [] } = (await parseJunit(read(name))) as TestSuites;
  return testsuite.flatMap(({ testcase = [] }) =>
    testcase.map((one) => [one.name, one.failure ? "failure" : one.error ? "error" : "passed"]),
  );
}

it("a run writes all its outputs at once", async () => {
  expect(ended).toMatchObject({ code: 99, stdout: "" });
  expect(read("run.text")).toMatch(/^Run \w{8}: failed in /);
  expect(JSON.parse(read("run.json"))).toMatchObject({ run_id: run, total_runs: 2 });
  expect(await testsIn("run.junit")).toEqual([
    ["verdict", "failure"],
    ["failures.rate<1%", "passed"],
    ["ready.p95<1ms", "failure"],
    ["nothing left behind", "passed"],
  ]);
  const rows = parse(read("run.csv"), { columns: true }) as Record<string, string>[];
  expect(rows.map(({ workspace, state }) => [workspace, state])).toEqual([
    [`scaletest-${run}-0`, "succeeded"],
    [`scaletest-${run}-1`, "succeeded"],
  ]);
  expect(read("run.seconds-csv")).toMatch(/^second,measured,invalid,jobs_/);
  expect(read("run.html")).toMatch(
    /^<!DOCTYPE html>[\s\S]*<script id="run" type="application\/json">\{"format":"coder-scaletest-report"/,
  );
  expect(read("run.github")).toMatch(new RegExp(`^::error title=Scale test ${run}%3A failed::`));
  expect(read("summary.md")).toMatch(new RegExp(`^## Scale test ${run}: failed\n`));
  expect(read("run.prometheus-textfile")).toContain(
    `coderd_scaletest_run_jobs{run="${run}",verdict="failed",result="succeeded"} 2\n`,
  );
  // Written in one step: nothing of its making is left beside it.
  expect(readdirSync(folder).filter((name) => name.startsWith("run."))).toHaveLength(FORMATS.length);
});

it("its folder gives the same again, under its id and as the last run", async () => {
  expect(await cli(["runs", "export", "last", ...outputsAs("again")])).toMatchObject({ code: 0, stdout: "" });
  for (const format of FORMATS) expect(read(`again.${format}`), format).toBe(read(`run.${format}`));
  expect(await cli(["runs", "show", run])).toMatchObject({ code: 0, stdout: read("run.text") });
  expect(await cli(["runs", "show", run, "--json"])).toMatchObject({ code: 0, stdout: read("run.json") });
  const report = await cli(["runs", "report", run, "--output", `html:${file("report.html")}`]);
  expect(report).toMatchObject({ code: 0, stdout: `${file("report.html")}\n` });
  expect(read("report.html")).toBe(read("run.html"));
});

it("runs are compared, the earliest first; the last that passed is not the last", async () => {
  expect(await cli(["runs", "show", "last-passed"])).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/no run last-passed/),
  });
  expect(await cli([...CREATE, "--count", "1", "--output", `json:${file("second.json")}`])).toMatchObject({
    code: 0,
  });
  const second = JSON.parse(read("second.json")).run_id;
  const { code, stdout } = await cli(["runs", "compare", "last-passed", run]);
  expect(code).toBe(0);
  expect(stdout).toMatch(/^2 scale tests compared\n {2}A: .*2 .*\n {2}B: .*1 /);
  expect(stdout).toMatch(/^workspaces +2 +1 +−50 %$/m);
  const json = await cli(["runs", "--json", "compare", second, run]);
  expect(JSON.parse(json.stdout).runs).toMatchObject([{ run_id: run }, { run_id: second }]);
  expect(await cli(["runs", "compare", run, run])).toMatchObject({ code: 2 });
});

it("a refusal is written in every format, over what was there", async () => {
  const refused = await cli(["create-workspaces", "--template", "nosuch", ...outputsAs("run")]);
  expect(refused).toMatchObject({ code: 3, stdout: "" });
  expect((await testsIn("run.junit"))[0]).toEqual(["verdict", "error"]);
  expect(read("run.github")).toMatch(/^::error title=Scale test.*refused::no template "nosuch"/);
  expect(read("run.prometheus-textfile")).toMatch(/run_passed\{run="\w*",verdict="refused"\} 0/);
  const before = await cli(["cleanup", "--yes", ...outputsAs("run")], { CODER_URL: "http://127.0.0.1:1" });
  expect(before).toMatchObject({ code: 3 });
  expect((await testsIn("run.junit"))[0]).toEqual(["verdict", "error"]);
  expect(read("run.html")).toMatch(/^<!DOCTYPE html>[\s\S]*cannot reach/);
  expect(read("run.csv")).toMatch(/^index,workspace,state,[^\n]*\r\n$/);
  expect(read("run.github")).toMatch(/^::error title=Scale test%3A refused::cannot reach/);
});

it("a preflight writes all of them, too", async () => {
  const looked = await cli(["preflight", "--template", "kubernetes", ...outputsAs("preflight")]);
  expect(looked.code).toBe(0);
  const tests = await testsIn("preflight.junit");
  expect(tests.length).toBeGreaterThan(3);
  expect(tests.every(([, state]) => state === "passed")).toBe(true);
  expect(read("preflight.csv")).toMatch(/^id,check,status,figure,mend\r\n/);
  expect(read("preflight.prometheus-textfile")).toContain("coderd_scaletest_preflight_check{");
  expect(read("preflight.html")).toContain("<h1>Preflight</h1>");
  expect(read("preflight.github")).toMatch(/^::(notice|warning) title=Preflight%3A /);
});
