import { describe, expect, it } from "vitest";
import { scenarioRun } from "../../../src/app/scenario/run.ts";
import { onlyStep } from "../../../src/scenario/only.ts";
import { offersAt } from "../../../src/vscode/features/scenario-files/help/complete.ts";
import { hoverAt } from "../../../src/vscode/features/scenario-files/help/hover.ts";
import { workloads } from "../../../src/workloads/index.ts";
import { read, told } from "./support.ts";

const STEPS = `steps:
  - traffic: { over: terminal, rate: 40KB/s, share: 60% }
    hold: 1m
    name: terminals
  - traffic: { over: ssh, rate: 10KB/s, share: 40% }
    with: terminals
    name: ssh
thresholds: ["round_trip.p95<200ms"]
`;
const BUILDS = 'steps:\n  - builds: {}\nthresholds: ["ready.p95<3m"]\n';
const searching = (search: string, steps = STEPS) => `${steps}search: ${search}\n`;
const GOOD = "{ vary: connections@terminals, from: 50, to: 2000, precision: 2%, budget: 10m }";

function runOf(text: string) {
  const { scenario, problems } = read(text);
  expect(problems.filter(({ severity }) => severity === "error")).toEqual([]);
  return scenarioRun("peak.scaletest.yaml", scenario, {
    target: { url: "http://127.0.0.1:1", token: "t", network: {} },
    guard: { tag: "staging", limits: {} },
    allowRun: false,
  });
}

