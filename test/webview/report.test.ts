import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Outcome } from "../../src/protocol/snapshot.ts";
import { reportHtml } from "../../src/vscode/history/report.ts";
import { fixtureRows, fixtureSamples, fixtureSnapshot } from "./fixtures.ts";
import { launchBrowser } from "./harness.ts";
import { outside, pseudoTexts, textsOf } from "./pseudo.ts";
import { trafficSamples, trafficSnapshot } from "./traffic-fixtures.ts";

const AT = 60_000;
const outcome: Outcome = {
  verdict: "failed",
  summary: "198 succeeded, 2 failed: 2 build failed: terraform apply: exit status 1",
  succeeded: 198,
  failed: 2,
  orphans: 0,
  kept: 0,
  exitCode: 1,
};
let browser: Browser;
let folder: string;
let page: Page;
const complaints: string[] = [];
const requests: string[] = [];

beforeAll(async () => {
  browser = await launchBrowser();
  folder = mkdtempSync(path.join(os.tmpdir(), "scaletest-report-"));
  const html = reportHtml({
    script: readFileSync("dist/report.js", "utf8"),
    style: readFileSync("dist/report.css", "utf8"),
    final: {
      version: 1,
      snapshot: fixtureSnapshot(200, AT, { state: "finished", outcome }),
      rows: fixtureRows(200, AT),
    },
    samples: fixtureSamples(200, AT),
  });
  const file = path.join(folder, "report.html");
  writeFileSync(file, html);
  page = await browser.newPage({ viewport: { width: 1280, height: 1400 } });
  page.on("console", (message) => complaints.push(message.text()));
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("request", (request) => requests.push(request.url()));
  await page.goto(pathToFileURL(file).href);
});
afterAll(async () => {
  await browser.close();
  rmSync(folder, { recursive: true, force: true });
});

it("shows the run from one file, and asks for nothing else", async () => {
  expect(await page.getByRole("heading", { level: 1 }).textContent()).toBe(
    "create-workspaces 200 × kubernetes",
  );
  await page.getByRole("row", { name: /scaletest-k3x9q2ab-0 / }).waitFor();
  expect(await page.getByRole("img", { name: /^Workspaces, at 01:00: / }).count()).toBe(1);
  expect(requests).toHaveLength(1);
  expect(complaints).toEqual([]);
});

it("answers its own table, and offers nothing that needs an editor", async () => {
  await page.getByRole("combobox", { name: "Show workspaces in state" }).selectOption("failed");
  const rows = page.getByRole("grid", { name: "Workspaces" }).getByRole("row");
  await expect.poll(() => rows.count()).toBe(3);
  await rows.nth(1).click();
  const detail = page.getByRole("complementary", { name: "Workspace" });
  expect(await detail.getByLabel("Log").textContent()).toContain("exceeded quota");
  expect(await detail.getByRole("button").count()).toBe(1);
  expect(await page.getByRole("button", { name: "Stop" }).count()).toBe(0);
});

it("has the waterfall of the run, and of a run of traffic its charts", async () => {
  expect(await page.getByRole("listbox", { name: /^Waterfall/ }).isVisible()).toBe(true);
  const html = reportHtml({
    script: readFileSync("dist/report.js", "utf8"),
    style: readFileSync("dist/report.css", "utf8"),
    final: {
      version: 1,
      snapshot: trafficSnapshot(AT, { part: "over", remainingMs: 0 }, { state: "finished", outcome }),
      rows: fixtureRows(100, AT),
    },
    samples: trafficSamples(AT),
  });
  const file = path.join(folder, "traffic.html");
  writeFileSync(file, html);
  const traffic = await browser.newPage();
  await traffic.goto(pathToFileURL(file).href);
  await traffic.getByRole("img", { name: /^Round trip, at 01:00: / }).waitFor();
  expect(await traffic.getByRole("region", { name: "Drops" }).isVisible()).toBe(true);
  expect(await traffic.getByRole("listbox").count()).toBe(0);
  await traffic.close();
});

it("follows the reader's dark or light", async () => {
  const background = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  await page.emulateMedia({ colorScheme: "dark" });
  expect(await background()).toBe("rgb(31, 31, 31)");
  await page.emulateMedia({ colorScheme: "light" });
  expect(await background()).toBe("rgb(255, 255, 255)");
});

it("is in the language of the editor that wrote it", async () => {
  const html = reportHtml({
    script: readFileSync("dist/report.js", "utf8"),
    style: readFileSync("dist/report.css", "utf8"),
    final: {
      version: 1,
      snapshot: fixtureSnapshot(20, AT, { state: "finished", outcome }),
      rows: fixtureRows(20, AT),
    },
    samples: fixtureSamples(20, AT),
    texts: pseudoTexts(),
  });
  const file = path.join(folder, "report-pseudo.html");
  writeFileSync(file, html);
  const translated = await browser.newPage({ viewport: { width: 1280, height: 1400 } });
  await translated.goto(pathToFileURL(file).href);
  await translated.getByRole("heading", { name: /^⟦Errors/ }).waitFor();
  expect(await translated.locator("html").getAttribute("lang")).toBe("en-XA");
  const untold = (await textsOf(translated))
    .map(outside)
    .filter((text) => /\b(the|of|failed|succeeded)\b/.test(text));
  expect(untold).toEqual([]);
  await translated.close();
});
