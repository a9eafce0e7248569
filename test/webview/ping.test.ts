import { expect, it } from "vitest";
import { NOTHING_DESCRIBED } from "../../src/contract/describe.ts";
import type { Outcome } from "../../src/protocol/snapshot.ts";
import { say } from "../../src/text/message.ts";
import { seriousViolations } from "./axe.ts";
import { said } from "./fixtures.ts";
import { type OpenPanel, panelForEach } from "./harness.ts";
import { PING, pingRows, pingSamples, pingSnapshot } from "./ping.ts";
import { THEMES } from "./themes.ts";

const AT = 30_000;
const panels = panelForEach();

async function midRun(options: Parameters<typeof panels.open>[0] = {}): Promise<OpenPanel> {
  const panel = await panels.open({ height: 1_600, state: { tab: "workspaces" }, ...options });
  await panel.serveRows(pingRows());
  await panel.send({ type: "connection", state: "attached" }, said(pingSnapshot(AT)), {
    type: "series",
    samples: pingSamples(30),
  });
  await panel.page.getByRole("row", { name: /scaletest-k3x9q2ab-3/ }).waitFor();
  return panel;
}

it("a workload that the panel has never heard of has its cards, charts and tables", async () => {
  const { page, complaints } = await midRun();
  const cards = page.getByLabel("Figures").locator("> div");
  const told = (await cards.allInnerTexts()).map((text) => text.replaceAll("\n", " | "));
  expect(told.slice(0, 2)).toEqual([
    "In progress | 2 | 1 aiming · 1 in the air",
    "Pong p95 now | 290ms of 1,200 pings | 3 strayed",
  ]);
  expect(told).toHaveLength(3);
  const chart = page.getByRole("region", { name: "Pongs" });
  const legend = (await chart.locator(".legend-item").allInnerTexts()).map((text) =>
    text.replace(/\s+/g, " "),
  );
  expect(legend).toEqual(["p95300ms", "answered50 %", "pings a minutemean 1,200", "lunch500ms"]);
  await page.getByRole("tab", { name: "Measurements" }).click();
  const rows = (title: string) => page.getByRole("region", { name: title }).getByRole("row").allInnerTexts();
  expect(await rows("Regions")).toEqual([
    "Figure\tup north\tdown south\teverywhere",
    "pong p95\t210ms\t400ms\t320ms",
    "strayed\t3\t–\t3",
  ]);
  expect(await rows("Fates")).toEqual(["Fate\tpings", "hit\t1,190", "caught\t7"]);
  expect(await page.getByText("and 1 other", { exact: true }).isVisible()).toBe(true);
  await page.getByRole("tab", { name: "Phases" }).click();
  expect(await page.getByRole("img", { name: "mean: winding up 40ms" }).count()).toBe(1);
  expect(complaints).toEqual([]);
});

it("its jobs have their states, columns and phases, and it can be filtered by them", async () => {
  const { page, posted } = await midRun();
  const grid = page.getByRole("grid", { name: "Workspaces" });
  expect(await grid.getByRole("columnheader").allInnerTexts()).toEqual([
    "Workspace▴",
    "State",
    "Started",
    "Ready in",
    "API calls",
    "Bounces",
    "Phases over time",
  ]);
  expect(await grid.getByRole("row", { name: /-2 in the air flying .*14$/ }).count()).toBe(1);
  const state = page.getByRole("combobox", { name: "Show workspaces in state" });
  expect(await state.getByRole("option").allInnerTexts()).toEqual([
    "any state",
    "waiting",
    "aiming",
    "in the air",
    "succeeded",
    "failed",
    "stopped",
  ]);
  await state.selectOption("flying");
  await expect.poll(() => grid.getByRole("row").count()).toBe(2);
  await grid.getByRole("button", { name: "Bounces" }).click();
  const asked = async () => (await posted()).findLast(({ type }) => type === "page");
  await expect.poll(asked).toMatchObject({ query: { sort: "values.bounces", state: "flying" } });
  await grid.getByRole("row", { name: /in the air/ }).click();
  const detail = page.getByRole("complementary", { name: "Workspace" });
  expect(await detail.innerText()).toMatch(/Bounces: 14[\s\S]*winding up\s*40ms/);
  const dot = grid.locator(".dot").first();
  const colour = await dot.evaluate((node) => getComputedStyle(node).backgroundColor);
  const wanted = await page.evaluate(() => {
    const probe = document.createElement("i");
    probe.style.background = "var(--area-purple)";
    document.body.append(probe);
    return getComputedStyle(probe).backgroundColor;
  });
  expect(colour).toBe(wanted);
});

