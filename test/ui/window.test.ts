import { writeFileSync } from "node:fs";
import path from "node:path";
import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { writeQuickstart } from "../../scripts/host/demo.ts";
import { inScenario } from "../../scripts/host/scenario-window.ts";
import { inWindow } from "../../scripts/host/window.ts";
import { SLOW, stageFor } from "./stage.ts";

/** What the window has written down of its editors so far: it does so after a while, in a database of the browser. */
function keptState(page: Page): Promise<string> {
  return page.evaluate(async () => {
    const answer = <T>(request: IDBRequest<T>) =>
      new Promise<T>((resolve, reject) => {
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error);
      });
    const names = (await indexedDB.databases()).map(({ name }) => name ?? "");
    const states = names
      .filter((name) => name.startsWith("vscode-web-state-db-"))
      .map(async (name) => {
        const database = await answer(indexedDB.open(name));
        try {
          const table = database.transaction("ItemTable").objectStore("ItemTable");
          return String(await answer(table.get("memento/workbench.parts.editor")));
        } finally {
          database.close();
        }
      });
    return (await Promise.all(states)).join(" ");
  });
}

/** What takes a window, from its outside: a reload would end a test that runs inside. */
const stage = stageFor("ui", 20_000, async ({ folder, sandbox, openWindow }) => {
  const run = {
    template: "kubernetes",
    count: 30,
    concurrency: 0,
    runCommand: "sleep 100",
    runTimeoutMs: 300_000,
  };
  await openWindow({ CODER_SCALETEST_QUICKSTART: writeQuickstart(folder, sandbox, run) });
});

const title = () => inWindow.panel(stage.page).getByRole("heading", { level: 1 });
const runItem = (name: RegExp) => inWindow.treeItem(stage.page, name).first();

const palette = (command: string) => inWindow.palette(stage.page, command);

/** Answers the input box of this prompt. */
async function answer(prompt: RegExp, value: string): Promise<void> {
  await stage.page.locator(".quick-input-widget").getByText(prompt).waitFor();
  await stage.page
    .locator('.quick-input-widget input[type="text"], .quick-input-widget input[type="password"]')
    .first()
    .fill(value);
  await stage.page.keyboard.press("Enter");
}

describe("a window with a run", () => {
  it(
    "shows it in tree, status bar and panel",
    async () => {
      await title().waitFor({ timeout: SLOW });
      expect(await title().textContent()).toBe("create 30 × kubernetes");
      await runItem(/^create 30 × kubernetes, /).waitFor();
      await expect
        .poll(() => inWindow.statusItem(stage.page).textContent(), { timeout: SLOW })
        .toMatch(/30\/30/);
    },
    SLOW,
  );

  it(
    "asks for another one, step by step, and runs it beside",
    async () => {
      await palette("Scale Test: Create Workspaces…");
      await stage.page
        .locator(".quick-input-list")
        .getByRole("option", { name: /^kubernetes/ })
        .click();
      await answer(/home_disk_size|Home disk/i, "20");
      await answer(/Workspaces to create/, "2");
      await answer(/Command to run/, "echo hello");
      await answer(/Time limit of the command/, "30s");
      await answer(/Maximum concurrent workspace builds/, "0");
      await stage.page.locator(".quick-input-list").getByRole("option", { name: /^play/ }).click();
      await inWindow
        .treeItem(stage.page, /^create 2 × kubernetes, .*2 succeeded, 0 failed/)
        .waitFor({ timeout: SLOW });
    },
    SLOW,
  );

  it(
    "finds the run again after a reload, with its panel, and without the deployment's token",
    async () => {
      await palette("View: Close All Editor Groups");
      await expect
        .poll(() => keptState(stage.page), { timeout: SLOW })
        .not.toContain("create 30 × kubernetes");
      // A click on a line that is just being drawn anew does nothing: a person clicks again.
      const opened = async () => {
        await runItem(/^create 30/).click();
        return title()
          .waitFor({ timeout: 5_000 })
          .then(() => true)
          .catch(() => false);
      };
      await expect.poll(opened, { timeout: SLOW }).toBe(true);
      await expect.poll(() => keptState(stage.page), { timeout: SLOW }).toMatch(/create 30 ×.*runId/);
      await stage.page.reload();
      await inWindow.ready(stage.page);
      await expect
        .poll(() => title().textContent({ timeout: SLOW }), { timeout: SLOW })
        .toBe("create 30 × kubernetes");
      await expect
        .poll(() => inWindow.statusItem(stage.page).textContent(), { timeout: SLOW })
        .toMatch(/30\/30/);
      const chart = inWindow.panel(stage.page).getByRole("img", { name: /^Workspaces, at 00:/ });
      await chart.waitFor({ timeout: SLOW });
    },
    SLOW,
  );

  it(
    "shows its deployment as signed out then, and goes on with the steps after a sign-in in their middle",
    async () => {
      const { sandbox, page } = stage;
      await inWindow.treeItem(page, /^127\.0\.0\.1:\d+, signed out · sandbox$/).waitFor({ timeout: SLOW });
      await palette("Scale Test: Create Workspaces…");
      await answer(/Session token of/, sandbox.token);
      const templates = page.locator(".quick-input-list").getByRole("option", { name: /^kubernetes/ });
      await templates.click();
      await answer(/home_disk_size|Home disk/i, "20");
      await page
        .locator(".quick-input-widget")
        .getByText(/Workspaces to create/)
        .waitFor();
      await page.keyboard.press("Escape");
      await inWindow.treeItem(page, /^127\.0\.0\.1:\d+, sandbox · admin$/).waitFor();
    },
    SLOW,
  );

  it(
    "opens a workspace's build log beside the panel, which comes back as it was left",
    async () => {
      const panel = inWindow.panel(stage.page);
      await panel.getByRole("button", { name: "Last minute" }).click();
      await panel.getByRole("grid", { name: "Workspaces" }).getByRole("row").nth(3).click();
      const details = panel.getByRole("complementary", { name: "Workspace" });
      await details.getByRole("button", { name: "Open Whole Build Log" }).click();
      await stage.page.getByRole("tab", { name: /\.build\.log/ }).waitFor();
      await stage.page
        .locator(".view-lines")
        .getByText(/build.1:.succeeded/)
        .waitFor();
      await stage.page.getByRole("tab", { name: /^create 30/ }).click();
      const shown = inWindow.panel(stage.page).getByRole("button", { name: "Last minute" });
      await expect
        .poll(() => shown.getAttribute("aria-pressed", { timeout: SLOW }), { timeout: SLOW })
        .toBe("true");
      await details.getByRole("button", { name: "Open Whole Build Log" }).waitFor();
    },
    SLOW,
  );

  it(
    "stops it from the panel, and nothing is left",
    async () => {
      expect(await stage.workspacesLeft()).toBe(30);
      await inWindow.panel(stage.page).getByRole("button", { name: "Stop", exact: true }).click();
      const banner = inWindow
        .panel(stage.page)
        .getByRole("status")
        .filter({ hasText: "nothing of this run is left on the server" });
      await banner.waitFor({ timeout: SLOW });
      expect(await banner.textContent()).toMatch(/^Stopped/);
    },
    SLOW,
  );
});

