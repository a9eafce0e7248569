import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, expect, it } from "vitest";
import { comparisonMarkdown } from "../../src/app/compare/table.ts";
import { samplesCsv } from "../../src/app/report/csv.ts";
import { reportHtml } from "../../src/app/report/html.ts";
import type { EndedRecord } from "../../src/app/runs/ended.ts";
import { readRecord } from "../../src/app/runs/record.ts";
import { NOTHING_LEFT } from "../../src/protocol/left.ts";
import type { RunResult } from "../../src/protocol/result.ts";
import type { Snapshot } from "../../src/protocol/snapshot.ts";
import { oneStep } from "../../src/protocol/step-request.ts";
import { type StepView, viewOf } from "../../src/protocol/steps.ts";
import { RunnerConnection } from "../../src/runner/client/connection.ts";
import { listRuns } from "../../src/runs/run-list.ts";
import { type Sandbox, startSandbox } from "../../src/sandbox/server.ts";
import type { WizardParts } from "../../src/vscode/ask/wizard.ts";
import { statusOf } from "../../src/vscode/features/runs/status/text.ts";
import { groupsOf } from "../../src/vscode/features/runs/tree/groups.ts";
import { type TreeRun, treeOf } from "../../src/vscode/features/runs/tree/model.ts";
import type { TreeNode } from "../../src/vscode/features/runs/tree/node.ts";
import { originOf } from "../../src/vscode/model/deployments/origin.ts";
import { EDITOR } from "../../src/vscode/wording.ts";
import { askedConfig, recordOf } from "../one-step.ts";
import { buildWithPing } from "../ping/build.mjs";
import type * as Editor from "../ping/editor.ts";
import { inEnglish } from "../support/in-english.ts";
import { memory, scripted } from "../unit/vscode/stand-ins.ts";
import { launchBrowser, panelForEach } from "../webview/harness.ts";
import { CommandLine, type Ended, newHome, removeFolder, runFolder } from "./product.ts";

/*
 * A workload is one folder and one line: `ping` (test/ping) is built into the product by that alone, and has everything
 * that a workload has, from its flags to its report.
 */

const folder = mkdtempSync(path.join(tmpdir(), "scaletest-ping-"));
const dist = path.join(folder, "dist");
const homes: string[] = [];
const panels = panelForEach();
let sandbox: Sandbox;
let editor: typeof Editor;
let inExtension: string[];

function product(args: readonly string[], env: Record<string, string> = {}): CommandLine {
  const own = { CODER_URL: sandbox.url, CODER_SESSION_TOKEN: sandbox.token, ...env };
  const line = new CommandLine(args, own, newHome(), dist);
  homes.push(line.home);
  return line;
}

interface Run extends Ended {
  home: string;
  final: EndedRecord;
}

async function over(line: CommandLine): Promise<Run> {
  const ended = await line.ended;
  const final = await readRecord(runFolder(line.home));
  if (!final) throw new Error(`there is no record: ${ended.stderr}`);
  return { ...ended, home: line.home, final: recordOf(final) };
}

/** Resolves with a snapshot of a run that goes on, once it is as it should be. */
async function snapshotOf(line: CommandLine, isWanted: (one: StepView) => boolean): Promise<Snapshot> {
  const runner = await RunnerConnection.attach(runFolder(line.home), "test");
  try {
    return await new Promise((resolve, reject) => {
      const look = (one: Snapshot | undefined) => {
        if (one && isWanted(viewOf(one))) resolve(one);
        else if (one?.outcome) reject(new Error(`it ended before that: ${one.outcome.summary}`));
      };
      runner.onSnapshot(look);
      look(runner.latest());
    });
  } finally {
    runner.dispose();
  }
}

/** One run by flags, and one by the environment, which is looked at while it goes on. */
let byFlags: Run;
let byEnvironment: Run;
let live: Snapshot;
let exposed: string;

