import { describe, expect, it } from "vitest";
import { foreign } from "../../src/text/message.ts";
import { seriousViolations } from "./axe.ts";
import { fixtureRows } from "./fixtures.ts";
import { type OpenOptions, type OpenPanel, panelForEach } from "./harness.ts";
import { STEPS_SAMPLES, stepsSnapshot } from "./steps-fixtures.ts";
import { THEMES } from "./themes.ts";

const panels = panelForEach();

async function opened(options: OpenOptions = {}): Promise<OpenPanel> {
  const panel = await panels.open(options);
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
  await panel.page.getByRole("list", { name: "Steps" }).waitFor();
  return panel;
}

describe("a run of several steps", () => {
  it("has a lane for each, on the run's time, with what it came to", async () => {
    const { page } = await opened();
    const lanes = page.getByRole("list", { name: "Steps" }).getByRole("listitem");
    expect((await lanes.allInnerTexts()).map((text) => text.split("\n").filter(Boolean))).toEqual([
      ["✕", "create", "Failed · 97 succeeded, 3 failed"],
      ["▸", "terminals", "measuring"],
      ["✓", "ssh", "Passed · 100 succeeded, 0 failed"],
      ["drill", "not begun"],
    ]);
    const bars = await page
      .locator(".lanes li:nth-child(2) .bar")
      .evaluateAll((all) =>
        all.map((bar) => [bar.getAttribute("data-part"), (bar as HTMLElement).style.left]),
      );
    expect(bars).toEqual([
      ["before", "59.5%"],
      ["measured", "80%"],
    ]);
    expect(await page.locator(".lanes li:nth-child(4) .bar").count()).toBe(0);
  });

  it("shows the figures, charts and rows of the step in focus, and of another that is chosen", async () => {
    const { page, state } = await opened();
    await page.getByRole("row", { name: /terminal-0/ }).waitFor();
    await page.getByText("Round trip", { exact: true }).first().waitFor();
    await page.getByRole("button", { name: "create" }).click();
    await page.getByRole("row", { name: /made-0/ }).waitFor();
    expect(await page.getByRole("row", { name: /terminal-/ }).count()).toBe(0);
    await page.getByRole("heading", { name: "Becoming ready" }).waitFor();
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
    const { page } = await opened({ state: { step: "create" } });
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

it("a run of one step has no lanes", async () => {
  const panel = await panels.open();
  const one = stepsSnapshot();
  await panel.send(
    { type: "connection", state: "attached" },
    { type: "snapshot", snapshot: { ...one, steps: one.steps.slice(1, 2) } },
  );
  await panel.page.getByRole("heading", { level: 1 }).waitFor();
  expect(await panel.page.getByRole("list", { name: "Steps" }).count()).toBe(0);
});
