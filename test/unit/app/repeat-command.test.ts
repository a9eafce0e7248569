import { execFileSync } from "node:child_process";
import { Command } from "commander";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { limitOf } from "../../../src/app/limit/request.ts";
import { type RepeatedRun, repeatCommand } from "../../../src/app/repeat-command.ts";
import { addOptions, configOf } from "../../../src/cli/workload-command.ts";
import type { Workload } from "../../../src/contract/workload.ts";
import { readScenario } from "../../../src/scenario/read.ts";
import { toRequest } from "../../../src/scenario/request.ts";
import { shellWord } from "../../../src/system/shell-word.ts";
import { english } from "../../../src/text/message.ts";
import { workloadNamed, workloads } from "../../../src/workloads/index.ts";
import { neededOf, valuesOf } from "../field-values.ts";

const URL = "https://coder.example.com";
const OPTIONS = { workloads, shell: "posix" } as const;

function runOf(
  workload: string,
  config: Record<string, unknown>,
  more: Partial<RepeatedRun> = {},
): RepeatedRun {
  const steps = [{ name: workload, workload, config }];
  return { title: "a run", steps, deployment: { url: URL, sandbox: false }, ...more };
}

/** The words that a real shell makes of a command, without its first. */
function wordsIn(command: string, env: Record<string, string> = {}): string[] {
  const rest = command.replace(/^coder-scaletest /, "");
  const told = execFileSync("sh", ["-c", `set -- ${rest}\nprintf '%s\\0' "$@"`], { env, encoding: "utf8" });
  return told.split("\0").slice(0, -1);
}

/** What the command line reads of them. */
function readBy(workload: Workload, words: readonly string[]): Record<string, unknown> {
  const command = new Command().exitOverride().option("--url <url>").option("--sandbox");
  addOptions(command, workload.fields);
  command.parse([...words], { from: "user" });
  return { ...configOf(workload, command.opts(), {}).config };
}

/** Windows has no sh to ask. */
const inShell = it.skipIf(process.platform === "win32");

const commands = workloads.filter(({ internal }) => !internal);

