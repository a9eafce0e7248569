import { expect, expectTypeOf, it } from "vitest";
import { foreign, say, sayCount } from "../../../src/text/message.ts";
import { type EnglishSnapshot, inEnglish } from "../../../src/vscode/features/api/in-english.ts";
import { messagesIn } from "../../support/in-english.ts";
import { fixtureSnapshot } from "../../webview/fixtures.ts";

it("other extensions read a run's texts in English, as they did before texts were messages", () => {
  const snapshot = fixtureSnapshot(200, 90_000, {
    outcome: {
      verdict: "failed",
      summary: sayCount(2, { one: "{0} failed", other: "{0} failed" }),
      succeeded: 198,
      failed: 2,
      orphans: 0,
      kept: 0,
      exitCode: 1,
    },
    events: [{ t: 1, level: "info", text: say("build failed: {0}", foreign("exit status 1")) }],
  });
  const read = inEnglish(snapshot);
  expect(messagesIn(read)).toEqual([]);
  expect([read.outcome?.summary, read.events[0]?.text]).toEqual(["2 failed", "build failed: exit status 1"]);
  expect(read.description).toEqual(snapshot.description);
  expect(read.run).toEqual(snapshot.run);
});

it("their types say so", () => {
  expectTypeOf<NonNullable<EnglishSnapshot["outcome"]>["summary"]>().toEqualTypeOf<string>();
  expectTypeOf<EnglishSnapshot["events"][number]["text"]>().toEqualTypeOf<string>();
  expectTypeOf<EnglishSnapshot["stages"][number]["label"]>().toEqualTypeOf<string>();
  expectTypeOf<EnglishSnapshot["run"]["id"]>().toEqualTypeOf<string>();
});
