import { describe, expect, it } from "vitest";
import { NOTHING_LEFT } from "../../../src/protocol/left.ts";
import type { Snapshot } from "../../../src/protocol/snapshot.ts";
import { NO_COUNTS, viewOf } from "../../../src/protocol/steps.ts";
import { escapeMarkdown } from "../../../src/text/markdown.ts";
import { foreign, say } from "../../../src/text/message.ts";
import { statusOf, verdictStatus } from "../../../src/vscode/features/runs/status/text.ts";
import { groupsOf } from "../../../src/vscode/features/runs/tree/groups.ts";
import { hitNodes, type TreeRun, treeOf } from "../../../src/vscode/features/runs/tree/model.ts";
import type { TreeNode } from "../../../src/vscode/features/runs/tree/node.ts";
import type { PastRun } from "../../../src/vscode/model/runs/run-list.ts";
import type { OneStep } from "../../one-step.ts";
import { figuresOf } from "../../webview/described.ts";
import { CREATION_DESCRIPTION, fixtureRows, fixtureSnapshot } from "../../webview/fixtures.ts";
import { OVER, trafficSnapshot } from "./traffic-fixture.ts";

function running(changes: Partial<OneStep> = {}, id = "k3x9q2ab"): TreeRun {
  const snapshot = fixtureSnapshot(200, 22_000, changes);
  return {
    id,
    title: snapshot.run.title,
    condition: "attached",
    silentSince: undefined,
    active: true,
    snapshot,
    file: { deployment: { host: "h" } },
  };
}

const outcome: NonNullable<OneStep["outcome"]> = {
  verdict: "failed",
  summary: say("198 succeeded, 2 failed: 2 build failed"),
  succeeded: 198,
  failed: 2,
  orphans: 0,
  kept: 0,
  exitCode: 1,
};
const ended: TreeRun = { ...running({ state: "finished", outcome }), condition: "ended", active: false };

const EXPIRED = { since: 1_764_000_000_000, until: 1_764_000_600_000, user: "admin" };

const broken = {
  expression: "round_trip.p95<10ms",
  label: say("Round trip p95"),
  limit: say("< 10ms"),
  observed: say("12ms"),
  state: "broken",
} as const;
const met = {
  expression: "failures.rate<9%",
  label: say("Failures share"),
  limit: say("< 9 %"),
  observed: say("4 %"),
  state: "met",
} as const;

/** Indented lines, as they would be read. */
function lines(nodes: readonly TreeNode[], depth = 0): string[] {
  return nodes.flatMap((node) => [
    `${"  ".repeat(depth)}${node.label}${node.description ? ` | ${node.description}` : ""}`,
    ...lines(node.children, depth + 1),
  ]);
}

/** Of a run in the folder. */
function recorded(result: NonNullable<Snapshot["outcome"]>): PastRun {
  const deployment = { url: "https://h", host: "h", version: "", user: "", sandbox: false };
  const file = { version: 1 as const, id: "k3x9q2ab", title: "t", workload: "w", steps: [], deployment };
  return {
    folder: "/k3x9q2ab",
    file: { ...file, createdAt: 0, host: "h", product: "0", runner: { token: "t" } },
    result: { run_id: "k3x9q2ab", outcome: result },
    left: NOTHING_LEFT,
  };
}

describe("a run that is over", () => {
  it.each([
    ["passed", "pass", undefined],
    ["failed", "error", "error"],
    ["refused", "error", "error"],
    ["interrupted", "stop-circle", undefined],
    ["invalid", "warning", "warning"],
  ] as const)("looks the same in the list of runs and in the status bar: %s", (verdict, icon, background) => {
    const run = { ...ended, snapshot: { ...fixtureSnapshot(200, 22_000), outcome: { ...outcome, verdict } } };
    const [past] = groupsOf([recorded({ ...outcome, verdict })], "").flatMap(({ runs }) => runs);
    expect(past).toMatchObject({ icon });
    expect(verdictStatus(run)?.text).toMatch(new RegExp(`^\\$\\(${icon}\\) `));
    expect(verdictStatus(run)?.background).toBe(background);
  });
});

