import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { runResultSchema } from "../../src/protocol/result.ts";
import { type Deployed, deploy, dismantle, envOf } from "./deployed.ts";
import { CommandLine, type Ended, removeFolder, runnerPid } from "./product.ts";

/** Where there is a verdict, there is a file of it; whoever reads one never reads yesterday's. */

let deployed: Deployed;
let folder: string;
beforeAll(async () => {
  deployed = await deploy({ buildTimeMs: [50, 100], deleteTimeMs: [50, 100], daemons: 20 });
});
afterAll(() => dismantle(deployed));
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), "scaletest-verdicts-"));
  writeFileSync(file(), '"yesterday"\n');
});
afterEach(() => removeFolder(folder));

const file = () => path.join(folder, "result.json");
const written = (): unknown => JSON.parse(readFileSync(file(), "utf8"));
const outcome = () => runResultSchema.parse(written()).outcome;
const cli = (args: readonly string[], env: Record<string, string> = {}): Promise<Ended> =>
  new CommandLine(
    [...args, "--output", `json:${file()}`],
    { ...envOf(deployed.sandbox), ...env },
    deployed.home,
  ).ended;

const CREATE = ["create-workspaces", "--template", "kubernetes", "--no-ssh"];
const GONE = { CODER_URL: "http://127.0.0.1:1" };
const WRONG = { CODER_SESSION_TOKEN: "aaaaaaaaaa-bbbbbbbbbbbbbbbbbbbbbb" };

describe("a refusal is written over an older result", () => {
  it.each([
    ["by the run", ["create-workspaces", "--template", "nosuch"], {}, /no template "nosuch"/],
    ["before anything is listed", ["cleanup", "--yes"], WRONG, /token is not accepted/],
    ["by nobody who answers", ["cleanup", "--yes"], GONE, /cannot reach/],
    ["by nobody who says yes", ["cleanup"], {}, /pass --yes/],
    [
      "for want of workspaces",
      ["workspace-traffic", "--template", "research"],
      {},
      /no scaletest- workspaces/,
    ],
  ])("%s", async (_how, args, env, reason) => {
    if (args.join(" ") === "cleanup") await cli([...CREATE, "--no-cleanup", "--no-wait-for-agents"]);
    writeFileSync(file(), '"yesterday"\n');
    const ended = await cli(args, env);
    expect(ended).toMatchObject({ code: 3, stdout: "", stderr: expect.stringMatching(reason) });
    expect(outcome()).toMatchObject({
      verdict: "refused",
      refusal: expect.stringMatching(reason),
      exitCode: 3,
    });
    if (args.join(" ") === "cleanup") expect(await cli(["cleanup", "--yes"])).toMatchObject({ code: 0 });
  });

  it("as JSON on standard output, too", async () => {
    const args = ["cleanup", "--yes", "--output", "json"];
    const { code, stdout } = await new CommandLine(args, { ...envOf(deployed.sandbox), ...WRONG }).ended;
    expect([code, JSON.parse(stdout).outcome.verdict]).toEqual([3, "refused"]);
  });

  it("a mistake in the call is no verdict, and leaves the file alone", async () => {
    expect(await cli([...CREATE, "--count", "x"])).toMatchObject({ code: 2 });
    expect(written()).toBe("yesterday");
  });
});

it("a runner that dies leaves a failure, of which nobody knows what is left", async () => {
  const home = mkdtempSync(path.join(tmpdir(), "scaletest-home-"));
  const env = envOf(deployed.sandbox);
  const html = path.join(folder, "report.html");
  const line = new CommandLine(
    [...CREATE, "--run-command", "sleep 20", "--output", `json:${file()}`, "--output", `html:${html}`],
    env,
    home,
  );
  await line.until(/in use/);
  process.kill(runnerPid(home), "SIGKILL");
  expect(await line.ended).toMatchObject({ code: 1 });
  expect(outcome()).toMatchObject({
    verdict: "failed",
    orphans: null,
    summary: expect.stringMatching(/died/),
  });
  // What was measured until then is not lost with it.
  expect(written()).toMatchObject({ total_runs: 1, thresholds: [] });
  expect(readFileSync(html, "utf8")).toMatch(
    /<script id="run" type="application\/json">\{"format":"coder-scaletest-report"/,
  );
  expect(await new CommandLine(["runs", "show", "last"], env, home).ended).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^Run \w{8}: failed in [\s\S]*Left behind: unknown/),
  });
  expect(await new CommandLine(["runs", "clean", "--all", "--yes"], env, home).ended).toMatchObject({
    code: 0,
  });
  removeFolder(home);
});

describe("a clean-up", () => {
  it("with nothing to do has passed, and says so in its file", async () => {
    expect(await cli(["cleanup", "--yes"])).toMatchObject({ code: 0, stdout: "" });
    expect(outcome()).toMatchObject({
      verdict: "passed",
      summary: expect.stringMatching(/^nothing to clean up on http/),
      orphans: 0,
    });
  });

  it("lists on standard output what it would delete, and deletes nothing", async () => {
    await cli([...CREATE, "--count", "2", "--no-cleanup", "--no-wait-for-agents"]);
    const ended = await cli(["cleanup", "--dry-run"]);
    expect(ended).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(
        /^2 workspaces and 2 users on http.*\n {2}run \w{8}: 2 workspaces of kubernetes/,
      ),
      stderr: "",
    });
    expect(await cli(["cleanup", "--yes"])).toMatchObject({ code: 0 });
    expect(await cli(["cleanup", "--dry-run"])).toMatchObject({
      stdout: expect.stringMatching(/^nothing to clean up/),
    });
  });
});

describe("preflight", () => {
  interface Checks {
    checks: { id: string; status: string; figure: string }[];
  }
  const statusOf = (id: string) => (written() as Checks).checks.find((check) => check.id === id)?.status;

  it("writes its file, and its text beside it", async () => {
    const ended = await cli(["preflight", "--template", "kubernetes", "--output", "text"]);
    expect(ended).toMatchObject({ code: 0, stdout: expect.stringMatching(/^ok +Sign-in/) });
    expect(statusOf("template")).toBe("ok");
  });

  it("looks at either load by its name, flags before it or behind it", async () => {
    expect(await cli(["preflight", "create-workspaces", "--template", "nosuch"])).toMatchObject({ code: 3 });
    expect(statusOf("template")).toBe("blocks");
    const url = deployed.sandbox.url;
    const none = await cli(["preflight", "--url", url, "workspace-traffic", "--ssh"], GONE);
    expect(none).toMatchObject({ code: 3, stdout: "" });
    expect(statusOf("workspaces")).toBe("blocks");
    await cli([...CREATE, "--count", "2", "--no-cleanup", "--run-command", "true"]);
    const load = ["workspace-traffic", "--ssh", "--connections-per-workspace", "3"];
    expect(await cli(["preflight", ...load])).toMatchObject({ code: 0 });
    const { checks } = written() as Checks;
    expect(checks.map(({ id }) => id)).toEqual(
      expect.arrayContaining(["sign_in", "workspaces", "access", "websockets", "health", "open_files"]),
    );
    expect(checks.find(({ id }) => id === "workspaces")?.figure).toBe("2 running, 6 connections");
    expect(await cli(["cleanup", "--yes"])).toMatchObject({ code: 0 });
  });

  it("writes that a deployment cannot be asked", async () => {
    expect(await cli(["preflight", "workspace-traffic"], GONE)).toMatchObject({ code: 3 });
    expect(statusOf("sign_in")).toBe("blocks");
  });
});
