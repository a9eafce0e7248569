import { mkdirSync } from "node:fs";
import path from "node:path";
import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { STAGED, type Staged } from "./answer-runs.ts";
import { seriousViolations } from "./axe.ts";
import { said } from "./fixtures.ts";
import { type OpenOptions, panelForEach } from "./harness.ts";
import { THEMES } from "./themes.ts";

const panels = panelForEach();
const FIRST_SCREEN_PX = 700;

async function open({ view, samples, rows }: Staged, options: OpenOptions) {
  const panel = await panels.open(options);
  await panel.serveRows(rows);
  await panel.send({ type: "connection", state: "attached" }, { type: "series", samples }, said(view));
  await panel.page.getByRole("tab", { selected: true }).waitFor();
  return panel;
}

/** What somebody reads who sees, or hears, no more than so much of the page: texts, and names of pictures. */
function readable(page: Page, height: number): Promise<string> {
  return page.evaluate((limit) => {
    const isShown = (box: DOMRect) => box.height > 1 && box.width > 1 && box.top >= 0 && box.bottom <= limit;
    const found: string[] = [];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT | NodeFilter.SHOW_ELEMENT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const element = node instanceof Element ? node : node.parentElement;
      if (!element?.checkVisibility() || element.closest("[aria-hidden=true], script")) continue;
      if (node instanceof Element) {
        const name = node.getAttribute("aria-label");
        if (node.getAttribute("role") === "img" && name && isShown(node.getBoundingClientRect()))
          found.push(name);
        continue;
      }
      const range = document.createRange();
      range.selectNodeContents(node);
      if (isShown(range.getBoundingClientRect())) found.push(node.textContent ?? "");
    }
    return found.join(" ").replaceAll(/\s+/g, " ");
  }, height);
}

const [failing, saturated, healthy, slow] = STAGED;

describe.each(STAGED)("the first screen of a run: $name", (staged) => {
  it.each([
    [1_100, 800],
    [800, 700],
  ])("says whether it holds, what limits it and what failed first, at %i × %i", async (width, height) => {
    const { page, complaints } = await open(staged, { width, height });
    const text = await readable(page, FIRST_SCREEN_PX);
    expect(text).toMatch(staged.holds);
    expect(text).toMatch(staged.limit);
    expect(text).toMatch(staged.first);
    // The whole of a chart, beside the answer.
    expect(text).toMatch(/(Round trip|Workspaces), (at|from|measured)/);
    expect(
      await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth),
    ).toBeLessThanOrEqual(0);
    expect(complaints).toEqual([]);
  });

  // Colours are the same in all of them: two that differ most are looked at in every theme.
  const themes = process.env.PICTURES || [saturated, slow].includes(staged) ? THEMES : THEMES.slice(0, 1);
  it.each(themes)("has no serious violation of accessibility, the rule opened ($name)", async (theme) => {
    const { page } = await open(staged, { theme, width: 1_100, height: 800 });
    await page.getByText("Why?").click();
    expect(await page.getByText(/^Generator late: this tool/).isVisible()).toBe(true);
    expect(await seriousViolations(page)).toEqual([]);
    const folder = process.env.PICTURES;
    if (!folder) return;
    await page.getByText("Why?").click();
    for (const width of [1_600, 1_100, 800]) {
      await page.setViewportSize({ width, height: width === 800 ? 700 : width === 1_100 ? 800 : 1_000 });
      await page.waitForTimeout(100);
      mkdirSync(folder, { recursive: true });
      await page.screenshot({
        path: path.join(folder, `${staged.name}-${theme.name}-${width}.png`.replaceAll(" ", "-")),
      });
    }
  });
});

it.each(THEMES)("has colours of states that can be seen, in $name", async (theme) => {
  if (!failing) throw new Error("no run");
  const { page } = await open(failing, { theme });
  const faint = await page.evaluate(() => {
    const probe = document.body.appendChild(document.createElement("canvas")).getContext("2d");
    const span = document.body.appendChild(document.createElement("span"));
    const luminance = (value: string) => {
      span.style.color = value;
      if (!probe) throw new Error("no canvas");
      probe.fillStyle = getComputedStyle(span).color;
      probe.fillRect(0, 0, 1, 1);
      const [r = 0, g = 0, b = 0] = [...probe.getImageData(0, 0, 1, 1).data].map((one) => {
        const part = one / 255;
        return part <= 0.040_45 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
      });
      return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const background = luminance("var(--background)");
    const names = ["blue", "green", "grey", "orange", "purple", "red", "yellow", "pale", "dim"];
    return names
      .flatMap((name) => [`--area-${name}`, `--colour-${name}`])
      .map((name) => {
        const [high = 0, low = 0] = [luminance(`var(${name})`), background].sort((a, b) => b - a);
        return { name, contrast: (high + 0.05) / (low + 0.05) };
      })
      .filter(({ contrast }) => contrast < 3);
  });
  expect(faint).toEqual([]);
});

it("lists in the legend of states those that there are, and no others", async () => {
  if (!healthy) throw new Error("no run");
  const { page } = await open(healthy, {});
  const legend = page.getByRole("region", { name: "Connections" }).locator(".legend-item:visible");
  expect((await legend.allInnerTexts()).map((text) => text.replace(/ ?max.*$/s, "").trim())).toEqual([
    "active",
    "reconnecting",
    "opening",
    "not open",
  ]);
  expect(await page.getByRole("img", { name: /^Connections,/ }).getAttribute("aria-label")).not.toContain(
    "down",
  );
});

it("shows each objective with its room and its course", async () => {
  if (!healthy) throw new Error("no run");
  const { page } = await open(healthy, {});
  const [trip, achieved] = await page.getByRole("list", { name: "Thresholds" }).getByRole("listitem").all();
  expect(await trip?.innerText()).toMatch(/Round trip p95 < 200ms\s+40ms.*80 % to spare/s);
  expect(await trip?.locator("svg path").getAttribute("d")).toMatch(/^M0 [\d.]+(H[\d.]+V[\d.]+){20,}/);
  expect(await achieved?.innerText()).toMatch(/0\.4 % to spare/);
});

it("tells a screen reader when the answer turns, and not of each figure in it", async () => {
  if (!healthy || !saturated) throw new Error("no run");
  const { page, send } = await open(healthy, {});
  const status = page.getByRole("region", { name: "Verdict" }).getByRole("status");
  expect(await status.textContent()).toBe("It holds");
  await send(said(saturated.view));
  expect(await status.textContent()).toBe("It does not hold");
});

it("is absent, and not empty, where a run of an older version has none", async () => {
  if (!healthy) throw new Error("no run");
  const { answer: _none, ...view } = healthy.view;
  const { page } = await open({ ...healthy, view }, {});
  expect(await page.getByRole("region", { name: "Verdict" }).count()).toBe(0);
});
