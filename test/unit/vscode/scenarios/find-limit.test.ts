import { describe, expect, it } from "vitest";
import { scenarioRun } from "../../../../src/app/scenario/run.ts";
import {
  askForLimit,
  canSearch,
  type Subject,
  workloadSubjects,
} from "../../../../src/vscode/features/scenario-runs/find-limit.ts";
import { lensesOf } from "../../../../src/vscode/features/scenario-runs/lenses.ts";
import type { Choice } from "../../../../src/vscode/ui/inputs.ts";
import { read, told } from "../../scenario/support.ts";
import { memory, type Scripted, scripted } from "../stand-ins.ts";

const MIXED = `name: Peak
steps:
  - traffic: { share: 60% }
    name: terminals
  - traffic: { over: ssh, share: 40% }
    with: terminals
thresholds: ["round_trip.p95<200ms"]
`;
const subject = (text: string): Subject => ({
  ...{ label: "Peak", uri: "file:///w/peak.scaletest.yaml", file: "peak.scaletest.yaml" },
  scenario: read(text).scenario,
});

function asking(...script: Scripted[]) {
  const saved: string[] = [];
  const inputs = scripted(...script);
  const parts = {
    ...{ inputs, memory: memory(), limits: () => ({ connections: 5_000 }) },
    thresholds: async (workload: string) => (workload === "builds" ? ["ready.p95<3m"] : []),
    save: async (text: string) => void saved.push(text),
  };
  return { inputs, parts, saved, ask: (...subjects: Subject[]) => askForLimit(parts, subjects) };
}

const runOf = (found: Awaited<ReturnType<typeof askForLimit>>) => {
  if (!found) throw new Error("nothing was asked for");
  const target = { url: "http://127.0.0.1:1", token: "t", network: {} };
  return scenarioRun(found.file, found.scenario, {
    ...{ target, allowRun: false },
    guard: { tag: "staging", limits: {} },
  });
};