describe("the tree", () => {
  it("goes from the run by its stages to where its workspaces are, and to the causes of failures", () => {
    expect(lines(treeOf([running()]))).toEqual([
      "create-workspaces 200 × kubernetes | 105/200 · 2 failed",
      "  Check",
      "  Create and use | 87 of 200",
      "    queued | 50",
      "    building | 33",
      "    starting | 10",
      "    in use | 20",
      "    succeeded | 85",
      "    failed | 2",
      "  Clean up",
      "  Errors | 1 cause",
      "    2× build failed: terraform apply: exit status 1",
    ]);
  });

  it("has ids that stay while figures change, so that nothing collapses", () => {
    const ids = (nodes: readonly TreeNode[]): string[] =>
      nodes.flatMap((node) => [node.id, ...ids(node.children)]);
    const before = ids(treeOf([running()]));
    const after = ids(
      treeOf([
        running({
          elapsedMs: 23_000,
          causes: fixtureSnapshot(200, 22_000).causes.map((c) => ({ ...c, count: 9 })),
        }),
      ]),
    );
    expect(after).toEqual(before);
    expect(new Set(before).size).toBe(before.length);
  });

  it("has traffic's figures and the thresholds, broken ones open", () => {
    const snapshot = trafficSnapshot(4, { thresholds: [broken, met] });
    const tree = lines(treeOf([{ ...running(), snapshot, title: snapshot.run.title }]));
    expect(tree.slice(0, 1)).toEqual([
      "web terminal traffic to 50 workspaces | 48/50 · 2 dropped · p95 12ms",
    ]);
    expect(tree.slice(-9)).toEqual([
      "  Figures",
      "    connections | 48 of 50",
      "    achieved | 495/s of 500/s · 1.98 MB/s of 2.00 MB/s",
      "    round trip p50 · p95 · p99 | 4ms · 12ms · 20ms",
      "    dropped · failed | 2 · 0",
      "    messages missed · lost · wrong | 0 · 0 · 0",
      "  Thresholds | 1 of 2 failed",
      "    Round trip p95 < 10ms | 12ms",
      "    Failures share < 9 % | 4 %",
    ]);
  });

  it("shows a load that is over by its result, in the tree and in the tooltip", () => {
    const closed = { 'open_connections{state="active"}.last@second': 0 };
    const cleaning = trafficSnapshot(4, { state: "cleaning", part: OVER }, closed);
    const [node] = treeOf([{ ...running(), snapshot: cleaning }]);
    expect(node?.description).toBe("cleaning up · 50/50 · 2 dropped · p95 12ms");
    expect(lines(node ? [node] : [])).toContain("    connections | 50 of 50");
    const over = trafficSnapshot(4, { state: "finished", outcome, part: OVER }, closed);
    const tooltip = verdictStatus({ ...ended, snapshot: over })?.tooltip ?? "";
    expect(tooltip).toContain("| connections | 50 of 50 |");
  });

  it("shows what was stopped on purpose as stopped: one word, no pause and no error", () => {
    const stages: OneStep["stages"] = [
      { id: "jobs", label: say("Create and use"), state: "stopped", done: 8, total: 8 },
    ];
    const counts = { ...fixtureSnapshot(8, 0).counts, waiting: 0, succeeded: 4, canceled: 4 };
    const stopped = { ...outcome, verdict: "interrupted", succeeded: 4, failed: 0 } as const;
    const snapshot = fixtureSnapshot(8, 0, {
      state: "finished",
      stages,
      counts,
      causes: [],
      outcome: stopped,
    });
    const run: TreeRun = { ...ended, snapshot };
    const [node] = treeOf([run]);
    const all = (nodes: readonly TreeNode[]): TreeNode[] =>
      nodes.flatMap((one) => [one, ...all(one.children)]);
    const told = all(node ? [node] : []);
    expect(told.map(({ icon }) => icon)).toEqual(["stop-circle", "stop-circle", "check", "stop-circle"]);
    expect(told.filter(({ colour }) => colour === "testing.iconFailed")).toEqual([]);
    expect(verdictStatus(run)).toMatchObject({
      text: "$(stop-circle) stopped · 4/8",
      background: undefined,
    });
    const words = told.map(({ label, description, spoken }) => `${label} ${description} ${spoken}`).join(" ");
    expect(words).not.toMatch(/cancel|interrupt/i);
  });

  it("gives no two lines one id, whatever servers and people write", () => {
    const cause = (id: string, text: string) => ({
      id,
      cause: foreign(text),
      count: 1,
      example: { workspace: "w", message: foreign(text) },
    });
    const causes = [cause("a/b", "c"), cause("a", "b/c")];
    const run = running({ causes, thresholds: [broken, { ...met, expression: broken.expression }] });
    const ids = (nodes: readonly TreeNode[]): string[] =>
      nodes.flatMap((node) => [node.id, ...ids(node.children)]);
    const found = ids(treeOf([run]));
    expect(new Set(found).size).toBe(found.length);
    const node = treeOf([run])[0]?.children.at(-1)?.children[0];
    if (!node) throw new Error("no cause");
    // Two owners may each have a workspace of this name.
    const rows = [0, 1].map((index) => ({
      ...fixtureRows(1, 0)[0],
      index,
      name: "dev",
      owner: `user${index}`,
      cause: node.hit?.cause,
    })) as ReturnType<typeof fixtureRows>;
    expect(new Set(hitNodes(node, rows, 2).map(({ id }) => id)).size).toBe(2);
  });

  it("shows a runner that does not answer as that, and nothing as moving", () => {
    const [node] = treeOf([{ ...running(), silentSince: Date.UTC(2026, 0, 1) }]);
    expect(node).toMatchObject({
      description: "not answering",
      icon: "debug-disconnect",
      context: "run.silent",
    });
    expect(node?.tooltip).toMatch(/has not answered since .*; its load may still be running/);
    const icons = (nodes: readonly TreeNode[]): string[] =>
      nodes.flatMap(({ icon, children }) => [icon, ...icons(children)]);
    expect(icons(node ? [node] : []).filter((icon) => icon.includes("spin"))).toEqual([]);
  });

  it("lists the workspaces that a cause hit, and says how many more there are", () => {
    const cause = treeOf([running()])[0]?.children.at(-1)?.children[0];
    if (!cause) throw new Error("no cause");
    const rows = fixtureRows(300, 90_000).map((row) =>
      row.cause ? { ...row, cause: say("build failed: terraform apply: exit status 1") } : row,
    );
    const hit = rows.filter((row) => row.cause).slice(0, 2);
    expect(hitNodes(cause, hit, 1_003).map(({ label }) => label)).toEqual([
      "scaletest-k3x9q2ab-41",
      "scaletest-k3x9q2ab-138",
      "1,001 more in the panel",
    ]);
    expect(hitNodes(cause, hit, 2).map(({ label }) => label)).toHaveLength(2);
    expect(hitNodes(cause, hit, 2)[0]?.tooltip).toContain("exit status 1");
    // A click shows just this in the panel.
    expect(cause.target).toEqual({ failure: "build failed: terraform apply: exit status 1" });
    expect(hitNodes(cause, hit, 2)[0]?.target).toEqual({
      step: "create-workspaces",
      workspace: "scaletest-k3x9q2ab-41",
    });
  });

  it("has a line to sign in by where the session has expired, before all others", () => {
    const [node] = treeOf([running({ sessionExpired: EXPIRED })]);
    expect(node).toMatchObject({ icon: "key", description: "session expired · 105/200 · 2 failed" });
    expect(node?.children[0]).toMatchObject({
      label: "Session expired",
      description: expect.stringMatching(/^sign in by \d/),
      command: "scaletest.signInAgain",
      context: "expired",
    });
    expect(node?.children[1]?.label).toBe("Check");
    expect(node?.children.some(({ icon }) => icon.includes("spin"))).toBe(false);
  });

  it("offers what fits the run's state", () => {
    const context = (run: TreeRun) => treeOf([run])[0]?.context;
    expect(context(running())).toBe("run.active");
    expect(context(running({ paused: true }))).toBe("run.paused");
    expect(context(running({ state: "cleaning" }))).toBe("run.stopping");
    expect(context(running({ state: "cleaning", sessionExpired: EXPIRED }))).toBe("run.expired");
  });

  it("tells a run of another version from one that begins", () => {
    const text = (condition: TreeRun["condition"]) =>
      treeOf([{ ...running(), condition, snapshot: undefined }])[0]?.description;
    expect(text("foreign")).toMatch(/another version/);
    expect(text("attached")).toBe("starting");
  });
});

