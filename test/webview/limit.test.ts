import { describe, expect, it } from "vitest";
import { shapeOf } from "../../src/limit/shape.ts";
import type { LimitResult } from "../../src/protocol/limit.ts";
import { seriousViolations } from "./axe.ts";
import { fixtureRows, said } from "./fixtures.ts";
import { panelForEach } from "./harness.ts";
import { searched, searchedGrid } from "./limit-fixtures.ts";
import { THEMES } from "./themes.ts";
import { trafficSamples, trafficSnapshot } from "./traffic-fixtures.ts";

const panels = panelForEach();
const AT_MS = 900_000;

const LIMIT = searched();

function lookAt(from: number, throughput: number, value: number) {
  const objective = { expression: "round_trip.p95<200ms", value, unit: "duration", limit: 200 };
  return {
    ...{ from, until: from + 20, verdict: "passes" as const, windows: 5, achieved: 1, throughput },
    objectives: [{ ...objective, broken_windows: 0 }],
  };
}

async function open(theme: (typeof THEMES)[number], limit = LIMIT, width = 1_280) {
  const panel = await panels.open({ theme, width, height: 1_400 });
  await panel.serveRows(fixtureRows(100, 60_000));
  await panel.send(
    { type: "connection", state: "attached" },
    { type: "series", samples: trafficSamples(AT_MS) },
    said(trafficSnapshot(AT_MS, {}, { limit })),
  );
  const section = panel.page.getByRole("region", { name: "The limit" });
  await section.waitFor();
  return { ...panel, section };
}

describe("the limit in the panel", () => {
  it("says how the search stands, with each level in both pictures", async () => {
    const { section, complaints } = await open(THEMES[0] as (typeof THEMES)[number]);
    await expect(section.getByRole("status").textContent()).resolves.toMatch(
      /limit: \d+ connections pass and \d+ break, round_trip.p95<200ms first \(confidence \d+ %\)/,
    );
    const looks = LIMIT.levels.flatMap((level) => level.looks).length;
    for (const name of ["Load against round_trip.p95<200ms", "Load against Throughput"])
      await expect(section.getByRole("group", { name }).getByRole("button").count()).resolves.toBe(looks);
    await expect(section.textContent()).resolves.toContain(`knee ${LIMIT.knee}`);
    expect(complaints).toEqual([]);
  });

  it("shows the seconds of a level that is clicked or chosen by key", async () => {
    const { page, section } = await open(THEMES[0] as (typeof THEMES)[number]);
    const [first, second] = LIMIT.levels;
    const nameOf = (level: number) => new RegExp(`^Level ${level} passes: round_trip`);
    await section
      .getByRole("button", { name: nameOf(first?.level ?? 0) })
      .first()
      .click();
    const part = page.locator(".zoom-bar .part");
    const shown = await part.textContent();
    expect(shown).toMatch(/^\d\d:\d\d – \d\d:\d\d$/);
    await section
      .getByRole("button", { name: nameOf(second?.level ?? 0) })
      .first()
      .focus();
    await page.keyboard.press("Enter");
    expect(await part.textContent()).not.toBe(shown);
  });

  it("is drawn while the search goes on, and keeps the focus when a look ends", async () => {
    const running: LimitResult = {
      ...{ ...LIMIT, end: { kind: "so_far", why: "running" }, levels: LIMIT.levels.slice(0, 2) },
      ...{ knee: undefined, curves: undefined },
    };
    const { page, section, send } = await open(THEMES[0] as (typeof THEMES)[number], running);
    const first = section.getByRole("button", { name: /^Level 50 passes/ }).first();
    await first.focus();
    await send(said(trafficSnapshot(AT_MS, {}, { limit: { ...running, levels: LIMIT.levels } })));
    await expect(page.evaluate(() => document.activeElement?.getAttribute("aria-label"))).resolves.toMatch(
      /^Level 50 passes/,
    );
  });

  it("has the fitted curves with how far they are off, where there are some", async () => {
    const levels = [50, 100, 200, 400, 800].map((level, at) => ({
      ...{ level, verdict: "passes" as const },
      looks: [lookAt(30 * at, 9.5 * level * (1 - level / 4_000), 40 + (9 * level) / (1_000 - level))],
    }));
    const end: LimitResult["end"] = { kind: "so_far", why: "running" };
    const { section } = await open(THEMES[0] as (typeof THEMES)[number], {
      ...{ ...LIMIT, levels, end, knee: undefined },
      ...shapeOf(levels),
    });
    await expect(section.locator("path.curve").count()).resolves.toBe(2);
    await expect(section.getByText(/fitted, <1 % off/).count()).resolves.toBe(2);
    await expect(section.textContent()).resolves.toContain("queue with a capacity of");
    if (process.env.PICTURES) await section.screenshot({ path: `${process.env.PICTURES}/limit-fitted.png` });
  });

  it("has the frontier of a grid above the searches, each point with its seconds", async () => {
    const grid = searchedGrid();
    const { page, section, complaints } = await open(THEMES[0] as (typeof THEMES)[number], grid);
    await expect(section.getByRole("status").textContent()).resolves.toMatch(
      /limits of connections by messages a second of each connection: 1: \d+ pass \(confidence \d+ %\), 2: .*; 10 not searched: the budget ran out/,
    );
    const frontier = section.getByRole("group", {
      name: "Limit of connections by messages a second of each connection",
    });
    await expect(frontier.getByRole("button").count()).resolves.toBe(3);
    await expect(section.getByRole("heading", { level: 3 }).allTextContents()).resolves.toEqual(
      ["1 message", "2 messages", "5 messages"].map((messages) => `${messages} a second of each connection`),
    );
    await frontier.getByRole("button", { name: /^At 2 messages .*, level \d+ passes, at / }).click();
    await expect(page.locator(".zoom-bar .part").textContent()).resolves.toMatch(/^\d\d:\d\d – \d\d:\d\d$/);
    if (process.env.PICTURES) await section.screenshot({ path: `${process.env.PICTURES}/limit-grid.png` });
    expect(await seriousViolations(page)).toEqual([]);
    expect(complaints).toEqual([]);
  });

  it.each(THEMES.map((theme) => [theme.name, theme] as const))("can be read in %s", async (name, theme) => {
    const { page, section } = await open(theme);
    if (process.env.PICTURES) {
      await section.screenshot({ path: `${process.env.PICTURES}/limit-${name}.png` });
      await page.screenshot({ path: `${process.env.PICTURES}/limit-page-${name}.png` });
    }
    expect(await seriousViolations(page)).toEqual([]);
  });

  it("fits a narrow panel", async () => {
    const { page, section } = await open(THEMES[1] as (typeof THEMES)[number], LIMIT, 480);
    if (process.env.PICTURES) await section.screenshot({ path: `${process.env.PICTURES}/limit-narrow.png` });
    const wide = await page.evaluate(() => document.documentElement.scrollWidth > window.innerWidth);
    expect(wide).toBe(false);
  });
});
