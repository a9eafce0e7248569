import { describe, expect, it } from "vitest";
import { originOf } from "../../../src/vscode/deployments/origin.ts";
import { requestOf } from "../../../src/vscode/tasks/definition.ts";
import { Transcript } from "../../../src/vscode/tasks/transcript.ts";
import { fixtureSnapshot } from "../../webview/fixtures.ts";

describe("a task's definition", () => {
  it("becomes a request that starts by itself", () => {
    const definition = {
      type: "coder-scaletest",
      deployment: "coder.example.com/x",
      template: "kubernetes",
      count: 5,
    };
    expect(requestOf(definition, originOf)).toMatchObject({
      url: "https://coder.example.com",
      template: "kubernetes",
      count: 5,
      concurrency: 1,
      start: true,
    });
  });

  it.each([
    [{ type: "coder-scaletest", count: 5 }, /tasks\.json: template: /],
    [{ type: "coder-scaletest", template: "k", count: 0 }, /tasks\.json: count: /],
    [{ type: "coder-scaletest", template: "k", count: 1, deployment: "a b" }, /"a b" is not an address/],
  ])("is refused where it cannot be used: %j", (definition, message) => {
    expect(() => requestOf(definition, originOf)).toThrow(message);
  });
});

describe("a task's terminal", () => {
  it("tells each event once, progress every few seconds, and the end once", () => {
    const transcript = new Transcript();
    const first = transcript.lines(fixtureSnapshot(200, 10_000));
    expect(first[0]).toBe("00:00  signed in as admin, v2.26.1");
    expect(first.at(-1)).toMatch(/^00:10 {2}\d+ of 200 ready/);
    expect(transcript.lines(fixtureSnapshot(200, 10_250))).toEqual([]);
    expect(transcript.lines(fixtureSnapshot(200, 15_250))).toHaveLength(1);
    const outcome = {
      verdict: "passed",
      summary: "200 succeeded, 0 failed",
      succeeded: 200,
      failed: 0,
      orphans: 0,
      kept: 0,
      exitCode: 0,
    } as const;
    const end = fixtureSnapshot(200, 40_000, { state: "finished", outcome });
    expect(transcript.lines(end)).toEqual(["200 succeeded, 0 failed"]);
    expect(transcript.lines(end)).toEqual([]);
  });
});