describe("the status bar", () => {
  it("is empty where nothing runs", () => expect(statusOf([ended])).toBeUndefined());

  it("shows one run by its figures", () => {
    const status = statusOf([running()]);
    expect(status?.text).toBe("$(loading~spin) 105/200 · 2 failed · about 00:41 left");
    expect(status?.spoken).toBe(
      "Scale test: create-workspaces 200 × kubernetes, 105 of 200 ready, 2 failed, about 00:41 left",
    );
    expect(status?.background).toBe("warning");
  });

  it("shows how long it takes until a workspace is ready", () => {
    const status = statusOf([running({ figures: figuresOf(CREATION_DESCRIPTION, { "ready.p95": 31_000 }) })]);
    expect(status?.text).toBe("$(loading~spin) 105/200 · 2 failed · p95 31s · about 00:41 left");
    expect(status?.spoken).toMatch(/time to ready p95 31s$/);
    expect(status?.tooltip).toContain("| time to ready, p95 | 31s |");
  });

  it("shows traffic by its connections and round trip", () => {
    const snapshot = trafficSnapshot();
    const status = statusOf([{ ...running(), snapshot }]);
    expect(status?.text).toBe("$(loading~spin) 48/50 · 2 dropped · p95 12ms · about 01:30 left");
    expect(status?.tooltip).toContain("| achieved | 495/s of 500/s · 1.98 MB/s of 2.00 MB/s |");
    expect(status?.tooltip).toContain("| round trip p50 · p95 · p99 | 4ms · 12ms · 20ms |");
  });

  it("says what is waited for, and until when, where there is no estimate", () => {
    const waitsFor = { doing: say("waiting for the agent"), count: 3, limitMs: 536_000 };
    const status = statusOf([running({ remainingMs: null, waitsFor })]);
    expect(status?.text).toMatch(/ · 3 waiting for the agent, time limit in 08:56$/);
    const unlimited = statusOf([running({ remainingMs: null, waitsFor: { ...waitsFor, limitMs: null } })]);
    expect(unlimited?.text).toMatch(/ · 3 waiting for the agent, without a time limit$/);
  });

  it("has the error's colour as soon as a threshold is broken, and names it", () => {
    const snapshot = trafficSnapshot(4, { thresholds: [broken, met] });
    const status = statusOf([{ ...running(), snapshot }]);
    expect(status?.background).toBe("error");
    expect(status?.text).toContain("· 1 threshold failed ·");
    expect(status?.tooltip).toContain("| $(error) Round trip p95 \\< 10ms | 12ms |");
    expect(status?.tooltip).toContain("| $(pass) Failures share \\< 9 % | 4 % |");
  });

  it("says that a runner does not answer, without a spinner, and what can be done", () => {
    const silent = { ...running(), silentSince: Date.UTC(2026, 0, 1) };
    const status = statusOf([silent]);
    expect(status).toMatchObject({ text: "$(debug-disconnect) not answering", background: "error" });
    expect(status?.tooltip).toContain("command:scaletest.endRunner");
    expect(statusOf([running()])?.tooltip).not.toContain("command:scaletest.endRunner");
    expect(statusOf([running(), silent])?.text).toContain("1 not answering");
  });

  it("says that a run's session has expired, and how to mend it", () => {
    const waits = running({ sessionExpired: EXPIRED });
    const status = statusOf([waits]);
    expect(status?.text).toBe("$(key) session expired · 105/200 · 2 failed · about 00:41 left");
    expect(status?.background).toBe("warning");
    expect(status?.tooltip).toContain("[Sign in again](command:scaletest.signInAgain?");
    expect(statusOf([waits, running({}, "other")])?.text).toContain("session expired");
  });

  it("says that a run is paused", () => {
    expect(statusOf([running({ paused: true })])?.text).toMatch(/^\$\(debug-pause\) paused · 105\/200/);
  });

  it("sums several runs", () => {
    expect(statusOf([running(), running({}, "other123")])?.text).toBe(
      "$(loading~spin) 2 tests · 210/400 · 4 failed · about 00:41 left",
    );
  });

  it("has the ways to stop in its tooltip, for this run", () => {
    const args = encodeURIComponent(JSON.stringify(["k3x9q2ab"]));
    const tooltip = statusOf([running()])?.tooltip ?? "";
    for (const command of ["showPanel", "stop", "stopAndKeep"])
      expect(tooltip).toContain(`(command:scaletest.${command}?${args})`);
  });

  it("ends with the verdict, in the error's colour where it failed", () => {
    expect(verdictStatus(ended)).toMatchObject({ text: "$(error) failed · 198/200", background: "error" });
    expect(verdictStatus(ended)?.tooltip).not.toContain("scaletest.stop?");
  });

  it("counts the jobs of all steps where it ends, as its result does", () => {
    const of = (name: string, total: number) => ({
      ...fixtureSnapshot(8, 60_000).steps[0],
      name,
      counts: { ...NO_COUNTS, total, succeeded: total },
    });
    const whole = { ...fixtureSnapshot(8, 60_000), steps: [of("create", 4), of("terminals", 8)] } as Snapshot;
    const outcome = { verdict: "passed", exitCode: 0, succeeded: 12, failed: 0, orphans: 0, kept: 0 };
    const over = {
      ...whole,
      state: "finished",
      outcome: { ...outcome, summary: foreign("all") },
    } as Snapshot;
    const run: TreeRun = { ...ended, snapshot: viewOf(over) };
    expect(verdictStatus(run)?.text).toBe("$(pass) passed · 12/12");
  });

  it("lets no title or server text become markup", () => {
    const evil = "[click](command:workbench.action.quit) <b>|`";
    const run = running();
    const tooltip = statusOf([{ ...run, title: evil }])?.tooltip ?? "";
    expect(tooltip).not.toContain("](command:workbench");
    expect(escapeMarkdown(evil)).toBe("\\[click\\]\\(command:workbench\\.action\\.quit\\) \\<b\\>\\|\\`");
  });
});
