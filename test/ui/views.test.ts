import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { Locator } from "playwright-core";
import { describe, expect, it } from "vitest";
import { inWindow } from "../../scripts/host/window.ts";
import { SLOW, stageFor } from "./stage.ts";

/** What a person does around the panel, with mouse and keyboard, from the sign-in to the clean-up. */
const stage = stageFor("views", 30_000, async ({ openWindow }) => {
  writeTasks([
    { label: "from a task", type: "coder-scaletest", template: "failing-build", count: 3, concurrency: 0 },
  ]);
  const scenario = path.join(stage.folder, "workspace", "nightly.scaletest.yaml");
  writeFileSync(scenario, "name: nightly\nsteps:\n  - hold: 5m\n");
  await openWindow();
});

function writeTasks(tasks: Record<string, unknown>[]): void {
  const at = path.join(stage.folder, "workspace", ".vscode");
  mkdirSync(at, { recursive: true });
  writeFileSync(path.join(at, "tasks.json"), JSON.stringify({ version: "2.0.0", tasks }));
}

/** A view of the container, by its title. */
function view(title: string): Locator {
  return stage.page
    .locator(".pane")
    .filter({ has: stage.page.getByRole("button", { name: new RegExp(`^${title}.* Section$`) }) });
}

const item = (title: string, name: RegExp) => view(title).getByRole("treeitem", { name });
const option = (name: RegExp | string) =>
  stage.page.locator(".quick-input-list").getByRole("option", { name });

const palette = (command: string) => inWindow.palette(stage.page, command);

/** Answers the input box of this prompt. */
async function answer(prompt: RegExp, value: string): Promise<void> {
  await stage.page.locator(".quick-input-widget").getByText(prompt).first().waitFor();
  await stage.page.locator(".quick-input-widget input").first().fill(value);
  await stage.page.keyboard.press("Enter");
}

/** A click on an action that stands in a tree's line once the pointer is over it. */
async function inline(line: Locator, action: RegExp): Promise<void> {
  await line.hover();
  await line.getByRole("button", { name: action }).first().click();
}

/** Picks two runs to compare, of which the tree's selection may have ticked one, and waits for their tab. */
async function compareTwo(): Promise<void> {
  await palette("Scale Test: Compare Runs…");
  for (const name of [/create 3 × kubernetes/, /create 3 × failing-build/])
    await stage.page.locator(".quick-input-list").getByRole("checkbox", { name }).first().check();
  await stage.page.locator(".quick-input-widget").getByRole("button", { name: "OK" }).click();
  await stage.page.getByRole("tab", { name: /^Compare \w{8} and \w{8}/ }).waitFor();
}