describe("a scenario in the window", () => {
  const SCENARIO = `name: Monday morning
steps:
  - create: { template: kubernetes, ssh: false }
thresholds:
  - failures.rate < 1%
  - ready.p95 < 1ms
`;

  it(
    "is run by its CodeLens, and fails at the line of the threshold that is broken",
    async () => {
      const { page } = stage;
      writeFileSync(path.join(stage.folder, "workspace", "monday.scaletest.yaml"), SCENARIO);
      // The one that comes by itself is not to come in front of the file.
      await title().waitFor({ timeout: SLOW });
      await palette("View: Close All Editor Groups");
      await inScenario.open(page, "monday.scaletest.yaml");
      await inScenario.clickLens(page, /Run$/, page.getByRole("tab", { name: "Monday morning" }));
      const broken = inWindow
        .panel(page)
        .getByRole("status")
        .filter({ hasText: "threshold broken: Time to ready" });
      await broken.first().waitFor({ timeout: SLOW });
      await page.getByRole("tab", { name: /^monday/ }).click();
      await inScenario.lens(page, /Last result: failed/).waitFor();
      await expect
        .poll(() => inScenario.failureAt(page, "ready.p95"), { timeout: SLOW })
        .toMatch(/Time to ready p95: expected < 1ms, was [\d.]+m?s/);
    },
    SLOW * 3,
  );

  it(
    "leads from there to the second in the panel, and passes as a test once it is mended",
    async () => {
      const { page } = stage;
      await inScenario.explorer(page);
      await inScenario.test(page, /^Monday morning \(Failed\)/).waitFor();
      await inScenario.peek(page, /^Monday morning/, /^ready\.p95<1ms \(Failed\)/);
      await page.getByText(/^Open the panel at 00:0\d/).click();
      const shown = inWindow
        .panel(page)
        .getByRole("status")
        .filter({ hasText: /^00:0\d – 00:/ });
      await shown.waitFor();
      await page.getByRole("tab", { name: /^monday/ }).click();
      await page.keyboard.press("Escape");
      await inScenario.mend(page, 6, "1ms".length, "2m");
      await inWindow.act(inScenario.test(page, /^Monday morning/), /^Run Test/);
      await inScenario.test(page, /^Monday morning \(Running\)/).waitFor();
      await inScenario.test(page, /^Monday morning \(Passed\)/).waitFor({ timeout: SLOW });
    },
    SLOW * 2,
  );
});
