import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { EndedRecord } from "../../../src/app/runs/ended.ts";
import type { Outcome } from "../../../src/protocol/snapshot.ts";
import { foreign, say } from "../../../src/text/message.ts";
import { failuresOf, problemLines } from "../../../src/vscode/features/history/failures.ts";
import { endedRecord } from "../../one-step.ts";
import { fixtureRows, fixtureSnapshot } from "../../webview/fixtures.ts";

const outcome: Outcome = {
  verdict: "failed",
  summary: say("198 succeeded, 2 failed: 2 build failed"),
  succeeded: 198,
  failed: 2,
  orphans: 3,
  kept: 0,
  exitCode: 99,
};

function failed(): EndedRecord {
  const snapshot = fixtureSnapshot(200, 90_000, {
    state: "finished",
    outcome,
    thresholds: [
      {
        expression: "ready.p95<3s",
        label: say("Time to ready p95"),
        limit: say("< 3s"),
        observed: say("8.1s"),
        state: "broken",
      },
      {
        expression: "failures.count<9",
        label: say("Failures"),
        limit: say("< 9"),
        observed: say("2"),
        state: "met",
      },
    ],
  });
  return endedRecord({ version: 2, samples: [], snapshot, rows: fixtureRows(200, 90_000) });
}

describe("what went wrong", () => {
  it("is told by cause, with the workspaces hit and an example's log, and by broken threshold", () => {
    const { text, problems } = failuresOf(failed());
    expect(problems.map(({ severity, message }) => [severity, message])).toEqual([
      ["error", "Time to ready p95 is 8.1s, not < 3s"],
      [
        "error",
        "build failed: terraform apply: exit status 1 (2 workspaces, for example scaletest-k3x9q2ab-41)",
      ],
      ["warning", "3 users and workspaces left behind on the server"],
    ]);
    const lines = text.split("\n");
    for (const { line } of problems) expect(lines[line - 1]).toMatch(/^## /);
    expect(text).toContain("- scaletest-k3x9q2ab-41: build failed: terraform apply: exit status 1");
    expect(text).toContain("    kubernetes_pod.main: Creating...");
  });

  it("is nothing where nothing did", () => {
    const snapshot = fixtureSnapshot(10, 90_000, { causes: [], outcome: { ...outcome, orphans: 0 } });
    const { text, problems } = failuresOf(endedRecord({ version: 2, samples: [], snapshot, rows: [] }));
    expect(problems).toEqual([]);
    expect(text).toContain("Nothing failed.");
  });

  it("is the refusal where the run was refused", () => {
    const refusal = 'no template "x"';
    const snapshot = fixtureSnapshot(0, 0, {
      causes: [],
      outcome: { ...outcome, verdict: "refused", orphans: 0, refusal: foreign(refusal) },
    });
    expect(failuresOf(endedRecord({ version: 2, samples: [], snapshot, rows: [] })).problems).toMatchObject([
      { message: refusal },
    ]);
  });

  it("lets no text of a server make lines of its own", () => {
    const final = failed();
    const [cause] = final.snapshot.causes;
    if (!cause) throw new Error("no cause");
    cause.cause = foreign("evil\n/etc/passwd:1: error: forged");
    expect(problemLines("/f", failuresOf(final).problems).every((line) => !line.includes("\n"))).toBe(true);
  });

  it("is read by the manifest's problem matcher, with file, line, severity and message", () => {
    const { contributes } = JSON.parse(readFileSync("package.json", "utf8"));
    const { pattern } = contributes.problemMatchers[0];
    const matcher = new RegExp(pattern.regexp);
    for (const file of ["/home/me/runs/x/failures.md", "C:\\Users\\me\\runs\\x\\failures.md"]) {
      const [line = ""] = problemLines(file, failuresOf(failed()).problems);
      const found = matcher.exec(line);
      expect(found?.[pattern.file]).toBe(file);
      expect(found?.[pattern.line]).toBe("5");
      expect(found?.[pattern.severity]).toBe("error");
      expect(found?.[pattern.message]).toBe("Time to ready p95 is 8.1s, not < 3s");
    }
    expect(matcher.test("00:10  105 of 200 ready · 2 failed")).toBe(false);
  });
});
