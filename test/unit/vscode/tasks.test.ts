import { describe, expect, it } from "vitest";
import { say } from "../../../src/text/message.ts";
import { lastKey } from "../../../src/vscode/features/create/command.ts";
import { requestOf } from "../../../src/vscode/features/tasks/definition.ts";
import { suggestedTasks } from "../../../src/vscode/features/tasks/suggestions.ts";
import { lastTrafficKey } from "../../../src/vscode/features/traffic/command.ts";
import { originOf } from "../../../src/vscode/model/deployments/origin.ts";
import { Transcript } from "../../../src/vscode/model/runs/transcript.ts";
import { fixtureSnapshot } from "../../webview/fixtures.ts";
import { memory } from "./stand-ins.ts";

describe("a task's definition", () => {
  it("becomes a request that starts by itself", () => {
    const definition = {
      type: "coder-scaletest",
      deployment: "coder.example.com/x",
      template: "kubernetes",
      count: 5,
      keep: true,
      thresholds: ["failures.rate<1%"],
    };
    expect(requestOf(definition, originOf)).toMatchObject({
      workload: "create-workspaces",
      request: {
        url: "https://coder.example.com",
        template: "kubernetes",
        count: 5,
        concurrency: 1,
        config: { cleanup: false, thresholds: ["failures.rate<1%"] },
        start: true,
      },
    });
  });

  it("can ask for traffic, with durations and rates as they are written", () => {
    const definition = {
      type: "coder-scaletest",
      workload: "workspace-traffic",
      run: "aaaaaaaa",
      transport: "ssh",
      rate: "10KB/s",
      ramp: "1m",
      duration: "1h30m",
    };
    expect(requestOf(definition, originOf)).toEqual({
      workload: "workspace-traffic",
      request: {
        runId: "aaaaaaaa",
        transport: "ssh",
        rate: "10KB/s",
        connections: 1,
        rampMs: 60_000,
        warmUpMs: 0,
        durationMs: 5_400_000,
        config: {},
        start: true,
      },
    });
  });

  it.each([
    [{ type: "coder-scaletest", count: 5 }, /tasks\.json: template: names the template/],
    [{ type: "coder-scaletest", template: "k" }, /tasks\.json: count: is how many/],
    [{ type: "coder-scaletest", template: "k", count: 0 }, /tasks\.json: count: /],
    [{ type: "coder-scaletest", template: "k", count: 1, deployment: "a b" }, /"a b" is not an address/],
    [{ type: "coder-scaletest", workload: "dashboard" }, /workload: must be .*, not "dashboard"/],
    [{ type: "coder-scaletest", workload: "workspace-traffic", rate: "fast" }, /rate: must be a rate/],
    [{ type: "coder-scaletest", workload: "workspace-traffic", ramp: "soon" }, /ramp: must be a duration/],
  ])("is refused where it cannot be used: %j", (definition, message) => {
    expect(() => requestOf(definition, originOf)).toThrow(message);
  });
});

describe("suggested tasks", () => {
  const url = "https://coder.example.com";
  it("are what was run last, and can be run as they are", () => {
    const create = { template: "id", templateName: "kubernetes", count: 5, concurrency: 0, runCommand: "" };
    const traffic = {
      rate: "40KB/s",
      transport: { app: "echo" },
      connections: 2,
      rampMs: 0,
      durationMs: 600_000,
    };
    const kept = memory();
    void kept.update(lastKey(url), create);
    void kept.update(lastTrafficKey(url), traffic);
    const tasks = suggestedTasks([url], kept);
    expect(tasks.map(({ name }) => name)).toEqual([
      "create 5 × kubernetes on coder.example.com",
      "traffic of 10 messages/s × 4 KB for 10m on coder.example.com",
    ]);
    const [first, second] = tasks.map(({ definition }) => requestOf(definition, originOf).request);
    expect(first).toMatchObject({ url, template: "kubernetes", count: 5, concurrency: 0 });
    expect(second).toMatchObject({ url, app: "echo", rate: "40KB/s", connections: 2, durationMs: 600_000 });
  });

  it("are none where nothing was run", () => {
    expect(suggestedTasks([url], memory())).toEqual([]);
  });
});

describe("a task's terminal", () => {
  it("tells each event once, progress every few seconds, and the end once", () => {
    const transcript = new Transcript();
    const first = transcript.lines(fixtureSnapshot(200, 10_000));
    expect(first[0]).toBe('00:00  checking template "kubernetes" (dry run)');
    expect(first.at(-1)).toMatch(/^00:10 {2}\d+ of 200 ready/);
    expect(transcript.lines(fixtureSnapshot(200, 10_250))).toEqual([]);
    expect(transcript.lines(fixtureSnapshot(200, 15_250))).toHaveLength(1);
    const outcome = {
      verdict: "passed",
      summary: say("200 succeeded, 0 failed"),
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

  it("says that nothing is heard, once, and makes up no progress meanwhile", () => {
    const transcript = new Transcript();
    expect(transcript.silence(false)).toEqual([]);
    expect(transcript.silence(true)).toEqual(["the runner does not answer"]);
    expect(transcript.silence(true)).toEqual([]);
    expect(transcript.silence(false)).toEqual(["the runner answers again"]);
  });
});