describe("the command that repeats a run", () => {
  inShell.each(commands.map((workload) => ({ name: workload.name, workload })))(
    "is read by the command line as the same $name, whatever the values",
    ({ workload }) => {
      const sayable = Object.entries(workload.fields).filter(
        ([, { flag, unsupported, kind }]) =>
          flag !== undefined && unsupported === undefined && kind !== "data",
      );
      for (const [key, field] of sayable)
        fc.assert(
          fc.property(valuesOf(field), (value) => {
            let config: Record<string, unknown>;
            try {
              config = { ...workload.check({ ...neededOf(workload.fields), [key]: value }).config };
            } catch {
              // A rule between several fields, which nobody could have run either.
              return;
            }
            const repeat = repeatCommand(runOf(workload.name, config), OPTIONS);
            const secret = repeat?.left.length ?? 0;
            if (secret > 0) return;
            const words = wordsIn(repeat?.command ?? "").slice(workload.command.length);
            expect(readBy(workload, words)).toEqual(config);
          }),
          { numRuns: 5, seed: 7 },
        );
    },
  );

  it("names what a person would: what is not as it is by default, and the deployment", () => {
    const { config } = workloadNamed("create-workspaces").check({
      template: "kubernetes",
      count: 8,
      jobTimeoutMs: 90_000,
      parameters: { region: "eu", tags: '["a","b"]', motto: "it's ours" },
    });
    expect(repeatCommand(runOf("create-workspaces", config), OPTIONS)).toEqual({
      command: [
        "coder-scaletest create-workspaces --count 8 --template kubernetes --parameter region=eu",
        `--parameter '"tags=[""a"",""b""]"' --parameter 'motto=it'\\''s ours' --job-timeout 1m30s`,
        `--url ${URL}`,
      ].join(" "),
      left: [],
    });
  });

  it("starts a sandbox for a run of one", () => {
    const { config } = workloadNamed("create-workspaces").check({ template: "docker" });
    const run = runOf("create-workspaces", config, {
      deployment: { url: "http://127.0.0.1:4", sandbox: true },
    });
    expect(repeatCommand(run, OPTIONS)?.command).toBe(
      "coder-scaletest create-workspaces --template docker --sandbox",
    );
  });

  inShell("has a variable for what may be secret, and says which to set", () => {
    const { config } = workloadNamed("create-workspaces").check({
      template: "kubernetes",
      parameters: { region: "eu", git_token: "hunter2" },
    });
    const run = runOf("create-workspaces", config);
    const steps = run.steps.map((step) => ({ ...step, withheld: { parameters: ["licence"] } }));
    const { command = "", left = [] } = repeatCommand({ ...run, steps }, OPTIONS) ?? {};
    expect(command).not.toContain("hunter2");
    expect(wordsIn(command, { SCALETEST_GIT_TOKEN: "it's", SCALETEST_LICENCE: "a b" })).toEqual(
      expect.arrayContaining(["region=eu", "git_token=it's", "licence=a b"]),
    );
    expect(left.map(english)).toEqual([
      "licence may be secret: set the variable SCALETEST_LICENCE for it",
      "git_token may be secret: set the variable SCALETEST_GIT_TOKEN for it",
    ]);
  });

  inShell("holds the run's thresholds beside those of its step", () => {
    const { config } = workloadNamed("create-workspaces").check({
      template: "docker",
      thresholds: ["failures.rate<1%"],
    });
    const run = runOf("create-workspaces", config, { thresholds: ["ready.p95<30s"] });
    const words = wordsIn(repeatCommand(run, OPTIONS)?.command ?? "");
    expect(words.filter((_word, at) => words[at - 1] === "--threshold")).toEqual([
      "failures.rate<1%",
      "ready.p95<30s",
    ]);
  });

  inShell("asks for a search as it was asked for, not as the search has changed the step", () => {
    const { config } = workloadNamed("workspace-traffic").check({ thresholds: ["round_trip.p95<200ms"] });
    const asked = {
      vary: "connections",
      from: "5",
      to: "100",
      and: "rate=1,2,5",
      precision: "10%",
      budget: "20m",
    };
    const step = { name: "workspace-traffic", workload: "workspace-traffic", config: { ...config } };
    const { limit, steps } = limitOf(asked, [step], workloadNamed);
    expect(steps[0]?.config).not.toEqual(config);
    const run = runOf("workspace-traffic", {}, { steps, limit });
    const words = wordsIn(repeatCommand(run, OPTIONS)?.command ?? "");
    expect(words.slice(0, 2)).toEqual(["limit", "workspace-traffic"]);
    const flags = Object.keys(asked).map((key) => [key, words[words.indexOf(`--${key}`) + 1]]);
    expect(Object.fromEntries(flags)).toEqual(asked);
    const own = words
      .slice(2)
      .filter((word, at, all) => ![word, all[at - 1]].some((one) => one && one.slice(2) in asked));
    expect(readBy(workloadNamed("workspace-traffic"), own)).toEqual(config);
  });

  it("runs the file of a scenario, and has the file", () => {
    const text = "steps:\n  - hold: 1m\n";
    const run = runOf("hold", { durationMs: 60_000 }, { title: "Nightly, all of it", scenario: text });
    expect(repeatCommand(run, OPTIONS)).toEqual({
      command: `coder-scaletest run nightly-all-of-it.scaletest.yaml --url ${URL}`,
      file: { name: "nightly-all-of-it.scaletest.yaml", text },
      left: [],
    });
    expect(repeatCommand(run, { ...OPTIONS, file: "/my runs/x.yaml" })?.command).toBe(
      `coder-scaletest run '/my runs/x.yaml' --url ${URL}`,
    );
  });

  it("writes a scenario where several steps were run without a file, and allows what it runs here", () => {
    const steps = [
      { name: "create", workload: "create-workspaces", config: { template: "docker", count: 2 } },
      { name: "smoke", workload: "run", config: { args: ["make", "smoke"] } },
    ];
    const repeat = repeatCommand(runOf("", {}, { title: "two", steps }), OPTIONS);
    expect(repeat?.command).toBe(`coder-scaletest run two.scaletest.yaml --allow-run --url ${URL}`);
    const { scenario, problems } = readScenario(repeat?.file?.text ?? "", {
      workloads,
      set: [],
      envNames: [],
      env: {},
      limits: {},
      folder: "/",
    });
    expect(problems).toEqual([]);
    expect(toRequest(scenario).steps.map(({ name, workload }) => ({ name, workload }))).toEqual(
      steps.map(({ name, workload }) => ({ name, workload })),
    );
  });

  it("is not there for a run of a workload that is not known, and of one that went on with another run", () => {
    expect(repeatCommand(runOf("of-tomorrow", {}), OPTIONS)).toBeUndefined();
    expect(repeatCommand(runOf("recover", { run: "abcdefgh" }), OPTIONS)).toBeUndefined();
  });
});

describe("a word for a shell", () => {
  it("stands as it is where it means nothing to either", () => {
    for (const word of ["--url", URL, "a=b", "40KB/s"]) {
      expect(shellWord("posix", word)).toBe(word);
      expect(shellWord("powershell", word)).toBe(word);
    }
  });

  it("is quoted in the way of each", () => {
    expect(shellWord("posix", "it's")).toBe(`'it'\\''s'`);
    expect(shellWord("powershell", "it's")).toBe("'it''s'");
    expect(shellWord("powershell", "a=", { variable: "X" })).toBe('a="$env:X"');
    expect(shellWord("posix", "")).toBe("''");
  });
});
