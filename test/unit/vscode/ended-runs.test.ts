import { describe, expect, it } from "vitest";
import type { KeyFigure } from "../../../src/protocol/key-figure.ts";
import { type Left, NOTHING_LEFT } from "../../../src/protocol/left.ts";
import type { Outcome } from "../../../src/protocol/snapshot.ts";
import { say } from "../../../src/text/message.ts";
import { groupsOf } from "../../../src/vscode/features/runs/tree/groups.ts";
import type { PastRun } from "../../../src/vscode/model/runs/run-list.ts";

const NOON = new Date(2026, 2, 30, 12).getTime();
const HOUR = 3_600_000;
const OUTCOME: Outcome = {
  verdict: "passed",
  summary: say("3 succeeded, 0 failed"),
  succeeded: 3,
  failed: 0,
  orphans: 0,
  kept: 0,
  exitCode: 0,
};
const READY: KeyFigure = { label: "time to ready", figure: { value: 9_400, unit: "duration" } };

interface About {
  left?: Left;
  planned?: number;
  at?: number;
  key?: KeyFigure;
}

/** A run in the folder; without a result: its runner died. */
function past(id: string, result?: Partial<Outcome>, about: About = {}): PastRun {
  const { left = NOTHING_LEFT, planned, at = NOON, key } = about;
  const deployment = { url: "https://c", host: `${id}.example.com`, version: "", user: "", sandbox: false };
  const file = { version: 1, id, title: `run ${id}`, workload: "w", steps: [], deployment };
  const run = {
    folder: `/${id}`,
    file: { ...file, createdAt: at, host: "h", product: "0", runner: { token: "t" } },
  };
  if (!result) return { ...run, left };
  const more = { ...(planned === undefined ? {} : { total_runs: planned }), ...(key ? { key } : {}) };
  return {
    ...run,
    left,
    result: { run_id: id, outcome: { ...OUTCOME, ...result }, elapsed: "19.2s", ...more },
  };
}

const groups = (runs: readonly PastRun[], filter = "", now = NOON) =>
  groupsOf(runs, filter, now).map(({ label, expanded, runs }) => ({
    label,
    expanded,
    runs: runs.map(({ runId }) => runId),
  }));
const only = (run: PastRun) => groupsOf([run], "", NOON)[0]?.runs[0];

