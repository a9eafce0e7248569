import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { reportDataSchema } from "../../src/protocol/report-page.ts";
import { say } from "../../src/text/message.ts";
import { seriousViolations } from "./axe.ts";
import { launchBrowser } from "./harness.ts";
import { searched } from "./limit-fixtures.ts";
import { creation, pageOf, scenario, staged } from "./report-runs.ts";
import { THEMES, type Theme } from "./themes.ts";

/** A4 less the margins of the style sheet, at 96 pixels an inch. */
const PAPER = { width: 695, height: 1_016 };
const CONTROLS = "button, input, select, textarea, [role=button]:not(svg *), [role=listbox], [role=grid]";

let browser: Browser;
let folder: string;
const pages: Page[] = [];

beforeAll(async () => {
  browser = await launchBrowser();
  folder = mkdtempSync(path.join(os.tmpdir(), "scaletest-report-"));
});
afterEach(async () => {
  for (const page of pages.splice(0)) await page.close();
});
afterAll(async () => {
  await browser.close();
  rmSync(folder, { recursive: true, force: true });
});

async function open(html: string, options: Parameters<Browser["newPage"]>[0] = {}, theme?: Theme) {
  const file = path.join(folder, `${pages.length}.html`);
  writeFileSync(file, html);
  const page = await browser.newPage({
    viewport: { width: 1_280, height: 1_400 },
    timezoneId: "Europe/Vienna",
    ...options,
  });
  pages.push(page);
  if (theme) await page.addInitScript(inTheme, theme);
  await page.goto(pathToFileURL(file).href);
  await page.getByRole("heading", { level: 1 }).waitFor();
  return page;
}

function inTheme({ kind, variables }: Theme): void {
  const set = () => {
    if (!document.documentElement) return;
    for (const [name, value] of Object.entries(variables))
      document.documentElement.style.setProperty(`--vscode-${name}`, value);
  };
  set();
  document.addEventListener("DOMContentLoaded", () => {
    set();
    document.body.className = kind;
  });
}

async function picture(page: Page, name: string): Promise<void> {
  const pictures = process.env.PICTURES;
  if (!pictures) return;
  mkdirSync(pictures, { recursive: true });
  await page.waitForTimeout(150);
  await page.screenshot({
    path: path.join(pictures, `report-${name}.png`.replaceAll(" ", "-")),
    fullPage: true,
  });
}

/** In the page: places where a chart begins and ends, to which links lead, so that the PDF says which page has them. */
function markCharts(): number {
  const charts = document.querySelectorAll(".chart");
  for (const [number, chart] of charts.entries()) {
    for (const end of ["top", "bottom"]) {
      const mark = document.createElement("i");
      mark.id = `chart-${number}-${end}`;
      mark.style.display = "block";
      if (end === "top") chart.querySelector("h2")?.prepend(mark);
      else chart.append(mark);
      const link = document.createElement("a");
      link.href = `#${mark.id}`;
      link.textContent = mark.id;
      document.querySelector("main")?.append(link);
    }
  }
  return charts.length;
}

const section = (page: Page, name: string) => page.getByRole("region", { name, exact: true });

