import { describe, expect, it } from "vitest";
import { workspacesParams } from "../../../src/protocol/messages.ts";
import type { WorkspaceRow } from "../../../src/protocol/snapshot.ts";
import { workspacePage } from "../../../src/protocol/workspace-page.ts";
import { say } from "../../../src/text/message.ts";
import {
  buildAddress,
  errorLineOf,
  type FindRun,
  keptAddress,
  keptText,
  type LoggedRun,
  restoredLog,
} from "../../../src/vscode/features/panel/kept-logs.ts";
import { inEnglish } from "../../../test/support/in-english.ts";
import { fixtureRows } from "../../webview/fixtures.ts";

/** Two owners have a workspace of one name. */
const rows: WorkspaceRow[] = fixtureRows(900, 0).map((row) => {
  if (row.index === 3) return { ...row, name: "dev", owner: "a", log: "the first", error: say("it failed") };
  return row.index === 800 ? { ...row, name: "dev", owner: "b", log: "the second" } : row;
});
const [first, second] = [rows[3], rows[800]];

const run: LoggedRun = {
  workspaces: async (query) => workspacePage(rows, workspacesParams.parse(query)),
  buildLog: async (step, index) => `build of ${index} of ${step}`,
};
const find: FindRun = async (id) => (id === "abcdefgh" ? run : undefined);

describe("a log that was open before the window was loaded anew", () => {
  it("is read from the record of its run", async () => {
    if (!first || !second) throw new Error("no rows");
    expect(inEnglish(await restoredLog(keptAddress("abcdefgh", first), find))).toBe("it failed\n\nthe first");
    expect(await restoredLog(keptAddress("abcdefgh", second), find)).toBe("the second");
  });

  it("of a build is asked for again, and says why there is none", async () => {
    if (!second) throw new Error("no row");
    const address = buildAddress("abcdefgh", second);
    expect(await restoredLog(address, find)).toBe("build of 800 of create-workspaces");
    const over = { ...run, buildLog: () => Promise.reject(new Error("the run has ended")) };
    expect(await restoredLog(address, async () => over)).toBe("No log: the run has ended");
  });

  it("is not kept where its run, its workspace or its text is not", async () => {
    const gone = "This log is no longer available.";
    for (const [runId, index] of [
      ["nonesuch", 3],
      ["abcdefgh", 5_000],
      ["abcdefgh", 4],
    ] as const)
      expect(
        await restoredLog(keptAddress(runId, { name: "dev", step: "create-workspaces", index }), find),
      ).toBe(gone);
    expect(await restoredLog({ path: "/abcdefgh/dev.log", query: "" }, find)).toBe(gone);
  });
});

it("knows the line of a kept log that says what went wrong, below the error itself", () => {
  const error = say("build failed: {0}", "quota exceeded");
  const row = { error, log: "Creating...\n\u001b[31m│ Error: quota exceeded\nDone." };
  const line = errorLineOf(row);
  expect(keptText(row).split("\n")[line ?? -1]).toContain("Error: quota exceeded");
  expect(errorLineOf({ log: "Error: of no failure" })).toBeUndefined();
});
