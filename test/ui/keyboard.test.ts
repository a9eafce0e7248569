import type { Locator } from "playwright-core";
import { describe, expect, it } from "vitest";
import { writeQuickstart } from "../../scripts/host/demo.ts";
import { inWindow } from "../../scripts/host/window.ts";
import { SLOW, stageFor } from "./stage.ts";

/** Nothing here is clicked: palette, trees and questions, by keys alone. */
const stage = stageFor("keyboard", 30_000, async ({ folder, sandbox, openWindow }) => {
  await openWindow({ CODER_SCALETEST_QUICKSTART: writeQuickstart(folder, sandbox) });
});

const press = (key: string) => stage.page.keyboard.press(key);
const quickInput = () => stage.page.locator(".quick-input-widget");
const line = (name: RegExp) => inWindow.treeItem(stage.page, name).first();
const focused = () => stage.page.locator(".quick-input-list .monaco-list-row.focused");

/** A command by its title, taken once it stands first. */
async function run(command: string): Promise<void> {
  await press("F1");
  await quickInput().locator("input").first().fill(`>${command}`);
  await focused().filter({ hasText: command }).waitFor();
  await press("Enter");
}

/** Types into the question of this prompt. */
async function answer(prompt: RegExp, value: string): Promise<void> {
  await quickInput().getByText(prompt).first().waitFor();
  await quickInput().locator("input").first().fill(value);
  await press("Enter");
}

/** Narrows the choices by typing until this one is in focus. */
async function choose(typed: string, choice: string | RegExp): Promise<void> {
  await quickInput().getByRole("option", { name: choice }).first().waitFor();
  await quickInput().locator("input").first().fill(typed);
  await focused().filter({ hasText: choice }).waitFor();
  await press("Enter");
}

/** Goes down in the tree until this line is in focus. */
async function goTo(wanted: Locator): Promise<void> {
  await expect
    .poll(
      async () => {
        if ((await wanted.getAttribute("class").catch(() => ""))?.includes("focused")) return true;
        await press("ArrowDown");
        return false;
      },
      { timeout: 30_000, interval: 300 },
    )
    .toBe(true);
}

async function create(template: string, command: string, start: [string, string]): Promise<void> {
  await run("Scale Test: Create Workspaces…");
  await choose(template, new RegExp(`^${template}`));
  if (template === "kubernetes") await answer(/home_disk_size|Home disk/i, "10");
  await answer(/Workspaces to create/, "2");
  await answer(/Command to run/, command);
  if (command !== "") await answer(/Time limit of the command/, "5m");
  await answer(/Maximum concurrent/, "0");
  await choose(...start);
}

describe("by keyboard alone", () => {
  it(
    "a run is started, and the line that it failed by is found",
    async () => {
      await line(/^127.*sandbox/).waitFor();
      await create("failing-build", "", ["Create 2", "Start"]);
      const ended = line(/^create 2 × failing-build, failed/);
      await ended.waitFor({ timeout: SLOW });
      await run("Scale Test: Focus on Runs View");
      await press("Home");
      await goTo(ended);
      await press("ArrowRight");
      const cause = line(/^build failed.*2 times/);
      await cause.waitFor();
      await goTo(cause);
      await press("ArrowRight");
      const workspace = line(/^scaletest-\w{8}-0, /);
      await workspace.waitFor();
      await goTo(workspace);
      // The panel joins here: its failures open the log at this line.
      await press("Enter");
      await inWindow.panel(stage.page).getByRole("heading", { level: 1 }).waitFor();
      await run("Scale Test: Show Failures");
      await choose("failing-build", /failing-build/);
      await stage.page.getByRole("tab", { name: /failures\.md/ }).waitFor();
      await stage.page
        .locator(".view-lines")
        .getByText(/build\sfailed/)
        .first()
        .waitFor();
    },
    SLOW * 2,
  );

  it(
    "a run is stopped, and cleans up after itself",
    async () => {
      await create("kubernetes", "sleep 200", ["Create 2", "Start"]);
      await line(/^create 2 × kubernetes, 2 of 2 ready/).waitFor({ timeout: SLOW });
      await run("Scale Test: Stop All");
      await line(/^create 2 × kubernetes, stopped/).waitFor({ timeout: SLOW });
      expect(await stage.workspacesLeft()).toBe(0);
    },
    SLOW * 2,
  );

  it(
    "what a run has kept is deleted from its line in the tree",
    async () => {
      await create("kubernetes", "", ["keep the", "Start, and keep the workspaces"]);
      const kept = line(/^create 2 × kubernetes, passed, .*2 workspaces left/);
      await kept.waitFor({ timeout: SLOW });
      expect(await stage.workspacesLeft()).toBe(2);
      await run("Scale Test: Focus on Runs View");
      await press("Home");
      await goTo(kept);
      await press("Shift+F10");
      const menu = stage.page.getByRole("menu").getByRole("menuitem", { name: /^Clean Up/ });
      await menu.waitFor();
      await expect
        .poll(
          async () => {
            if (await menu.evaluate((item) => item.contains(document.activeElement))) return true;
            await press("ArrowDown");
            return false;
          },
          { timeout: 20_000, interval: 200 },
        )
        .toBe(true);
      await press("Enter");
      await stage.page.getByRole("dialog", { name: /Delete 2 users and 2 workspaces/ }).waitFor();
      await press("Enter");
      await expect.poll(() => stage.workspacesLeft(), { timeout: SLOW }).toBe(0);
      await line(/^Needs Clean-Up/).waitFor({ state: "detached", timeout: SLOW });
    },
    SLOW * 2,
  );
});