describe("a report as a document", () => {
  it("says what was run, when by which clock, by what, and how to repeat it; and no secret", async () => {
    const html = pageOf(creation());
    const page = await open(html);
    const text = (await section(page, "What was run").innerText()).replaceAll(/\s+/g, " ");
    for (const part of [
      "k3x9q2ab",
      "Coder v2.26.1",
      "loadgen-1",
      "Scale Test for Coder 0.1.0",
      "mossy_otter12",
      "parameter region eu-west",
      "parameter licence not written down: it may be secret",
      "concurrency 30",
      "--count 200 --template kubernetes",
      "--parameter git_token=",
      "--url https://coder.example.com",
      "set the variable SCALETEST_GIT_TOKEN for it",
    ])
      expect(text).toContain(part);
    expect(text).toMatch(/Began .*\d:\d\d:\d\d .*(GMT\+\d|CES?T)/);
    expect(html).not.toContain("hunter2");
  });

  it("has the file of a scenario beside the command that runs it, and each step by its name", async () => {
    const page = await open(pageOf(scenario()));
    const asked = section(page, "What was run");
    expect(await asked.getByLabel("Command").innerText()).toMatch(
      /^coder-scaletest run tuesday-nine-o-clock\.scaletest\.yaml /,
    );
    expect(await asked.innerText()).toContain("- create: { count: 100, template: kubernetes }");
    const lanes = section(page, "Time line").getByRole("list", { name: "Steps" }).getByRole("listitem");
    expect(await lanes.count()).toBe(4);
    expect(await section(page, "Time line").getByRole("heading", { level: 3 }).allInnerTexts()).toEqual([
      "create",
      "terminals",
      "ssh",
    ]);
  });

  it("names each cause with the log from its first error, and names in the order of their numbers", async () => {
    const page = await open(pageOf(creation(400)));
    const [first] = await section(page, "Failures").getByRole("listitem").allInnerTexts();
    expect(first).toMatch(/build failed/);
    expect(first).toContain('Error: pods "main" is forbidden: exceeded quota');
    expect(first).not.toContain("Initializing the backend");
    expect(first?.match(/scaletest-k3x9q2ab-\d+/g)).toEqual(
      [41, 138, 235, 332].map((number) => `scaletest-k3x9q2ab-${number}`),
    );
  });

  it("sorts its table by names as numbers", async () => {
    const page = await open(pageOf(creation(12)));
    await page.getByRole("columnheader", { name: "Workspace" }).getByRole("button").click();
    const names = async () =>
      (await page.getByRole("grid", { name: "Workspaces" }).getByRole("row").allInnerTexts()).flatMap(
        (text) => /k3x9q2ab-(\d+)/.exec(text)?.[1] ?? [],
      );
    await expect.poll(names).toEqual(Array.from({ length: 12 }, (_, at) => String(11 - at)));
  });

  it("lists the seconds that were left out, each stretch with its reason", async () => {
    const page = await open(pageOf(creation()));
    const rows = await page
      .getByRole("table", { name: "Seconds that were left out" })
      .getByRole("row")
      .allInnerTexts();
    expect(rows.slice(1).map((row) => row.split(/\s*\t\s*/))).toEqual([
      ["00:20 – 00:24", "4", "this machine slept for 3s"],
    ]);
  });

  it("folds many stretches that were left out, and loses none", async () => {
    const run = creation();
    const samples = run.samples.map((sample) =>
      sample.second % 2 === 0 ? { ...sample, invalid: say("this tool itself was {0} late", "44ms") } : sample,
    );
    const page = await open(pageOf({ ...run, samples }));
    const tables = page.getByRole("table", { name: "Seconds that were left out" });
    const shown = await tables.getByRole("row").count();
    expect(shown).toBe(1 + 12);
    await section(page, "Validity").locator("summary").click();
    const all = samples.filter(({ invalid }) => invalid).length;
    expect(await tables.getByRole("row").count()).toBe(2 + all);
  });

  it("has the levels of a search above all else, in pictures", async () => {
    const run = staged("saturated traffic");
    const page = await open(pageOf({ ...run, snapshot: { ...run.snapshot, limit: searched() } }));
    const limit = section(page, "The limit");
    await expect.poll(() => limit.locator("svg").count()).toBeGreaterThan(1);
    const top = async (name: string) => (await section(page, name).boundingBox())?.y ?? 0;
    expect(await top("Verdict")).toBeLessThan(await top("The limit"));
    expect(await top("The limit")).toBeLessThan(await top("What was run"));
  });

  it("gives its figures back by the script of docs/report.md", () => {
    const run = creation();
    writeFileSync(path.join(folder, "report.html"), pageOf(run));
    const [, script = ""] = /```js\n(.*?)```/s.exec(readFileSync("docs/report.md", "utf8")) ?? [];
    writeFileSync(path.join(folder, "read.mjs"), script);
    const told = execFileSync(process.execPath, ["read.mjs"], { cwd: folder, encoding: "utf8" });
    const { title } = run.snapshot.run;
    expect(told.trim()).toBe(`${title} failed ${run.rows.length} ${run.samples.length}`);
    const [, json = ""] =
      /<script id="run" type="application\/json">(.*?)<\/script>/s.exec(pageOf(run)) ?? [];
    expect(reportDataSchema.parse(JSON.parse(json)).asked).toEqual(run.asked);
  });

  it.each(THEMES)(
    "has no serious violation of accessibility in a tab of the editor ($name)",
    async (theme) => {
      const page = await open(pageOf(creation(), { nonce: "n0nce" }), {}, theme);
      await page.getByRole("row", { name: /scaletest-k3x9q2ab-0 / }).waitFor();
      expect(await seriousViolations(page)).toEqual([]);
      await picture(page, `creation-${theme.name}`);
      if (!process.env.PICTURES) return;
      await picture(await open(pageOf(staged("saturated traffic")), {}, theme), `traffic-${theme.name}`);
      await picture(await open(pageOf(scenario()), {}, theme), `scenario-${theme.name}`);
    },
  );
});