describe("the views", () => {
  it(
    "lead from nothing to a sign-in, whose token is asked for again when it is wrong",
    async () => {
      await stage.page.getByRole("tab", { name: "Scale Test" }).first().click();
      await view("Runs").getByRole("button", { name: "Sign In to a Deployment" }).click();
      await answer(/Address of the deployment/, stage.sandbox.url);
      await answer(/Session token of/, "aaaaaaaaaa-aaaaaaaaaaaaaaaaaaaaaa");
      await answer(/Paste another token/, stage.sandbox.token);
      await item("Deployments", /^127\.0\.0\.1:\d+, sandbox · admin/).waitFor();
    },
    SLOW,
  );

  it(
    "say what a deployment is, when it is opened",
    async () => {
      await item("Deployments", /^127/).click();
      await item("Deployments", /^Provisioner daemons, \d+ · 0 busy/).waitFor();
      await item("Deployments", /^User, admin · owner/).waitFor();
      await item("Deployments", /^Leftovers, none/).waitFor();
    },
    SLOW,
  );

  it(
    "start a run from the deployment's line, and keep its workspaces",
    async () => {
      await inline(item("Deployments", /^127/), /Create Workspaces/);
      await option(/^kubernetes/).click();
      await answer(/home_disk_size|Home disk/i, "20");
      await answer(/Workspaces to create/, "3");
      await answer(/Command to run/, "echo hello");
      await answer(/Time limit of the command/, "30s");
      await answer(/Maximum concurrent workspace builds/, "0");
      await option(/keep the workspaces/).click();
      await item("Runs", /^create 3 × kubernetes, passed, .*3 succeeded/).waitFor({ timeout: SLOW });
      await item("Deployments", /^Leftovers, 3 workspaces, 3 users/).waitFor();
      expect(await stage.workspacesLeft()).toBe(3);
    },
    SLOW,
  );

  it(
    "send traffic to them from the run's own line, step by step, there and back",
    async () => {
      await inline(item("Runs", /^create 3 × kubernetes/), /Workspace Traffic/);
      await option(/^.*Web terminal/).click();
      await answer(/Connections to each of the 3 workspaces/, "2");
      await stage.page.locator(".quick-input-widget").getByRole("button", { name: /Back/ }).click();
      await answer(/Connections to each of the 3 workspaces/, "1");
      await option(/Another rate/).click();
      await answer(/Rate of each connection/, "2KB/s");
      await answer(/Ramp-up/, "0");
      await answer(/Warm-up/, "0");
      await answer(/Measurement duration/, "3s");
      await option(
        /For 3s: 3 connections × 10 messages\/s × 200 B = 30 messages\/s, 6\.00 KB\/s each way/,
      ).click();
      expect(await item("Runs", /^traffic 3/).getAttribute("aria-expanded")).toBe("true");
      const over = item("Runs", /^traffic 3 × 10 messages\/s × 200 B, passed, .*3 succeeded, 0 failed/);
      await over.waitFor({ timeout: SLOW });
      expect(await over.getAttribute("aria-expanded")).toBe("false");
      await over.locator(".monaco-tl-twistie").click();
      await item("Runs", /^achieved, .* of 30\/s · .* of 6\.00 KB\/s/).waitFor();
    },
    SLOW,
  );

  it(
    "list what a task's run failed of among the problems, one for a cause",
    async () => {
      await palette("Tasks: Run Task");
      await option(/coder-scaletest/)
        .first()
        .click();
      await option(/from a task/)
        .first()
        .click();
      await item("Runs", /^create 3 × failing-build, failed, .*3 failed/).waitFor({
        timeout: SLOW,
      });
      await palette("Problems: Focus on Problems View");
      const problem = stage.page.getByRole("treeitem", { name: /build failed.*3 workspaces, for example/ });
      await problem.waitFor();
      await problem.dblclick();
      await stage.page.getByRole("tab", { name: /failures\.md/ }).waitFor();
      await palette("View: Close All Editor Groups");
    },
    SLOW,
  );

  it(
    "show the workspaces that a cause hit, under it",
    async () => {
      const failed = item("Runs", /^create 3 × failing-build/);
      await failed.locator(".monaco-tl-twistie").click();
      const cause = item("Runs", /^build failed.*3 times/);
      await cause.scrollIntoViewIfNeeded();
      await cause.locator(".monaco-tl-twistie").click();
      await item("Runs", /^scaletest-\w{8}-0, /)
        .first()
        .waitFor();
    },
    SLOW,
  );

  it(
    "compare runs that are ticked, and open one that has ended",
    async () => {
      await compareTwo();
      const comparison = inWindow.panel(stage.page);
      await comparison.getByRole("heading", { name: "2 scale tests compared" }).waitFor({ timeout: SLOW });
      await comparison.getByRole("row", { name: /^succeeded/ }).waitFor();
      const others = comparison.getByRole("radio", { checked: false });
      const name = (await others.getAttribute("aria-label")) ?? "";
      await others.check();
      const baseline = comparison.getByRole("row", { name: /the others are held against it/ });
      await baseline.filter({ hasText: name }).waitFor();
      await comparison.getByRole("button", { name: "Copy as Markdown" }).click();
      await comparison.getByRole("status").filter({ hasText: "Copied" }).waitFor();
      await palette("View: Close All Editor Groups");
      await item("Runs", /^create 3 × kubernetes, passed/).click();
      await inWindow
        .panel(stage.page)
        .getByRole("heading", { level: 1, name: "create 3 × kubernetes" })
        .waitFor();
    },
    SLOW,
  );

  it(
    "open the report of a run in a tab, where a browser could not open the file of another machine",
    async () => {
      await palette("View: Close All Editor Groups");
      await inline(item("Runs", /^traffic 3 × 10 messages/), /Open Report/);
      await stage.page.getByRole("tab", { name: /^Report: traffic 3 × 10 messages/ }).waitFor();
      const report = inWindow.panel(stage.page);
      await report.getByRole("heading", { level: 1, name: /^traffic 3 × 10 messages/ }).waitFor();
      const text = async () => report.locator("body").innerText();
      await expect.poll(text).toMatch(/Connections opened\s*3\s*of 3/);
      expect(await text()).not.toContain("Draining");
      const legends = await report.locator(".chart .legend").allInnerTexts();
      expect(legends.join(" ")).not.toContain("–");
      const action = (name: RegExp) => stage.page.locator(".editor-actions").getByRole("button", { name });
      await action(/Save Report As/).waitFor();
      expect(await action(/Open Report in Browser/).count()).toBe(0);
      await palette("View: Close All Editor Groups");
    },
    SLOW,
  );

  it(
    "list leftovers, delete those that are ticked after asking, and nothing else",
    async () => {
      await item("Deployments", /^Leftovers, 3 workspaces/).click();
      const run = item("Leftovers", /^Run \w{8}/);
      await run.waitFor();
      await run.locator(".monaco-tl-twistie").click();
      const lines = item("Leftovers", /^scaletest-\w{8}-\d/);
      await lines.first().getByRole("checkbox").click();
      await palette("View: Close All Editor Groups");
      await item("Leftovers", /^Run \w{8}/).hover();
      await view("Leftovers")
        .getByRole("button", { name: /Delete Selected Leftovers/ })
        .click();
      const question = stage.page.getByRole("dialog", { name: /Delete 1 workspace, 1 user from 127/ });
      await question.getByRole("button", { name: "Delete" }).click();
      await item("Runs", /^clean up 1 workspace, 1 user, passed, .*1 succeeded/).waitFor({ timeout: SLOW });
      expect(await stage.workspacesLeft()).toBe(2);
      await expect.poll(() => lines.count(), { timeout: SLOW }).toBe(2);
    },
    SLOW,
  );

  it(
    "are reached and left by keyboard alone",
    async () => {
      await palette("Scale Test: Focus on Runs View");
      // The first line is of those that need clean-up; their runs stand under it.
      await stage.page.keyboard.press("Home");
      await stage.page.keyboard.press("ArrowDown");
      await stage.page.keyboard.press("Enter");
      await inWindow.panel(stage.page).getByRole("heading", { level: 1 }).waitFor();
      await palette("Scale Test: Workspace Traffic…");
      await option(/All workspaces of scale tests/).waitFor();
      await stage.page.keyboard.press("Escape");
      await option(/All workspaces of scale tests/).waitFor({ state: "hidden" });
    },
    SLOW,
  );

  it(
    "help with a scenario: what can be written next, and a plan that goes along",
    async () => {
      const { page } = stage;
      await palette("View: Close All Editors");
      await palette("View: Show Explorer");
      await inWindow.treeItem(page, /^nightly\.scaletest\.yaml/).click();
      await page.getByRole("button", { name: "Show the Plan" }).waitFor();
      await palette("Scale Test: Show the Plan");
      const plan = inWindow.panel(page);
      await plan.getByText("1 step · ends after 5m").waitFor();
      await page.keyboard.press("Control+1");
      await page.keyboard.press("Control+End");
      await page.keyboard.type("  - cre");
      await page
        .locator(".suggest-widget")
        .getByRole("option", { name: /^create/ })
        .waitFor();
      await page.keyboard.press("Enter");
      await page.keyboard.type("count: 3, template: kubernetes");
      await plan.getByText("3 workspaces").waitFor();
      await plan.getByRole("button", { name: "hold" }).click();
      await page.locator('[id="status.editor.selection"]').getByText("Ln 3, Col 5").waitFor();
    },
    SLOW,
  );
});