it("says what its description has for where there is nothing", async () => {
  const { page, send } = await midRun();
  await send(said(pingSnapshot(AT, {}, { figures: {} })));
  // A tab that has nothing is none.
  expect(await page.getByRole("tab", { name: "Measurements" }).count()).toBe(0);
  expect(await page.getByLabel("Figures").innerText()).toContain("none strayed");
});

it("is told by its result once it is over, and by its seconds where a part of them is shown", async () => {
  const { page, send } = await midRun();
  const outcome: Outcome = {
    verdict: "passed",
    summary: say("3 succeeded"),
    succeeded: 3,
    failed: 0,
    orphans: 0,
    kept: 0,
    exitCode: 0,
  };
  const p95 = page.getByRole("region", { name: "Pongs" }).locator(".legend .value").first();
  for (const [over, told] of [
    [true, "320ms"],
    [false, "300ms"],
  ] as const) {
    const part = { id: "ping", label: say("measuring"), remainingMs: 0, over };
    await send(said(pingSnapshot(AT, {}, { part })));
    expect(await p95.innerText()).toBe(told);
  }
  await send(said(pingSnapshot(AT, {}, { state: "finished", outcome })));
  expect(await p95.innerText()).toBe("320ms");
  expect(await page.getByLabel("Figures").innerText()).toMatch(/Pong p95\s*320ms/);
  await page.getByRole("button", { name: "Zoom in" }).click();
  await expect.poll(() => p95.innerText()).toBe("300ms");
  await page.getByRole("button", { name: "All", exact: true }).click();
  await expect.poll(() => p95.innerText()).toBe("320ms");
});

it("is drawn as soon as it is described, also where another run was shown before", async () => {
  // A state that only other runs have: to go on showing it would show nothing.
  const query = { sort: "index", descending: false, filter: "", state: "building" };
  const panel = await panels.open({ state: { runId: "x", tab: "workspaces", query } });
  const { page, send } = panel;
  await panel.serveRows(pingRows());
  const before = pingSnapshot(AT, {}, { description: NOTHING_DESCRIBED, figures: {} });
  await send({ type: "connection", state: "attached" }, said(before));
  expect(await page.getByRole("region", { name: "Pongs" }).count()).toBe(0);
  await send({ type: "series", samples: pingSamples(30) }, said(pingSnapshot(AT)));
  expect(await page.getByRole("img", { name: /^Pongs, from 00:00 to 00:30: / }).count()).toBe(1);
  await page.getByRole("row", { name: /-1 aiming / }).waitFor();
});

it.each(THEMES)("has every colour that a run can name, in the $name theme", async (theme) => {
  const { page } = await midRun({ theme });
  const colours = ["blue", "green", "grey", "orange", "purple", "red", "yellow", "pale", "dim"];
  const missing = await page.evaluate(
    (names) => {
      const styles = getComputedStyle(document.documentElement);
      return names.filter((name) => styles.getPropertyValue(name).trim() === "");
    },
    colours.flatMap((colour) => [`--colour-${colour}`, `--area-${colour}`]),
  );
  expect(missing).toEqual([]);
  expect(await seriousViolations(page)).toEqual([]);
});

it.each([360, 3_840])("does not scroll sideways at %i pixels", async (width) => {
  const { page } = await midRun({ width });
  const widths = await page.evaluate(() => [document.documentElement.scrollWidth, window.innerWidth]);
  expect(widths[0]).toBeLessThanOrEqual(widths[1] ?? 0);
});

it("has no value in a second for what the run has come to describe later", async () => {
  const { page, send } = await midRun();
  await send({
    type: "series",
    samples: [{ step: "ping", second: 0, values: [] }, ...pingSamples(30).slice(1)],
  });
  expect(await page.getByRole("img", { name: /^Pongs, from 00:00 to 00:30: 300ms p95/ }).count()).toBe(1);
  expect(PING.series.length).toBeGreaterThan(3);
});
