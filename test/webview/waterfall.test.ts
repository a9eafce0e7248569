import type { Page } from "playwright-core";
import { expect, it } from "vitest";
import { fixtureRows, fixtureSample, fixtureSamples, fixtureSnapshot, said } from "./fixtures.ts";
import { type OpenPanel, panelForEach } from "./harness.ts";

const AT = 22_000;
const panels = panelForEach();

async function midRun(count: number): Promise<OpenPanel> {
  const panel = await panels.open({ height: 2_400, state: { tab: "workspaces" } });
  await panel.serveRows(fixtureRows(count, AT));
  await panel.send(
    { type: "connection", state: "attached" },
    { type: "series", samples: fixtureSamples(Math.min(count, 100), AT) },
    said(fixtureSnapshot(count, AT)),
  );
  await panel.page.getByRole("row", { name: /scaletest-k3x9q2ab-0/ }).waitFor();
  await drawn(panel.page);
  return panel;
}

/** Two frames: what was asked to be drawn is drawn. */
const drawn = (page: Page) =>
  page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
const waterfall = (page: Page) => page.getByRole("listbox", { name: /^Waterfall/ });
const detailOf = (page: Page) => page.getByRole("complementary", { name: "Workspace" });

async function boxOf(page: Page) {
  const box = await waterfall(page).boundingBox();
  if (!box) throw new Error("no waterfall");
  return box;
}

/** Rectangles that are filled, and changes of the document, while one update is drawn. */
async function workOf({ page, send }: OpenPanel, count: number): Promise<{ fills: number; changes: number }> {
  await page.evaluate(() => {
    const work = { fills: 0, changes: 0 };
    Object.assign(window, { work });
    const { prototype } = CanvasRenderingContext2D;
    const fillRect = prototype.fillRect;
    prototype.fillRect = function (...box) {
      work.fills++;
      fillRect.apply(this, box);
    };
    new MutationObserver((records) => {
      work.changes += records.length;
    }).observe(document.body, { subtree: true, childList: true, attributes: true, characterData: true });
  });
  await send(said(fixtureSnapshot(count, AT + 250)));
  await send({ type: "sample", sample: fixtureSample(100, AT + 1_000) });
  await drawn(page);
  return page.evaluate(() => (window as unknown as { work: { fills: number; changes: number } }).work);
}

it("takes the same work for 500 workspaces as for 5,000", async () => {
  const few = await workOf(await midRun(500), 500);
  await panels.close();
  const many = await workOf(await midRun(5_000), 5_000);
  expect(few.fills).toBeGreaterThan(50);
  expect(many.fills).toBeLessThan(few.fills * 1.2);
  expect(many.changes).toBeLessThan(few.changes * 1.5 + 50);
});

it("asks for the pages in sight only, also when scrolled to the end", async () => {
  const { page, posted } = await midRun(5_000);
  const box = await boxOf(page);
  await page.mouse.move(box.x + 200, box.y + 100);
  await page.mouse.wheel(0, 1_000_000);
  const offsets = async () =>
    (await posted()).flatMap((message) => (message.type === "page" ? [message.query.offset] : []));
  await expect.poll(offsets).toContain(4_900);
  expect(new Set(await offsets()).size).toBeLessThan(5);
});

it("is gone through by keys: a workspace is spoken, its details open, the table follows", async () => {
  const { page } = await midRun(200);
  const box = waterfall(page);
  await box.focus();
  for (const key of ["ArrowDown", "End"]) await page.keyboard.press(key);
  const option = box.getByRole("option");
  await expect.poll(() => option.textContent()).toMatch(/^scaletest-k3x9q2ab-199, /);
  expect(await option.getAttribute("aria-posinset")).toBe("200");
  expect(await box.getAttribute("aria-activedescendant")).toBe(await option.getAttribute("id"));
  await detailOf(page).getByRole("heading", { name: "scaletest-k3x9q2ab-199" }).waitFor();
  await page.getByRole("row", { name: /scaletest-k3x9q2ab-199/, selected: true }).waitFor();
  await page.keyboard.press("Escape");
  expect(await detailOf(page).isVisible()).toBe(false);
  expect(await box.evaluate((node) => node === document.activeElement)).toBe(true);
});

it("opens the details of the line that is clicked", async () => {
  const { page } = await midRun(20);
  const box = await boxOf(page);
  // Twenty lines are as high as lines get: 14 pixels.
  await page.mouse.click(box.x + 300, box.y + 14 * 7 + 5);
  await detailOf(page).getByRole("heading", { name: "scaletest-k3x9q2ab-7", exact: true }).waitFor();
});

it("has one cursor with the charts, either way", async () => {
  const { page } = await midRun(200);
  const chart = page.getByRole("img", { name: /^Workspaces, at / });
  const time = async () => (await chart.getAttribute("aria-label"))?.match(/at (00:\d\d)/)?.[1];
  const box = await boxOf(page);
  await page.mouse.move(box.x + 40 + (box.width - 58) / 2, box.y + 50);
  await expect.poll(time).toBe("00:11");
  await page.mouse.move(2, 2);
  await expect.poll(time).toBe("00:22");
  const before = await waterfall(page).screenshot();
  const canvas = await chart.boundingBox();
  if (!canvas) throw new Error("no chart");
  await page.mouse.move(canvas.x + canvas.width / 2, canvas.y + 40);
  await expect.poll(async () => (await waterfall(page).screenshot()).equals(before)).toBe(false);
});

it("zooms with the charts: by dragging, by keys, and back", async () => {
  const { page } = await midRun(200);
  const box = await boxOf(page);
  const part = page.locator(".zoom-bar").getByRole("status");
  const width = box.width - 58;
  await page.mouse.move(box.x + 40 + width * 0.25, box.y + 60);
  await page.mouse.down();
  await page.mouse.move(box.x + 40 + width * 0.75, box.y + 60, { steps: 4 });
  await page.mouse.up();
  await expect.poll(() => part.textContent()).toBe("00:05 – 00:16");
  expect(await detailOf(page).isVisible()).toBe(false);
  await waterfall(page).focus();
  await page.keyboard.press("+");
  await expect.poll(() => part.textContent()).toBe("00:08 – 00:13");
  await page.keyboard.press("ArrowRight");
  await expect.poll(() => part.textContent()).toBe("00:09 – 00:15");
  await page.keyboard.press("0");
  const all = page.getByRole("button", { name: "All", exact: true });
  await expect.poll(() => all.getAttribute("aria-pressed")).toBe("true");
});

it("shows the rows that the filter finds", async () => {
  const { page } = await midRun(200);
  const height = (await boxOf(page)).height;
  await page.getByRole("combobox", { name: "Show workspaces in state" }).selectOption("failed");
  await expect.poll(async () => (await boxOf(page)).height).toBeLessThan(height / 2);
  await page.getByRole("searchbox").fill("there is none of this name");
  await expect.poll(() => waterfall(page).isVisible()).toBe(false);
});