describe("runs that are over", () => {
  it("stand below their day, today's open and the others closed", () => {
    const runs = [
      past("a", {}),
      past("b", {}, { at: NOON - HOUR }),
      past("c", {}, { at: NOON - 20 * HOUR }),
      past("d", {}, { at: NOON - 90 * HOUR }),
    ];
    expect(groups(runs)).toEqual([
      { label: "Today", expanded: true, runs: ["a", "b"] },
      { label: "Yesterday", expanded: false, runs: ["c"] },
      { label: "Mar 26", expanded: false, runs: ["d"] },
    ]);
  });

  it("are of yesterday by the calendar, where that day has 23 hours or 25", () => {
    for (const day of [
      new Date(2026, 2, 29),
      new Date(2026, 2, 30),
      new Date(2026, 9, 25),
      new Date(2026, 9, 26),
    ]) {
      const now = day.getTime() + 60_000;
      const before = new Date(day.getFullYear(), day.getMonth(), day.getDate() - 1, 0, 1).getTime();
      expect(groups([past("a", {}, { at: before })], "", now)[0]?.label).toBe("Yesterday");
    }
  });

  it("stand apart, and before all others, where something of them is left, whatever their day", () => {
    const left = { users: 40, workspaces: 40, tokens: 0 };
    const runs = [past("a", {}), past("b", { kept: 80 }, { left, at: NOON - 50 * HOUR })];
    expect(groups(runs)).toEqual([
      { label: "Needs Clean-Up", expanded: true, runs: ["b"] },
      { label: "Today", expanded: true, runs: ["a"] },
    ]);
    const node = only(past("b", { kept: 80 }, { left }));
    expect(node).toMatchObject({ label: "40 workspaces", context: "run.kept" });
    expect(node?.description).toMatch(/^12:00 · run b · 3 passed$/);
  });

  it("say first how they ended, then what they are called", () => {
    const failed = only(past("a", { verdict: "failed", failed: 3 }, { key: READY }));
    expect(failed).toMatchObject({ label: "3 failed", icon: "error" });
    expect(failed?.description).toMatch(/^12:00 · run a · p95 9\.4s$/);
    expect(failed?.tooltip).toContain("time to ready p95 9.4s");
    expect(failed?.tooltip).toContain(" in 19.2s");
    expect(only(past("a", {}, { key: READY }))?.label).toBe("3 passed");
    expect(only(past("a", { verdict: "failed", failed: 0 }, { key: READY }))?.label).toBe("failed");
    expect(only(past("a", { verdict: "refused", refusal: say("no such template") }))?.label).toMatch(
      /^refused$/,
    );
  });

  it("say that the true figure is larger where some have not ended", () => {
    const figure = { ...READY.figure, atLeast: { unfinished: 3, of: 60 } };
    expect(only(past("a", {}, { key: { ...READY, figure } }))?.description).toMatch(/ · p95 > 9\.4s$/);
  });

  it("are told apart within the first words, where outcome and name are the same", () => {
    const labels = groupsOf([past("a", {}), past("b", {}, { at: NOON - 11 * HOUR })], "", NOON)
      .flatMap(({ runs }) => runs)
      .map(({ label, description }) => `${label} ${description}`.slice(0, 14));
    expect(labels).toEqual(["3 passed 12:00", "3 passed 01:00"]);
  });

  it("have their names before what was measured, which a side bar of usual width cuts", () => {
    const node = only(past("a", {}, { key: READY }));
    expect(node?.description.indexOf("run a")).toBeLessThan(node?.description.indexOf("p95") ?? 0);
  });

  it("are not called failed where no job was, but what had to hold did not", () => {
    const label = (result: Partial<Outcome>) => only(past("a", result))?.label;
    expect(label({ verdict: "failed", exitCode: 99 })).toBe("does not hold");
    expect(label({ verdict: "failed", failed: 2, exitCode: 99 })).toBe("2 failed");
  });

  it("are not praised where nobody said what has to hold, and the run's own answer is that it does not", () => {
    const node = only(past("a", { unjudged: true }));
    expect(node).toMatchObject({ label: "3 ended", icon: "warning" });
    expect(node?.spoken).toMatch(/, ended, /);
    // What failed is not called otherwise.
    expect(only(past("a", { verdict: "failed", failed: 3, unjudged: true }))?.label).toBe("3 failed");
  });

  it("say of one that was stopped how many passed of those that were planned, as no error", () => {
    const stopped = (succeeded: number, planned: number) =>
      only(past("a", { verdict: "interrupted", succeeded }, { planned }));
    expect(stopped(4, 8)?.label).toMatch(/^stopped, 4 of 8$/);
    expect(stopped(0, 3)?.label).toMatch(/^stopped, 0 of 3$/);
    expect(stopped(0, 0)?.label).toMatch(/^stopped$/);
    expect(stopped(4, 8)).toMatchObject({ icon: "stop-circle", colour: "testing.iconSkipped" });
    expect(stopped(4, 8)?.spoken).toMatch(/, stopped, /);
  });

  it("are told apart where a folder was copied", () => {
    const nodes = groupsOf([past("a", {}), past("a", {}), past("b", {})], "", NOON).flatMap(
      ({ runs }) => runs,
    );
    expect(new Set(nodes.map(({ id }) => id)).size).toBe(3);
  });

  it("are found by title, deployment and summary, with their days opened", () => {
    const all = [past("a", {}), past("b", { summary: say("2 failed: agent never connected") }, { at: 0 })];
    const found = (filter: string) => groups(all, filter).flatMap(({ runs }) => runs);
    expect(found("AGENT never")).toEqual(["b"]);
    expect(groups(all, "agent")[0]?.expanded).toBe(true);
    expect(found("a.example")).toEqual(["a"]);
    expect(found("  ")).toEqual(["a", "b"]);
    expect(found("nothing of it")).toEqual([]);
  });

  it("say so where they ended without a result, and can be put away while they have left something", () => {
    expect(only(past("b"))).toMatchObject({ icon: "debug-disconnect", context: "run.gone" });
    const lost = only(past("b", undefined, { left: { users: 2, workspaces: 2, tokens: 0 } }));
    expect(lost).toMatchObject({ label: "2 workspaces", context: "run.lost" });
    expect(lost?.description).toMatch(/ · run b · interrupted$/);
  });

  it("say what is left now, by the journal, whatever was left at the end", () => {
    const shown = (left: Left, result: Partial<Outcome> = {}) => {
      const node = only(past("a", result, { left }));
      return [node?.context, node?.tooltip.split("; ").at(-1)];
    };
    const kept = { users: 2, workspaces: 2, tokens: 0 };
    expect(shown(kept, { kept: 4 })).toEqual(["run.kept", "2 users and 2 workspaces left on the server"]);
    expect(shown(NOTHING_LEFT, { kept: 4 })).toEqual(["run.ended", "nothing of it is left"]);
    expect(shown({ ...NOTHING_LEFT, tokens: 1 }, { orphans: 1 })).toEqual([
      "run.left",
      "1 token of another user left on the server",
    ]);
  });
});