describe("Find the Limit", () => {
  it("asks few questions, and the answers are the search of a scenario", async () => {
    const { ask, inputs } = asking(
      ...["connections@terminals", "No second number", "50", "2000", "2%", "30m", "Start"],
    );
    const { limit, scenario = "" } = runOf(await ask(subject(MIXED)));
    expect(limit).toMatchObject({
      ...{ vary: "connections", step: "terminals", from: 50, to: 2_000 },
      ...{ precision: 0.02, budgetMs: 1_800_000 },
    });
    expect(inputs.asked).toHaveLength(7);
    // What is kept with the run can be run again.
    expect(told(scenario)).toEqual([]);
    expect(runOf({ uri: "", file: "again", scenario: read(scenario).scenario }).limit).toEqual(limit);
  });

  it("of a workload it asks what has to hold, and saves it as a scenario instead", async () => {
    const { ask, parts, saved, inputs } = asking(
      ...[
        "workspace-traffic",
        "rate",
        "No second",
        "100",
        "900",
        "5%",
        "45m",
        "round_trip.p99<1s",
        "Done",
        "Save as Scenario…",
      ],
    );
    const subjects = await workloadSubjects(parts);
    expect(subjects.map(({ label }) => label)).toEqual(
      expect.arrayContaining(["workspace-traffic", "builds"]),
    );
    expect(await ask(...subjects)).toBeUndefined();
    expect(inputs.asked.at(-2)).toMatch(/^Type a threshold such as \S+, or choose one$/);
    const [text = ""] = saved;
    expect(told(text)).toEqual([]);
    const { search, thresholds } = read(text).scenario;
    expect(search).toMatchObject({ vary: "rate", from: "100", to: "900" });
    expect(thresholds).toEqual(["round_trip.p99<1s"]);
  });

  it.each<[Scripted[], RegExp]>([
    [["users", "0"], /not a whole number/],
    [["users", "50", "40"], /to 40 is not above from 50/],
    [["users", "50", "100", "5%", "soon"], /not a duration/],
  ])("says what is wrong with %j while it is typed", async (script, problem) => {
    const { ask } = asking(...script);
    await expect(ask(subject(MIXED))).rejects.toThrow(problem);
  });

  it("searches for each value of a second number, which is chosen or typed, with its name or without", async () => {
    const levels = ["50", "2000", "5%", "45m", "Start"];
    for (const [typed, values] of [
      ["rate=1,2,5,10", [1, 2, 5, 10]],
      ["rate = 20, 5", [5, 20]],
      ["4,8", [4, 8]],
    ] as const) {
      const { ask, inputs } = asking("connections@terminals", typed, ...levels);
      const { limit, scenario = "" } = runOf(await ask(subject(MIXED)));
      expect(limit?.and).toEqual({ vary: "messages_per_connection", values });
      expect(inputs.asked).toHaveLength(7);
      expect(runOf({ uri: "", file: "again", scenario: read(scenario).scenario }).limit).toEqual(limit);
    }
  });

  it("beside a rate, the second number is of connections", async () => {
    const traffic = subject("steps: [{ traffic: {} }]\nthresholds: [round_trip.p95 < 1s]\n");
    const { ask } = asking("rate", "connections=100,200,400", "50", "2000", "5%", "45m", "Start");
    expect(runOf(await ask(traffic)).limit?.and).toEqual({ vary: "connections", values: [100, 200, 400] });
  });

  it("says what is wrong with a second number, and asks for none where none can be", async () => {
    for (const [typed, problem] of [
      ["rate=0,5", /"0" is not a number above 0/],
      ["1,2,3,4,5,6,7,8,9", /has 9 values; 8 at most/],
      ["connections=5", /is not rate with its values, such as rate=1,2,5,10/],
    ] as const)
      await expect(asking("connections@terminals", typed).ask(subject(MIXED))).rejects.toThrow(problem);
    const { ask, inputs } = asking("users", "50", "100", "5%", "45m", "Start");
    expect(runOf(await ask(subject(MIXED))).limit?.and).toBeUndefined();
    expect(inputs.asked).toHaveLength(6);
  });

  it("offers what the file says of a second number first", async () => {
    const file = `${MIXED}search: { vary: connections@terminals, from: 5, to: 50, and: "rate=3,6" }\n`;
    const { ask, inputs } = asking("connections@terminals", "rate=3,6", "5", "50", "5%", "45m", "Start");
    expect(runOf(await ask(subject(file))).limit?.and?.values).toEqual([3, 6]);
    expect(inputs.initial[1]).toBe("rate=3,6");
  });

  it("cannot be searched while nothing has to hold, and says so before it is started", async () => {
    const answers = ["workspace-traffic", "rate", "No second", "1", "9", "5%", "45m", "Done", "Start"];
    const { ask, parts, inputs } = asking(...answers);
    const { choose } = inputs;
    let last: Choice<unknown> | undefined;
    inputs.choose = async (options) => {
      last = (await options.choices)[0];
      return choose(options);
    };
    await expect(ask(...(await workloadSubjects(parts)))).rejects.toThrow(/Cannot be searched/);
    // Nobody has written a flag here.
    expect(last?.detail).toBe("a search needs an objective: give a threshold, such as round_trip.p95<200ms");
  });

  it("does not start above a ceiling, and says so", async () => {
    const { ask } = asking("users", "50", "9000", "5%", "45m", "Start");
    await expect(ask(subject(MIXED))).rejects.toThrow(/Cannot be searched/);
  });

  it("stands above the search of a file that has one, and starts it", () => {
    const text = `${MIXED}search: { vary: users, from: 5, to: 50 }\n`;
    const { scenario, problems } = read(text);
    expect(lensesOf(scenario, problems, [])).toContainEqual(
      expect.objectContaining({ line: 7, command: "scaletest.findLimit", tooltip: "users from 5 to 50" }),
    );
    expect(lensesOf(read(MIXED).scenario, [], [])).not.toContainEqual(
      expect.objectContaining({ command: "scaletest.findLimit" }),
    );
  });

  it("has nothing to search where no step has a load", () => {
    expect(canSearch(read("steps:\n  - hold: 5m\n"))).toBe(false);
    expect(canSearch(read(MIXED))).toBe(true);
  });
});
