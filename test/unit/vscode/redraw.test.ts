import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { workspacesParams } from "../../../src/protocol/messages.ts";
import { workspacePage } from "../../../src/protocol/workspace-page.ts";
import { say } from "../../../src/text/message.ts";
import { HitLines } from "../../../src/vscode/features/runs/tree/hits.ts";
import { treeOf } from "../../../src/vscode/features/runs/tree/model.ts";
import type { TreeNode } from "../../../src/vscode/features/runs/tree/node.ts";
import { Redraw } from "../../../src/vscode/features/runs/tree/redraw.ts";
import { waitFor } from "../../support/wait-for.ts";
import { fixtureRows, fixtureSnapshot } from "../../webview/fixtures.ts";

describe("drawing the tree", () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it("is asked for at most so often, and not again before it was taken", () => {
    let asked = 0;
    const redraw = new Redraw(500, () => asked++);
    for (let news = 0; news < 40; news++) {
      redraw.due();
      vi.advanceTimersByTime(100);
    }
    expect(asked, "a slow editor has one drawing to do, not eight").toBe(1);
    redraw.taken();
    vi.advanceTimersByTime(500);
    expect(asked, "what came meanwhile is drawn then").toBe(2);
    redraw.taken();
    vi.advanceTimersByTime(5_000);
    expect(asked, "nothing new, nothing drawn").toBe(2);
  });
});

describe("the workspaces that a cause hit", () => {
  const cause = (count: number): TreeNode => {
    const causes = [{ id: "x", cause: say("c"), count, example: { workspace: "w", message: say("c") } }];
    const snapshot = fixtureSnapshot(200, 22_000, { causes });
    const run = { id: "run", title: "t", condition: "attached", active: true, snapshot } as const;
    const file = { deployment: { host: "h" } };
    const [node] = treeOf([{ ...run, file, silentSince: undefined }]);
    const found = node?.children.at(-1)?.children[0];
    if (!found) throw new Error("no cause");
    return found;
  };
  const lines = (text: string) => [{ label: text } as TreeNode];

  it("are asked for again only when there are more, and those that are known are drawn meanwhile", async () => {
    const answers: ((lines: TreeNode[]) => void)[] = [];
    let redraws = 0;
    const hits = new HitLines(
      () => new Promise((resolve) => answers.push(resolve)),
      () => redraws++,
    );
    const first = hits.of(cause(1));
    answers[0]?.(lines("one"));
    expect(await first).toEqual(lines("one"));
    expect(hits.of(cause(1))).toEqual(lines("one"));
    expect(hits.of(cause(2))).toEqual(lines("one"));
    expect(hits.of(cause(2))).toEqual(lines("one"));
    expect(answers).toHaveLength(2);
    answers[1]?.(lines("two"));
    await waitFor(() => expect(redraws).toBe(1));
    expect(hits.of(cause(2))).toEqual(lines("two"));
  });

  it("are asked for again where nobody has answered", async () => {
    const answers = [() => Promise.reject(new Error("gone")), async () => lines("one")];
    const hits = new HitLines(
      () => answers.shift()?.() ?? Promise.resolve([]),
      () => undefined,
    );
    expect(await hits.of(cause(1))).toEqual([]);
    expect(await hits.of(cause(1))).toEqual(lines("one"));
  });

  it("are found among more failures than a page of them has", () => {
    const [row] = fixtureRows(1, 0);
    if (!row) throw new Error("no row");
    const rows = Array.from({ length: 2_000 }, (_, index) => ({
      ...row,
      index,
      state: "failed" as const,
      cause: index < 1_990 ? say("the usual") : say("the rare"),
    }));
    const page = workspacePage(rows, workspacesParams.parse({ offset: 0, limit: 5, cause: "the rare" }));
    expect([page.total, page.rows.map(({ index }) => index)]).toEqual([
      10,
      [1_990, 1_991, 1_992, 1_993, 1_994],
    ]);
  });
});
