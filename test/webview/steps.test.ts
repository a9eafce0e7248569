import type { Locator } from "playwright-core";
import { describe, expect, it } from "vitest";
import { foreign } from "../../src/text/message.ts";
import { seriousViolations } from "./axe.ts";
import { fixtureRows } from "./fixtures.ts";
import { type OpenOptions, type OpenPanel, panelForEach } from "./harness.ts";
import { STEPS_SAMPLES, stepsSnapshot } from "./steps-fixtures.ts";
import { THEMES } from "./themes.ts";
import { trafficSamples } from "./traffic-fixtures.ts";

const panels = panelForEach();

async function opened(options: OpenOptions = {}): Promise<OpenPanel> {
  const panel = await panels.open({ state: { tab: "workspaces" }, ...options });
  const rows = fixtureRows(100, 60_000);
  await panel.serveRows([
    ...rows.slice(0, 40).map((row) => ({ ...row, step: "create", name: `made-${row.index}` })),
    ...rows.slice(0, 7).map((row) => ({ ...row, step: "terminals", name: `terminal-${row.index}` })),
  ]);
  await panel.send(
    { type: "connection", state: "attached" },
    { type: "series", samples: STEPS_SAMPLES },
    { type: "snapshot", snapshot: stepsSnapshot() },
  );
  await panel.page.getByRole("list", { name: "Steps", exact: true }).waitFor();
  return panel;
}

async function boxOf(node: Locator | undefined) {
  const box = await node?.boundingBox();
  if (!box) throw new Error("it is not drawn");
  return box;
}