describe.each([
  ["creation", () => creation()],
  ["scenario", () => scenario()],
] as const)("a report of a %s on paper", (name, run) => {
  it("is as wide as the page, light and whole, and has nothing to press, whatever was on the screen", async () => {
    const page = await open(pageOf(run()), { colorScheme: "dark" });
    await page.getByRole("row", { name: /scaletest-k3x9q2ab-0 / }).waitFor();
    await page.emulateMedia({ media: "print", colorScheme: "dark" });
    await page.setViewportSize(PAPER);
    await page.locator(":root.printing").waitFor();
    expect(await page.locator(CONTROLS).locator("visible=true").count()).toBe(0);
    const tooWide = await page.evaluate((width) => {
      const all = [...document.querySelectorAll("main *")].filter((node) => node.checkVisibility());
      return all
        .filter(
          (node) =>
            !node.closest(".hidden-text, .lanes .name") && node.getBoundingClientRect().right > width + 1,
        )
        .map(
          (node) => `${node.tagName}.${node.getAttribute("class")}: ${node.getBoundingClientRect().right}`,
        );
    }, PAPER.width);
    expect(tooWide).toEqual([]);
    expect(await page.evaluate(() => getComputedStyle(document.body).backgroundColor)).toBe(
      "rgb(255, 255, 255)",
    );
    // What is drawn is drawn anew: light, and as wide as it is shown.
    const canvases = await page.locator(".chart canvas").evaluateAll((all) =>
      all.map((canvas) => {
        const box = canvas.getBoundingClientRect();
        const holder = canvas.closest(".canvas")?.getBoundingClientRect();
        return Math.abs(box.width - (holder?.width ?? 0));
      }),
    );
    expect(canvases.length).toBeGreaterThan(2);
    for (const difference of canvases) expect(difference).toBeLessThan(2);
    // What is folded is opened: paper has no way to do it.
    expect(await page.locator("details:not([open]):visible").count()).toBe(0);
    await picture(page, `${name}-print`);
    await page.emulateMedia({ media: "screen" });
    await page.locator(":root:not(.printing)").waitFor({ state: "attached" });
  });

  it("breaks no chart where a page ends", async () => {
    const page = await open(pageOf(run()), { colorScheme: "dark" });
    const charts = await page.evaluate(markCharts);
    const pdf = (await page.pdf({ preferCSSPageSize: true, printBackground: true })).toString("latin1");
    expect(pdf).toMatch(/MediaBox \[0 0 59[45][.\d]* 84[12]/);
    const pages = new Map(
      [...pdf.matchAll(/\/(chart-\d+-(?:top|bottom)) \[(\d+) 0 R/g)].map(([, mark = "", on = ""]) => [
        mark,
        on,
      ]),
    );
    expect(pages.size).toBe(2 * charts);
    for (let chart = 0; chart < charts; chart++)
      expect(pages.get(`chart-${chart}-bottom`), `chart ${chart}`).toBe(pages.get(`chart-${chart}-top`));
  });
});
