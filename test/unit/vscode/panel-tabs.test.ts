import { describe, expect, it } from "vitest";
import { say } from "../../../src/text/message.ts";
import { SecondClick } from "../../../src/vscode/features/panel/second-click.ts";
import { tabTitle } from "../../../src/vscode/features/panel/tab-title.ts";
import { fixtureSnapshot } from "../../webview/fixtures.ts";

describe("a double click", () => {
  it("is two clicks on the same within a moment, and not three", () => {
    let now = 0;
    const clicks = new SecondClick(() => now);
    const at = (ms: number, id: string) => {
      now = ms;
      return clicks.on(id);
    };
    expect([at(0, "a"), at(200, "b"), at(300, "b"), at(350, "b")]).toEqual([false, false, true, false]);
    expect([at(2_000, "a"), at(2_600, "a")]).toEqual([false, false]);
  });
});

describe("the name of a panel's tab", () => {
  const file = { createdAt: new Date(2026, 0, 1, 14, 2).getTime() } as Parameters<typeof tabTitle>[0]["file"];
  const outcome = { orphans: 0, kept: 0, exitCode: 1, summary: say("5 succeeded, 3 failed") };
  const over = { ...outcome, verdict: "failed" as const, succeeded: 5, failed: 3 };

  it("tells runs of one name apart by their time, and says how one ended", () => {
    const run = { title: "create 8 × kubernetes", file, condition: "attached" as const };
    const going = tabTitle({ ...run, snapshot: fixtureSnapshot(8, 1_000) });
    expect(going).toMatch(/^create 8 × kubernetes · 2:02\sPM$/);
    const snapshot = fixtureSnapshot(8, 1_000, { state: "finished", outcome: over });
    expect(tabTitle({ ...run, condition: "ended", snapshot })).toMatch(/kubernetes · 3 failed · 2:02\sPM$/);
    expect(tabTitle({ ...run, condition: "lost", snapshot: undefined })).toMatch(/ · interrupted · /);
  });
});