beforeAll(async () => {
  [sandbox, inExtension] = await Promise.all([startSandbox({ seed: 3 }), buildWithPing(folder)]);
  editor = createRequire(import.meta.url)(path.join(folder, "editor.js")) as typeof Editor;
  const flags = product([
    ...["ping", "--rate", "20", "--duration", "3s", "-c", "2"],
    ...["--threshold", "ping_time.p95<10s", "--threshold", "answered.rate>=99%"],
  ]);
  const environment = product(["ping", "--output", "json"], {
    CODER_SCALETEST_PING_RATE: "30",
    CODER_SCALETEST_PING_DURATION: "6s",
    CODER_SCALETEST_COUNT: "3",
    CODER_SCALETEST_PROMETHEUS_ADDRESS: "127.0.0.1:0",
    CODER_SCALETEST_THRESHOLD: "pings.count<5",
  });
  const [, port] = await environment.until(/metrics for Prometheus at port (\d+)/);
  live = await snapshotOf(environment, ({ counts, figures }) => {
    return counts.pinging === 3 && (figures["pings.count"]?.value ?? 0) > 60;
  });
  exposed = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  [byFlags, byEnvironment] = await Promise.all([over(flags), over(environment)]);
});
afterAll(async () => {
  await sandbox?.close();
  for (const one of [folder, ...homes]) removeFolder(one);
});

it("its command shows its flags, with their environment variables, defaults and metrics", async () => {
  const { stdout } = await product(["ping", "--help"]).ended;
  expect(stdout).toMatch(
    /--rate <n> +Pings a second of each job \(required\) \(\$CODER_SCALETEST_PING_RATE\)/,
  );
  expect(stdout).toMatch(
    /--duration <duration> +How long .* \(default 2s, \$CODER_SCALETEST_PING_DURATION\)/,
  );
  expect(stdout).toContain("Metrics: failures, ping_time, pings, answered, first_ping");
  const all = await product(["--help"]).ended;
  expect(all.stdout).toMatch(/ping \[options\] +Ask a deployment for its version at a rate/);
});

it("it runs by flags and by the environment, and is held to its thresholds", () => {
  expect([byFlags.code, byFlags.final.snapshot.outcome?.verdict]).toEqual([0, "passed"]);
  expect(byFlags.final.snapshot.run).toMatchObject({ workload: "ping", title: "ping 2 × 20/s" });
  expect(byEnvironment.code).toBe(99);
  expect(inEnglish(byEnvironment.final.snapshot.outcome?.summary)).toMatch(
    /Pings .*, required < 5; 3 succeeded, 0 failed/,
  );
});

it("a threshold that it has not the metric for is refused, with those that it has", async () => {
  const wrong = await product(["ping", "--rate", "1", "--threshold", "round_trip.p95<1s"]).ended;
  expect(wrong.code).toBe(2);
  expect(wrong.stderr).toMatch(
    /^coder-scaletest: --threshold "round_trip\.p95<1s": a metric of this run: failures, ping_time, pings, answered, first_ping, api_latency and \d+ more \(coder-scaletest COMMAND --help lists them\), not "round_trip"/,
  );
});

it("preflight looks at the deployment for it, by its own command and by --dry-run", async () => {
  const [own, dry] = await Promise.all([
    product(["preflight", "ping", "--rate", "5", "--count", "2"]).ended,
    product(["ping", "--rate", "5", "--count", "2", "--dry-run"]).ended,
  ]);
  const lines =
    /^ok +Sign-in +admin; Coder v\S+\nok +Version +v\S+, 10 pings\/s\nok +Server metrics +coderd \S+ answers, \d+ KB\n +→ .*\n$/;
  expect(own).toMatchObject({ code: 0, stdout: expect.stringMatching(lines) });
  expect(dry.stdout).toBe(own.stdout);
});

it("the text of its result has its table and its phase", () => {
  expect(byFlags.stdout).toMatch(/Outcome +pings\n +answered +1\d\d\n/);
  expect(byFlags.stdout).toMatch(/first_ping +2 +\S+/);
  expect(byFlags.stdout).toContain("Left behind: 0\n");
});

it("the JSON of its result has its metrics", () => {
  const { metrics, phases } = JSON.parse(byEnvironment.stdout) as RunResult;
  expect(metrics).toMatchObject({ ping_time: expect.anything(), pings: expect.anything() });
  expect(JSON.stringify(metrics?.answered)).toContain('"of":540');
  expect(phases.first_ping?.count).toBe(3);
});

it("Prometheus finds its metrics while it goes on", () => {
  expect(exposed).toMatch(/^coderd_scaletest_ping_time_seconds_count [1-9]/m);
  expect(exposed).toMatch(/^coderd_scaletest_pings_total\{outcome="answered"\} [1-9]/m);
  expect(exposed).toMatch(/^coderd_scaletest_answered_of_total [1-9]/m);
});

