import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { schemaText, withTables } from "../../../scripts/scenario.ts";
import { fieldNames } from "../../../src/scenario/kinds.ts";
import { workloads } from "../../../src/workloads/index.ts";
import { EXAMPLE, told } from "./support.ts";
import { diagnosedBySchema, hoveredBySchema, offeredBySchema } from "./yaml-service.ts";

async function diagnosed(text: string): Promise<string[]> {
  const found = await diagnosedBySchema(text);
  return found
    .map(({ range: { start }, message }) => `${start.line + 1}:${start.character + 1} ${message}`)
    .sort();
}

describe("the schema of scenario files", () => {
  it("is kept in the repository as the tables make it, and so are the tables of the page (npm run manifest)", () => {
    expect(readFileSync("schemas/scaletest.schema.json", "utf8")).toBe(schemaText());
    const page = readFileSync("docs/scenarios.md", "utf8");
    expect(page).toBe(withTables(page));
  });

  it("has a word for each kind of step, and no short form with the name of a field", () => {
    const words = workloads.flatMap(({ name, alias }) => (alias === undefined ? [name] : [name, alias]));
    expect(new Set(words).size).toBe(words.length);
    for (const workload of workloads)
      for (const { name } of workload.shortForms) expect(fieldNames(workload).has(name)).toBe(false);
  });

  it("takes what the product takes", async () => {
    const more = `deployment: \${SCALETEST_URL:-https://coder.example.com}
limits: { workspaces: 300, rate: 40MB/s }
baseline: last-passed
thresholds: default
parameters: { a: 1.10, b: true, c: [x, y] }
steps:
  - create-workspaces:
      count: \${SCALETEST_N:-3}
      no-ssh: true
      template: 017
      timeout: 0
    repeat: 2
  - traffic: { tickInterval: 1s, targetWorkspaces: "0:1", connectionsPerWorkspace: 2 }
    stages: [{ for: 1m, to: 2 }]
    thresholds: [round_trip.p95 < 1s]
  - cleanup:
`;
    for (const text of [EXAMPLE, more]) {
      expect(told(text).filter((line) => line.includes("error"))).toEqual([]);
      expect(await diagnosed(text)).toEqual([]);
    }
  });

  it("refuses what it can know of, at the same places", async () => {
    const text = `name: x
tempalte: y
steps:
  - create: { count: many, template: x, richParameterFile: z }
    rampto: 1m
  - traffic: { rate: 40KB/s, over: smoke }
    hold: 30
    share: 60
`;
    const found = await diagnosed(text);
    expect(found).toEqual([
      expect.stringMatching(/^2:1 .*tempalte/),
      expect.stringMatching(/^4:22 /),
      expect.stringMatching(/^4:41 .*richParameterFile/),
      expect.stringMatching(/^5:5 .*rampto/),
      expect.stringMatching(/^6:36 /),
      expect.stringMatching(/^7:11 /),
      expect.stringMatching(/^8:12 /),
    ]);
    const places = (lines: readonly string[]) => lines.map((line) => line.split(" ")[0]);
    expect(places(told(text))).toEqual(places(found));
  });

  it("offers kinds of steps, keys, fields and choices, each by one name", async () => {
    const kinds = await offeredBySchema("steps:\n  - |\n");
    expect(kinds).toEqual(expect.arrayContaining(["create", "traffic", "cleanup", "after", "hold", "share"]));
    expect(kinds).not.toContain("create-workspaces");
    expect(kinds).not.toContain("recover");
    const fields = await offeredBySchema("steps:\n  - traffic:\n      |\n");
    expect(fields).toEqual(expect.arrayContaining(["over", "rate", "tickInterval", "duration", "share"]));
    expect(fields).not.toContain("tickIntervalMs");
    expect(fields).not.toContain("tick-interval");
    expect(fields).not.toContain("coderCli");
    expect(await offeredBySchema("steps:\n  - traffic:\n      over: |\n")).toEqual(
      expect.arrayContaining(["terminal", "ssh", "app"]),
    );
    expect(await offeredBySchema("|\n")).toEqual(
      expect.arrayContaining(["name", "template", "steps", "thresholds"]),
    );
  });

  it("says of a field what it is", async () => {
    expect(await hoveredBySchema("steps:\n  - traffic:\n      connections|PerWorkspace: 2\n")).toContain(
      "Connections to each workspace",
    );
    expect(await hoveredBySchema("steps:\n  - traffic: {}\n    ho|ld: 1m\n")).toContain("at full load");
    const tick = await hoveredBySchema("steps:\n  - traffic: { tick|Interval: 1s }\n");
    expect(tick).toContain("a time with its unit, such as `1m30s` · default `100ms`");
  });
});
