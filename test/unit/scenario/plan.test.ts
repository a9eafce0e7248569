import { describe, expect, it } from "vitest";
import { planOf } from "../../../src/scenario/plan.ts";
import { planText } from "../../../src/scenario/plan-text.ts";
import { EXAMPLE, read } from "./support.ts";

const plan = (text: string) => planOf(read(text).scenario);

const CLOCKED = `steps:
  - create: { count: 10, template: x }
  - traffic: { share: 50% }
    ramp: 2m
    hold: 8m
    name: one
  - traffic: { share: 50% }
    hold: 2m
    at: one + 5m
    name: two
  - traffic: {}
    hold: 3m
    after: one
    name: three
`;

describe("the plan of a scenario", () => {
  it("counts from the begin of the run, and from the ends of steps whose length nobody knows", () => {
    const known = plan(CLOCKED).map(({ name, begin, hold, end, load }) => ({
      name,
      begin,
      hold: hold.ms,
      end,
      load,
    }));
    const after = "create";
    const connections = (value: number) => ({ value, unit: "connections" });
    expect(known).toEqual([
      {
        name: "create",
        begin: { after: undefined, ms: 0 },
        hold: 0,
        end: { after, ms: 0 },
        load: { value: 10, unit: "workspaces" },
      },
      {
        name: "one",
        begin: { after, ms: 0 },
        hold: 120_000,
        end: { after, ms: 600_000 },
        load: connections(5),
      },
      {
        name: "two",
        begin: { after, ms: 420_000 },
        hold: 420_000,
        end: { after, ms: 540_000 },
        load: connections(5),
      },
      {
        name: "three",
        begin: { after, ms: 600_000 },
        hold: 600_000,
        end: { after, ms: 780_000 },
        load: connections(10),
      },
    ]);
  });

  it("is a picture of a lane for each step", () => {
    expect(
      planText(plan(EXAMPLE)),
    ).toBe(`create           │░░░░░░░░                                                      │ 200 workspaces
terminals        │        ▁▃▄▆██████████████████████████████████████████████████│ 120 connections
traffic          │        ▁▃▄▆██████████████████████████████████████████████████│ 80 connections
                  0       create ends                                           +11m

create (create-workspaces): begins at once; 200 workspaces
terminals (workspace-traffic): begins when create ends; ramp 1m, hold 10m; 120 connections
traffic (workspace-traffic): begins when create ends; ramp 1m, hold 10m; 80 connections

░ as long as its work takes
`);
  });

  it("shows ramps, stages and marks, and is nowhere wider than 100 columns", () => {
    const long = "x".repeat(60);
    const staged = `${CLOCKED}  - traffic: {}\n    at: 1h\n    stages: [{ for: 5m, to: 10 }, { for: 5m, to: 1 }]\n    name: ${long}\n`;
    for (const text of [EXAMPLE, CLOCKED, staged]) {
      const lines = planText(plan(text)).split("\n");
      expect(Math.max(...lines.map((line) => [...line].length))).toBeLessThanOrEqual(100);
    }
    expect(planText(plan(CLOCKED))).toMatch(/two +│ +▼█+ +│ 5 connections/);
    expect(planText(plan(staged))).toMatch(/x…? │ +▁.*█.*▁? *│ 10 connections/);
  });

  it("leaves out what never runs", () => {
    expect(plan("steps:\n  - traffic: {}\n    after: traffic\n")).toEqual([]);
  });
});
