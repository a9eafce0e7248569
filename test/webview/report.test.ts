import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { reportHtml } from "../../src/app/report/html.ts";
import { summarize } from "../../src/engine/answer/causes.ts";
import type { Outcome } from "../../src/protocol/snapshot.ts";
import { workloadNamed } from "../../src/workloads/index.ts";
import { endedRecord, reportedOf } from "../one-step.ts";
import { fixtureRows, fixtureSamples, fixtureSnapshot } from "./fixtures.ts";
import { launchBrowser } from "./harness.ts";
import { pseudoTexts, textsOf, untold } from "./pseudo.ts";
import { creation, pageOf } from "./report-runs.ts";
import { endedTraffic, endedTrafficSamples } from "./traffic-fixtures.ts";

const AT = 60_000;
const outcome: Outcome = {
  verdict: "failed",
  summary: summarize(198, 2, 0, fixtureSnapshot(200, AT).causes),
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
    ...reportedOf(
      endedRecord({
        version: 2,
        samples: [],
        snapshot: fixtureSnapshot(200, AT, { state: "finished", outcome }),
        rows: fixtureRows(200, AT),
      }),
    ),
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

it("has the figures of the whole run, and not of its last second", async () => {
  const figures = page.getByLabel("Figures");
  expect(await figures.innerText()).toMatch(/Generator\s*OK\s*0\.35 cores\s*late p99 max 2ms, limit 50ms/);
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
    ...reportedOf(
      endedRecord({
        version: 2,
        samples: [],
        snapshot: endedTraffic(AT, { outcome }),
        rows: fixtureRows(100, AT),
      }),
    ),
    samples: endedTrafficSamples(AT),
  });
  const file = path.join(folder, "traffic.html");
  writeFileSync(file, html);
  const traffic = await browser.newPage();
  await traffic.goto(pathToFileURL(file).href);
  await traffic.getByRole("img", { name: /^Round trip, measured: / }).waitFor();
  expect(await traffic.getByRole("region", { name: "Disconnects by close code" }).isVisible()).toBe(true);
  const text = await traffic.locator("body").innerText();
  expect(text).toContain("Finished");
  expect(text).not.toMatch(/Draining|waiting for the last echoes/);
  const legends = await traffic.locator(".chart .legend").allInnerTexts();
  expect(legends).toHaveLength(4);
  expect(legends.join(" ")).not.toContain("–");
  expect(await traffic.getByRole("listbox").count()).toBe(0);
  await traffic.close();
});

it("runs no script but its own, whatever text there is in it", async () => {
  const ran = await page.evaluate(() => {
    const script = document.createElement("script");
    script.textContent = "document.body.dataset.broken = 'out'";
    document.body.append(script);
    return document.body.dataset.broken;
  });
  expect(ran).toBeUndefined();
  // The browser complains of the one that it did not run.
  await expect.poll(() => complaints).toEqual([expect.stringMatching(/Content Security Policy/)]);
  complaints.length = 0;
});

it("runs in the editor by its nonce alone, and keeps there which run it is of", async () => {
  const html = reportHtml({
    script: readFileSync("dist/report.js", "utf8"),
    style: readFileSync("dist/report.css", "utf8"),
    ...reportedOf(
      endedRecord({
        version: 2,
        samples: [],
        snapshot: fixtureSnapshot(20, AT, { state: "finished", outcome }),
        rows: fixtureRows(20, AT),
      }),
    ),
    samples: fixtureSamples(20, AT),
    nonce: "n0nce",
  });
  expect(html).not.toContain("unsafe-inline");
  const tab = await browser.newPage();
  const told: string[] = [];
  tab.on("console", (message) => told.push(message.text()));
  tab.on("pageerror", (error) => told.push(error.message));
  await tab.addInitScript(() => {
    const kept: unknown[] = [];
    Object.assign(globalThis, {
      kept,
      acquireVsCodeApi: () => ({ getState: () => undefined, setState: (state: unknown) => kept.push(state) }),
    });
  });
  const file = path.join(folder, "tab.html");
  // What is in the page without the nonce does not run.
  writeFileSync(file, html.replace("</body>", "<script>document.title = 'run by others'</script></body>"));
  await tab.goto(pathToFileURL(file).href);
  await tab.getByRole("row", { name: /scaletest-k3x9q2ab-0 / }).waitFor();
  expect(await tab.title()).not.toBe("run by others");
  expect(told.filter((text) => !text.includes("Content Security Policy"))).toEqual([]);
  expect(told).toHaveLength(1);
  const kept = await tab.evaluate(() => (globalThis as unknown as { kept: { runId?: string }[] }).kept);
  expect(kept.at(-1)?.runId).toBe(fixtureSnapshot(20, AT).run.id);
  // Styles hold, too: the first column of the table is not as wide as the page.
  expect(await tab.locator("main").evaluate((node) => getComputedStyle(node).display)).toBe("flex");
  await tab.close();
});

it("follows the reader's dark or light", async () => {
  const background = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  await page.emulateMedia({ colorScheme: "dark" });
  expect(await background()).toBe("rgb(31, 31, 31)");
  await page.emulateMedia({ colorScheme: "light" });
  expect(await background()).toBe("rgb(255, 255, 255)");
});

/** What was asked for, in words that nobody translates: flags and their values, a command, a date. */
const FLAGS = Object.values(workloadNamed("create-workspaces").fields).map(({ flag }) => flag ?? "");
const DATA = [
  /^coder-scaletest .*/g,
  /^--[a-z-]+ .*/g,
  /^parameter (region|git_token|licence)$/g,
  new RegExp(`^(${FLAGS.join("|")})$`, "g"),
  /^(k3x9q2ab|eu-west|mossy_otter12|true|false|derp|kubernetes|admin)$/g,
  /^git clone .*/g,
  /^[A-Z][a-z]{2} \d+, \d{4}.* (GMT|UTC|[A-Z]{3,4}).*$/g,
];

it("is in the language of the editor that wrote it", async () => {
  const html = pageOf(creation(), { texts: pseudoTexts() });
  const file = path.join(folder, "report-pseudo.html");
  writeFileSync(file, html);
  const translated = await browser.newPage({ viewport: { width: 1280, height: 1400 } });
  await translated.goto(pathToFileURL(file).href);
  await translated.getByRole("heading", { name: /^⟦Failures/ }).waitFor();
  expect(await translated.locator("html").getAttribute("lang")).toBe("en-XA");
  expect(untold(await textsOf(translated), DATA)).toEqual([]);
  await translated.close();
});