it("it is in the lists of the command line and of the editor's history", async () => {
  const { home } = byFlags;
  const env = { CODER_SCALETEST_HOME: home };
  const list = await product(["runs"], env).ended;
  expect(list.stdout).toMatch(/ping 2 × 20\/s.*2 succeeded, 0 failed/);
  const entries = await listRuns(path.join(home, "runs"));
  const [line] = groupsOf(
    entries.map((entry) => ({ ...entry, left: NOTHING_LEFT })),
    "",
  ).flatMap(({ runs }) => runs);
  expect(line).toMatchObject({
    description: expect.stringMatching(/ · ping 2 × 20\/s · p95 /),
    icon: "pass",
  });
});

it("two of its runs are compared by its metrics and its phase", async () => {
  const compared = [byFlags, byEnvironment].map(({ final }) => ({ final }));
  const text = comparisonMarkdown(compared, EDITOR);
  expect(text).toMatch(/\| Ping time, p95 \| \S+ \| \S+/);
  expect(text).toMatch(/\| Pings answered \| 100 % \| 100 %/);
  expect(text).toMatch(/\| first ping[^|]* \| \S+ \| \S+/);
});

it("its seconds are columns of CSV", () => {
  const { samples, whole } = byFlags.final;
  const [head, ...lines] = samplesCsv(samples, whole.steps).trim().split("\r\n");
  const columns = head?.split(",") ?? [];
  for (const name of ["ping_time_p95_ms", "pings", "answered_rate", "jobs_aiming", "jobs_pinging"])
    expect(columns).toContain(name);
  const at = columns.indexOf("ping_time_p95_ms");
  expect(lines.filter((line) => Number(line.split(",")[at]) > 0).length).toBeGreaterThanOrEqual(2);
});

function treeRun(snapshot: Snapshot): TreeRun {
  return {
    id: snapshot.run.id,
    title: snapshot.run.title,
    condition: "attached",
    silentSince: undefined,
    active: true,
    snapshot: viewOf(snapshot),
    file: { deployment: { host: "h" } },
  };
}

function labels(nodes: readonly TreeNode[]): string[] {
  return nodes.flatMap(({ label, description, children }) => [
    `${label} ${description ?? ""}`.trim(),
    ...labels(children),
  ]);
}

it("tree and status bar show its states and its key figure", () => {
  const lines = labels(treeOf([treeRun(live)]));
  expect(lines).toContain("pinging 3");
  expect(lines).toContainEqual(expect.stringMatching(/^pings \d+ sent$/));
  const status = statusOf([treeRun(live)]);
  expect(status?.text).toMatch(/0\/3 · p95 \d/);
  expect(status?.tooltip).toContain("0 of 3 done");
  expect(status?.tooltip).toMatch(/\| pings \| \d+ sent \|/);
});

it("the panel draws it while it goes on", async () => {
  const { page, send, complaints } = await panels.open({ height: 1_600 });
  await send({ type: "connection", state: "attached" }, { type: "snapshot", snapshot: live });
  const region = (name: string) => page.getByRole("region", { name });
  await page.getByRole("tab", { name: "Measurements" }).click();
  await region("Outcomes").waitFor();
  expect(await page.getByLabel("Figures").innerText()).toMatch(/Ping time p95\s+\S+\s+of \d+ pings/);
  expect(await region("Ping times").count()).toBe(1);
  await page.getByRole("tab", { name: "Workspaces" }).click();
  const states = page.getByRole("combobox", { name: "Show workspaces in state" }).getByRole("option");
  expect(await states.allInnerTexts()).toEqual(expect.arrayContaining(["aiming", "pinging"]));
  expect(complaints).toEqual([]);
});

it("its report opens in a browser, with its card, chart, table and states", async () => {
  const { final } = byFlags;
  const file = path.join(folder, "report.html");
  const script = readFileSync(path.join(dist, "report.js"), "utf8");
  const style = readFileSync(path.join(dist, "report.css"), "utf8");
  writeFileSync(
    file,
    reportHtml({
      script,
      style,
      snapshot: final.snapshot,
      rows: final.rows,
      wording: EDITOR,
      samples: final.samples,
    }),
  );
  const browser = await launchBrowser();
  try {
    const page = await browser.newPage();
    const complaints: string[] = [];
    page.on("console", (message) => complaints.push(message.text()));
    page.on("pageerror", (error) => complaints.push(error.message));
    await page.goto(pathToFileURL(file).href);
    await page.getByRole("heading", { level: 1, name: "ping 2 × 20/s" }).waitFor();
    expect(await page.getByLabel("Figures").innerText()).toMatch(/Ping time p95\s+\S+\s+of 1\d\d pings/);
    expect(await page.getByRole("region", { name: "Ping times" }).count()).toBe(1);
    expect(await page.getByRole("region", { name: "Outcomes" }).getByRole("row").allInnerTexts()).toEqual([
      "Outcome\tpings",
      expect.stringMatching(/^answered\t1\d\d$/),
    ]);
    const states = page.getByRole("combobox", { name: "Show workspaces in state" }).getByRole("option");
    expect(await states.allInnerTexts()).toEqual(expect.arrayContaining(["aiming", "pinging"]));
    expect(complaints).toEqual([]);
  } finally {
    await browser.close();
  }
});