describe("a search in a scenario", () => {
  it("is what a run of the file is, and nothing else ends the step that is varied", () => {
    const { limit, steps } = runOf(searching(GOOD));
    expect(limit).toEqual({
      ...{ vary: "connections", step: "terminals", from: 50, to: 2_000 },
      ...{ precision: 0.02, budgetMs: 600_000, pace: "usual" },
    });
    expect(steps[0]?.config.durationMs).toBeGreaterThan(600_000);
    expect(runOf(STEPS).limit).toBeUndefined();
  });

  it("has a precision and a budget where it names none", () => {
    expect(runOf(searching("{ vary: concurrency, from: 1, to: 9 }", BUILDS)).limit).toMatchObject({
      ...{ vary: "concurrency", step: "builds", precision: 0.05, budgetMs: 45 * 60_000 },
    });
  });

  it("of users gives each load its share of them", () => {
    expect(runOf(searching("{ vary: users, from: 10, to: 100 }")).limit).toMatchObject({
      vary: "users",
      parts: [
        { step: "terminals", vary: "connections", share: 0.6 },
        { step: "ssh", vary: "connections", share: 0.4 },
      ],
    });
  });

  it("takes a second number: each value once, the smallest first", () => {
    expect(
      runOf(searching('{ vary: users, from: 10, to: 100, and: "rate=10, 0.5,2,10" }')).limit?.and,
    ).toEqual({
      ...{ vary: "messages_per_connection", values: [0.5, 2, 10] },
    });
    const rate = runOf(searching('{ vary: rate@ssh, from: 10, to: 100, and: "connections=5,9" }'));
    expect(rate.limit?.and).toEqual({ vary: "connections", values: [5, 9] });
    expect(runOf(searching(GOOD)).limit).not.toHaveProperty("and");
  });

  it("has none beside jobs", () => {
    const text = searching("{ vary: builds, from: 1, to: 9, and: rate=1 }", BUILDS);
    expect(told(text).join()).toContain("and: there is no second number beside what is searched");
  });

  it("may not have more connections than the ceiling as a second number either", () => {
    const text = `${searching('{ vary: rate@ssh, from: 1, to: 9, and: "connections=5,600" }')}limits: { connections: 500 }\n`;
    expect(told(text)).toEqual([expect.stringContaining("goes to 600 connections, and the ceiling is 500")]);
  });

  it("is no part of a run of one of its steps alone", () => {
    const only = onlyStep(read(searching(GOOD)).scenario, "terminals");
    expect("scenario" in only && only.scenario.search).toBeUndefined();
  });

  const place = STEPS.split("\n").length;
  it.each<[string, string, string]>([
    ["{ vary: connections@terminals, from: 50 }", "1", "search needs to, too"],
    ["{ vary: connections, from: 50, to: 60 }", "17", "say which step, as connections@STEP: terminals, ssh"],
    ["{ vary: connection, from: 50, to: 60 }", "17", '"connection" is none of connections, rate'],
    ["{ vary: connections@no, from: 50, to: 60 }", "17", 'there is no step "no": there is terminals, ssh'],
    ["{ vary: builds, from: 50, to: 60 }", "17", "no step has builds that could be varied"],
    ["{ vary: builds@ssh, from: 50, to: 60 }", "17", 'step "ssh" has no builds that could be varied'],
    ["{ vary: users@ssh, from: 50, to: 60 }", "17", "users is of all loads together"],
    ["{ vary: rate@ssh, from: 0, to: 60 }", "33", 'from "0" is not a whole number'],
    ["{ vary: rate@ssh, from: 70, to: 60 }", "41", "to 60 is not above from 70"],
    ["{ vary: rate@ssh, from: 5, to: 6, precision: 5 }", "54", 'precision "5" is not a share such as 5%'],
    ["{ vary: rate@ssh, from: 5, to: 6, budget: soon }", "51", 'budget "soon" is not a duration'],
    ["{ vary: rate@ssh, from: 5, to: 6, step: ssh }", "43", 'search has no "step"'],
    ["{ vary: builds, from: 5, to: 6, and: rate=1 }", "17", "no step has builds"],
    [
      '{ vary: users, from: 5, to: 6, and: "rate=1,x" }',
      "45",
      'and "x" is not a number above 0, at most 1000',
    ],
    ['{ vary: users, from: 5, to: 6, and: "rate=1,0" }', "45", 'and "0" is not a number above 0'],
    [
      "{ vary: users, from: 5, to: 6, and: connections=1 }",
      "45",
      "is not rate with its values, such as rate=",
    ],
    [
      '{ vary: rate@ssh, from: 5, to: 6, and: "connections=1,2.5" }',
      "48",
      '"2.5" is not a whole number from 1',
    ],
    ['{ vary: users, from: 5, to: 6, and: "rate=1,2,3,4,5,6,7,8,9" }', "45", "and has 9 values; 8 at most"],
    ["50", "9", "search must be a map of vary, from, to"],
  ])("%s is told at its place", (search, column, sentence) => {
    const errors = told(searching(search)).filter((line) => line.includes(" error: "));
    expect(errors).toHaveLength(1);
    expect(errors[0]).toContain(`${place}:${column} error: `);
    expect(errors[0]).toContain(sentence);
  });

  it("needs an objective, and a ceiling that its own may not pass", () => {
    const bare = searching(GOOD, STEPS.replace(/thresholds.*\n/, ""));
    expect(told(bare)).toEqual([expect.stringContaining("8:1 error: a search needs an objective")]);
    const low = `${searching(GOOD)}limits: { connections: 500 }\n`;
    expect(told(low)).toEqual([expect.stringContaining("goes to 2000 connections, and the ceiling is 500")]);
  });

  it("says that stages of the step have no effect", () => {
    const staged = STEPS.replace("    hold: 1m\n", "    stages: [{ for: 1m, to: 5 }]\n");
    expect(told(searching(GOOD, staged))).toEqual([expect.stringMatching(/warning: .*no effect/)]);
  });

  it("is completed and explained in the editor", () => {
    const offered = (search: string) => {
      const text = `${STEPS}search: ${search}\n`;
      const at = text.indexOf("|");
      const found = offersAt(text.slice(0, at) + text.slice(at + 1), at, workloads);
      return found?.offers.map(({ label }) => label);
    };
    expect(offered("{ from: 1, | }")).toEqual(["vary", "to", "and", "precision", "budget"]);
    expect(offered("{ vary: | }")).toEqual([
      ...["connections@terminals", "connections@ssh", "rate@terminals", "rate@ssh", "users"],
    ]);
    const text = searching(GOOD);
    expect(hoverAt(text, text.indexOf("precision"), workloads)?.help).toContain("How near");
  });
});
