import { describe, expect, it } from "vitest";
import type { Snapshot } from "../../../src/protocol/snapshot.ts";
import { escapeMarkdown, statusOf, verdictStatus } from "../../../src/vscode/status/text.ts";
import { type TreeNode, type TreeRun, treeOf } from "../../../src/vscode/tree/model.ts";
import { fixtureSnapshot } from "../../webview/fixtures.ts";

function running(changes: Partial<Snapshot> = {}, id = "k3x9q2ab"): TreeRun {
  const snapshot = fixtureSnapshot(200, 22_000, changes);
  return {
    id,
    title: snapshot.run.title,
    condition: "attached",
    remains: 4,
    active: true,
    snapshot,
    file: { deployment: { host: "h" } },
  };
}

const outcome: NonNullable<Snapshot["outcome"]> = {
  verdict: "failed",
  summary: "198 succeeded, 2 failed: 2 build failed",
  succeeded: 198,
  failed: 2,
  orphans: 0,
  kept: 0,
  exitCode: 1,
};
const ended: TreeRun = { ...running({ state: "finished", outcome }), condition: "ended", active: false };

/** Indented lines, as they would be read. */
function lines(nodes: readonly TreeNode[], depth = 0): string[] {
  return nodes.flatMap((node) => [
    `${"  ".repeat(depth)}${node.label}${node.description ? ` | ${node.description}` : ""}`,
    ...lines(node.children, depth + 1),
  ]);
}

describe("the tree", () => {
  it("goes from the run by its stages to where its workspaces are, and to the causes of failures", () => {
    expect(lines(treeOf([running()]))).toEqual([
      "create-workspaces 200 × kubernetes | 105/200 · 2 failed",
      "  Preflight",
      "  Create | 87 of 200",
      "    queued | 50",
      "    building | 33",
      "    starting | 10",
      "    in use | 20",
      "    succeeded | 85",
      "    failed | 2",
      "  Clean up",
      "  Proof",
      "  Errors | 1 cause",
      "    build failed: terraform apply: exit status 1 | 2×",
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

  it("offers what fits the run's state", () => {
    const context = (run: TreeRun) => treeOf([run])[0]?.context;
    expect(context(running())).toBe("run.active");
    expect(context(running({ paused: true }))).toBe("run.paused");
    expect(context(running({ state: "cleaning" }))).toBe("run.stopping");
    expect(context(ended)).toBe("run.ended");
  });

  it("tells a lost runner and one of another version from a run that begins", () => {
    const text = (condition: TreeRun["condition"]) =>
      treeOf([{ ...running(), condition, snapshot: undefined, active: condition !== "lost" }])[0]
        ?.description;
    expect(text("lost")).toBe("interrupted; 4 users and workspaces left");
    expect(text("foreign")).toMatch(/another version/);
    expect(text("attached")).toBe("starting");
  });
});

describe("the status bar", () => {
  it("is empty where nothing runs", () => expect(statusOf([ended])).toBeUndefined());

  it("shows one run by its figures", () => {
    const status = statusOf([running()]);
    expect(status?.text).toBe("$(loading~spin) 105/200 · 2 failed · about 00:41 left");
    expect(status?.spoken).toBe("Scale test: 105/200 · 2 failed · about 00:41 left");
    expect(status?.background).toBe("warning");
  });

  it("says that a run is paused", () => {
    expect(statusOf([running({ paused: true })])?.text).toMatch(/^\$\(debug-pause\) paused · 105\/200/);
  });

  it("sums several runs", () => {
    expect(statusOf([running(), running({}, "other123")])?.text).toBe(
      "$(loading~spin) 2 tests · 210/400 · 4 failed",
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

  it("lets no title or server text become markup", () => {
    const evil = "[click](command:workbench.action.quit) <b>|`";
    const run = running();
    const tooltip = statusOf([{ ...run, title: evil }])?.tooltip ?? "";
    expect(tooltip).not.toContain("](command:workbench");
    expect(escapeMarkdown(evil)).toBe("\\[click\\]\\(command:workbench\\.action\\.quit\\) \\<b\\>\\|\\`");
  });
});
