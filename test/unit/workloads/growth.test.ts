import { describe, expect, it } from "vitest";
import { Growth } from "../../../src/workloads/workspace-traffic/growth.ts";

describe("connections of a search", () => {
  it("are opened as far as its levels have come, by jobs of before and after, and are none fewer later", async () => {
    const opened: string[] = [];
    const growth = new Growth(10);
    const follow = (job: string) =>
      growth.follow(async (connections) => void opened.push(`${job} to ${connections}`));
    const leave = follow("first");
    growth.to(20);
    follow("second");
    growth.to(15);
    expect(growth.connections).toBe(20);
    leave();
    growth.to(30);
    expect(opened).toEqual(["first to 10", "first to 20", "second to 20", "second to 30"]);
  });

  it("are there once all have been opened, or have failed to", async () => {
    const growth = new Growth(1);
    const waiting: { open(): void; fail(): void }[] = [];
    growth.follow(
      () =>
        new Promise((open, fail) => waiting.push({ open: () => open(1), fail: () => fail(new Error("no")) })),
    );
    growth.to(2);
    expect(growth.isReached).toBe(false);
    waiting[0]?.open();
    waiting[1]?.fail();
    await expect.poll(() => growth.isReached).toBe(true);
  });
});
