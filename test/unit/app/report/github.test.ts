import { describe, expect, it } from "vitest";
import {
  annotationsOf,
  annotationsOfChecks,
  githubCommands,
  githubSummary,
  githubSummaryOfChecks,
} from "../../../../src/app/report/github.ts";
import { failedResult, NASTY, stepsResult } from "./results.ts";

/** Commands as GitHub's runner takes them from a log: line by line, `::name key=value,…::data`, then unescaped. */
function commandsIn(log: string) {
  return log
    .split(/\r\n|\r|\n/)
    .filter((line) => line !== "")
    .map((line) => {
      const match = /^::([a-z-]+) (.*?)::(.*)$/.exec(line);
      if (!match) throw new Error(`no command: ${line}`);
      const [, name, properties = "", data = ""] = match;
      const pairs = properties.split(",").map((pair) => {
        const [key = "", ...value] = pair.split("=");
        return [key, unescaped(value.join("="), true)];
      });
      return { name, ...Object.fromEntries(pairs), data: unescaped(data, false) };
    });
}

function unescaped(text: string, isProperty: boolean): string {
  const plain = text.replaceAll("%0D", "\r").replaceAll("%0A", "\n");
  const all = isProperty ? plain.replaceAll("%3A", ":").replaceAll("%2C", ",") : plain;
  return all.replaceAll("%25", "%");
}

describe("commands of GitHub's workflows", () => {
  it("say the verdict, what is broken, what is left, and why", () => {
    expect(commandsIn(githubCommands(annotationsOf(failedResult("it failed"))))).toEqual([
      { name: "error", title: "Scale test k3x9q2ab: failed", data: "it failed" },
      {
        name: "error",
        title: "Threshold broken: it failed",
        data: "it failed: it failed, required < it failed",
      },
      {
        name: "error",
        title: "Threshold broken: round_trip.p95<1m",
        data: "trip: not measured, required < 1m",
      },
      { name: "error", title: "Left behind", data: "1 user and 1 workspace\ngo on with: it failed" },
      { name: "error", title: "1 × it failed", data: "it failed: it failed" },
      { name: "warning", title: "Scale test", data: "it failed" },
    ]);
  });

  it.each(NASTY)("%j makes no command and no property of its own", (text) => {
    const annotations = annotationsOf(failedResult(text));
    const commands = commandsIn(githubCommands(annotations));
    expect(commands).toHaveLength(annotations.length);
    for (const command of commands) expect(Object.keys(command)).toEqual(["name", "title", "data"]);
  });

  it("read back as what was said", () => {
    const said = "50 % of a,b: c::d\nnext %0A line";
    expect(commandsIn(githubCommands([{ level: "error", title: said, text: said }]))).toEqual([
      { name: "error", title: said, data: said },
    ]);
  });

  it("are one notice where a run has passed", () => {
    const { outcome, ...rest } = failedResult("x");
    const passed = { ...rest, thresholds: [], errors_by_cause: [], warnings: [] };
    const commands = githubCommands(
      annotationsOf({
        ...passed,
        outcome: { ...outcome, verdict: "passed", summary: "3 succeeded", orphans: 0 },
      }),
    );
    expect(commands).toBe("::notice title=Scale test k3x9q2ab%3A passed::3 succeeded\n");
  });

  it("tell of a preflight what is in the way", () => {
    const check = { id: "x", label: "Rights", figure: "none" };
    expect(
      commandsIn(
        githubCommands(
          annotationsOfChecks([
            { ...check, status: "ok" },
            { ...check, status: "blocks", mend: "ask" },
          ]),
        ),
      ),
    ).toEqual([{ name: "error", title: "Preflight: Rights", data: "none\nask" }]);
  });
});

describe("the summary of a job", () => {
  it("has a row for each step, threshold and cause", () => {
    const text = githubSummary(stepsResult());
    expect(text).toContain("## Scale test k3x9q2ab: failed");
    expect(text).toContain("| terminals | failed | threshold broken |");
    expect(text).toContain("| drill | not begun |  |");
    expect(text).toContain("| 1 | it failed | it failed: it failed |");
  });

  it.each(NASTY)("makes no markup and no row of %j", (text) => {
    const shape = (of: string) =>
      githubSummary(failedResult(of))
        .split("\n")
        .map((line) => line.replace(/\\./g, "").replace(/[^|#>]/g, ""));
    expect(shape(text)).toEqual(shape("plain"));
    expect(githubSummary(failedResult(text))).not.toMatch(/(?<!\\)<script/);
  });

  it("lists the checks of a preflight", () => {
    const summary = githubSummaryOfChecks([{ id: "x", label: "a|b", status: "ok", figure: "<i>" }]);
    expect(summary).toContain("| ok | a\\|b | \\<i\\> |  |");
  });
});
