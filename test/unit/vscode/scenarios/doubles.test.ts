import { expect, it } from "vitest";
import { withoutDoubles } from "../../../../src/vscode/features/scenario-files/doubles.ts";
import { TEN, TEN_MISTAKES } from "../../../support/ten-mistakes.ts";
import { at, read } from "../../scenario/support.ts";
import { diagnosedBySchema } from "../../scenario/yaml-service.ts";

const places = (lines: readonly string[]) => lines.map((line) => line.split(" ")[0]);

it("says each mistake once where the YAML extension holds the file against the schema, too", async () => {
  const { problems } = read(TEN);
  const theirs = (await diagnosedBySchema(TEN)).map((one) => ({ ...one, source: "yaml-schema: Scenario" }));
  const own = withoutDoubles(problems, theirs).map(at);
  const all = [...own, ...theirs.map(({ range: { start } }) => `${start.line + 1}:${start.character + 1}`)];
  expect(theirs.length).toBeGreaterThan(3);
  expect(new Set(all).size).toBe(all.length);
  expect(all).toEqual(expect.arrayContaining(places(TEN_MISTAKES)));
});

it("says it all where nobody else does, or somebody who knows nothing of the schema", () => {
  const { problems } = read(TEN);
  const spelling = problems.map(({ range: { start } }) => ({
    source: "cSpell",
    range: { start: { line: start.line, character: start.column } },
  }));
  expect(withoutDoubles(problems, [])).toEqual(problems);
  expect(withoutDoubles(problems, spelling)).toEqual(problems);
});