describe("a run of several steps", () => {
  it("has a band for each, on the axis of the charts, with what it came to, and names those to come", async () => {
    const { page } = await opened();
    const bands = page.getByRole("list", { name: "Steps", exact: true });
    expect(await bands.getByRole("button").allTextContents()).toEqual([
      "✕create, Failed · 97 succeeded, 3 failed",
      "▸terminals, measuring",
      "✓ssh, Passed · 100 succeeded, 0 failed",
    ]);
    const [create, terminals, ssh] = await bands.getByRole("listitem").all();
    const [first, second, third] = [await boxOf(create), await boxOf(terminals), await boxOf(ssh)];
    // What is at the same time is below each other.
    expect(second.y).toBe(third.y === first.y ? second.y : first.y);
    expect(third.y).toBeGreaterThan(second.y);
    expect(await page.getByRole("list", { name: "Steps to come" }).innerText()).toMatch(/drill\s+pending/);
  });

  it("begins and ends where the charts do, above each column of them, whatever the width", async () => {
    const { page } = await opened();
    for (const [width, columns] of [
      [1_600, 2],
      [1_100, 2],
      [740, 1],
    ] as const) {
      await page.setViewportSize({ width, height: 1_000 });
      const ribbons = page.locator(".ribbon:visible");
      await expect.poll(() => ribbons.count(), { timeout: 10_000 }).toBe(columns);
      await expect
        .poll(
          async () => {
            const overs = await page.locator(".charts .u-over").all();
            const edges = await Promise.all(overs.map(boxOf));
            const of = await Promise.all((await ribbons.all()).map(boxOf));
            return edges.map((box, at) => {
              const ribbon = of[at % columns];
              if (!ribbon) throw new Error("no ribbon");
              return Math.max(Math.abs(box.x - ribbon.x), Math.abs(box.width - ribbon.width)) <= 1;
            });
          },
          { timeout: 10_000 },
        )
        .toEqual(expect.not.arrayContaining([false]));
    }
    // A band of 59.5 of 100 seconds begins where that second is drawn.
    const band = await boxOf(page.locator(".ribbon li").nth(1));
    const plot = await boxOf(page.locator(".charts .u-over").first());
    expect(Math.abs(band.x - (plot.x + plot.width * 0.595))).toBeLessThanOrEqual(1.5);
  });

  it("zooms to a step and back again by the keyboard, and says of which step the charts are", async () => {
    const { page, state } = await opened();
    const create = page.getByRole("button", { name: "create" });
    await create.focus();
    await page.keyboard.press("Enter");
    await expect.poll(state).toMatchObject({ step: "create", zoom: { min: 0.9, max: 59.4 } });
    await page.getByText("create: Failed · 97 succeeded, 3 failed").waitFor();
    await page.keyboard.press("Enter");
    await expect.poll(async () => ((await state()) as { zoom?: unknown }).zoom).toBeUndefined();
  });

  it("marks in every chart where other steps began", async () => {
    const { page } = await opened({ state: { step: "terminals", tab: "workspaces" } });
    const names = await page
      .locator(".charts [role=img]")
      .evaluateAll((all) => all.map((chart) => chart.getAttribute("aria-label") ?? ""));
    expect(names.length).toBeGreaterThan(3);
    for (const name of names) expect(name).toMatch(/ssh at 00:59/);
  });

  it("shows the figures, charts and rows of the step in focus, and of another that is chosen", async () => {
    const { page, state } = await opened();
    await page.getByRole("row", { name: /terminal-0/ }).waitFor();
    await page.getByText("Round trip", { exact: true }).first().waitFor();
    await page.getByRole("button", { name: "create" }).click();
    await page.getByRole("row", { name: /made-0/ }).waitFor();
    expect(await page.getByRole("row", { name: /terminal-/ }).count()).toBe(0);
    await page.getByRole("heading", { name: "Ready rate" }).waitFor();
    expect(await page.getByRole("button", { name: "create" }).getAttribute("aria-pressed")).toBe("true");
    expect(await state()).toMatchObject({ step: "create" });
  });

  it("leads from a broken threshold to the time at which it was worst", async () => {
    const { page, send } = await opened();
    const threshold = {
      expression: "ready{step=create}.p95<1s over 10s",
      label: foreign("Time to ready p95 (create)"),
      limit: foreign("< 1s over 10s"),
      observed: foreign("8s"),
      step: "create",
      state: "broken",
    } as const;
    const thresholds = [{ ...threshold, worst: { from: 20, until: 30 } }];
    await send({ type: "snapshot", snapshot: { ...stepsSnapshot(), thresholds } });
    await page.getByRole("button", { name: "create" }).click();
    await page.getByRole("button", { name: "worst at 00:20" }).click();
    await page
      .getByRole("status")
      .filter({ hasText: /^00:10 – 00:40$/ })
      .waitFor();
    // One without windows has no worst second.
    await send({ type: "snapshot", snapshot: { ...stepsSnapshot(), thresholds: [threshold] } });
    await page.getByRole("button", { name: /worst at/ }).waitFor({ state: "hidden" });
  });

  it("shows a part of its time, of the step that it is about, and points at it", async () => {
    const panel = await opened();
    await panel.send({ type: "look", at: { step: "create", from: 20, until: 30 } });
    await panel.page
      .getByRole("status")
      .filter({ hasText: /^00:10 – 00:40$/ })
      .waitFor();
    expect(await panel.page.getByRole("button", { name: "create" }).getAttribute("aria-pressed")).toBe(
      "true",
    );
    await panel.send({ type: "look", at: { step: "nonesuch", from: 2, until: 3 } });
    await panel.page
      .getByRole("status")
      .filter({ hasText: /^00:00 – 00:08$/ })
      .waitFor();
    expect(await panel.page.getByRole("button", { name: "create" }).getAttribute("aria-pressed")).toBe(
      "true",
    );
  });

  it("keeps the chosen step when the panel comes back", async () => {
    const { page } = await opened({ state: { step: "create", tab: "workspaces" } });
    await page.getByRole("row", { name: /made-0/ }).waitFor();
  });

  it.each(Object.entries(THEMES))("can be read in %s", async (_name, theme) => {
    const { page, complaints } = await opened({ theme });
    await page.getByRole("row", { name: /terminal-0/ }).waitFor();
    expect(await seriousViolations(page)).toEqual([]);
    expect(complaints).toEqual([]);
    if (process.env.PICTURES) await page.screenshot({ path: `${process.env.PICTURES}/steps-${_name}.png` });
  });
});

it.each([
  ["terminals", ["ramp and warm-up", "measured", "draining"]],
  // Nothing of a creation is a ramp, or drains.
  ["create", ["preparation", "measured", "after the test"]],
])(
  "a run of one step has no bands of steps, but those of what it has gone through: %s",
  async (name, words) => {
    const panel = await panels.open();
    const one = stepsSnapshot();
    await panel.send(
      { type: "connection", state: "attached" },
      { type: "snapshot", snapshot: { ...one, steps: one.steps.filter((step) => step.name === name) } },
    );
    await panel.page.getByRole("heading", { level: 1 }).waitFor();
    expect(await panel.page.getByRole("list", { name: "Steps" }).count()).toBe(0);
    const samples = trafficSamples(40_000).map((sample) =>
      sample.second < 12 || sample.second >= 38
        ? { ...sample, step: name, outside: true as const }
        : { ...sample, step: name },
    );
    await panel.send({ type: "series", samples });
    const parts = panel.page.getByRole("list", { name: "Parts of the run" }).getByRole("button");
    await expect.poll(() => parts.allTextContents()).toEqual(words);
    await parts.nth(1).click();
    expect(await panel.state()).toMatchObject({ zoom: { min: 12, max: 38 } });
  },
);
