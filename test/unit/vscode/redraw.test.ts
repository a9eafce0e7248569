import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { HitLines } from "../../../src/vscode/tree/hits.ts";
import type { TreeNode } from "../../../src/vscode/tree/node.ts";
import { Redraw } from "../../../src/vscode/tree/redraw.ts";

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
  const cause = (count: number) => ({ id: "run/cause/x", description: `${count}×` }) as TreeNode;
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
    await vi.waitFor(() => expect(redraws).toBe(1));
    expect(hits.of(cause(2))).toEqual(lines("two"));
  });
});