it("the manifest declares its tasks, with completion and their texts", () => {
  const read = (name: string) => JSON.parse(readFileSync(path.join(folder, name), "utf8"));
  const [{ properties }] = read("package.json").contributes.taskDefinitions;
  const texts = read("package.nls.json");
  expect(properties.workload.enum).toEqual([
    "create-workspaces",
    "workspace-traffic",
    "builds",
    "command",
    "prepare-users",
    "prepare-workspaces",
    "ping",
  ]);
  const said = (property: { description: string }) => texts[property.description.slice(1, -1)];
  expect(texts["task.workload.ping"]).toMatch(/^Ask a deployment for its version/);
  expect(said(properties.rate)).toContain("ping: Pings a second of each job");
  expect(said(properties.durationMs)).toContain("ping: How long each job sends them");
  expect(said(properties.thresholds)).toContain("ping_time");
});

it("its tasks are read and checked, and the settings' thresholds fit it", () => {
  const task = { type: "coder-scaletest", workload: "ping", deployment: sandbox.url };
  expect(editor.requestOf({ ...task, rate: 7, duration: "5s", count: "3" }, originOf)).toEqual({
    workload: "ping",
    request: { url: sandbox.url, config: { rate: 7, durationMs: 5_000, count: 3 }, start: true },
  });
  expect(() => editor.requestOf(task, originOf)).toThrow("rate: is how many pings a second each job sends");
  expect(() => editor.requestOf({ ...task, rate: 0 }, originOf)).toThrow("rate: must be 1 or more");
  const wanted = ["ping_time.p95<1s", "round_trip.p95<200ms", "failures.rate<1%"];
  expect(editor.thresholdsFor("ping", wanted)).toEqual(["ping_time.p95<1s", "failures.rate<1%"]);
});

it("the editor offers it, asks its fields, and suggests what was run last as a task", async () => {
  expect(editor.startable.map(({ name }) => name)).toContain("ping");
  const inputs = scripted("8", "same time", "4", "ping_time.p95<1s", "Done", "Start");
  const kept = memory();
  const deployment = { url: sandbox.url, username: "admin", version: "v2.26.0", sandbox: true };
  const parts: WizardParts = {
    inputs,
    memory: kept,
    deployments: () => [deployment],
    isStaging: async () => false,
    from: "this machine",
    target: async (url) => ({ url, token: sandbox.token, network: {} }),
    limits: () => ({}),
    thresholds: async () => [],
    coderCli: () => "",
    saveScenario: async () => undefined,
    titles: async () => new Map(),
  };
  const run = await editor.wizardOf("ping").ask(parts, {});
  expect(inputs.asked).toEqual([
    "Pings a second of each job (required)",
    "Change more options? Select them; Enter continues",
    "Jobs that ping at the same time",
    "Type a threshold such as ping_time.p95<1s, or choose one",
    "Type a threshold such as ping_time.p95<1s, or choose one",
    "Enter starts the scale test",
  ]);
  expect(run).toMatchObject({
    title: "ping 4 × 8/s",
    steps: oneStep("ping", { rate: 8, count: 4, thresholds: ["ping_time.p95<1s"] }),
  });
  const [task] = editor.suggestedTasks([sandbox.url], kept);
  expect(task?.name).toMatch(/^ping 4 × 8\/s on /);
  expect(editor.requestOf(task?.definition ?? {}, originOf).request.config).toEqual(askedConfig(run));
});

it("the editor's bundle has what it can be told, and not how it runs", () => {
  expect(inExtension).toContain("test/ping/workload/config.ts");
  const prepares =
    /(^|[^:])\/?(src\/(engine|runner\/server|load|sandbox)\/|(ping\/workload|workloads\/[^/]+)\/prepare\.ts)/;
  expect(inExtension.filter((file) => !file.startsWith("no-preparation:") && prepares.test(file))).toEqual(
    [],
  );
});
