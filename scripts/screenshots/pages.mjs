import { inScenario } from "../host/scenario-window.ts";
import { inWindow } from "../host/window.ts";
import { shootInSizes } from "./sizes.mjs";
import { ENDED, SCENARIOS, SMALL } from "./stock.mjs";

/** The pages that open as tabs of the editor: a run's panel, its report, a comparison, a plan, the sizing. */
export const pages = {
  sandbox: SMALL,
  files: SCENARIOS,
  before: ENDED,
  async take({ page, panel, shoot }) {
    const heading = panel.getByRole("heading", { level: 1 }).first();
    const inSizes = async (part) => {
      await heading.waitFor({ timeout: 60_000 });
      await shootInSizes(page, shoot, part);
      await inWindow.palette(page, "View: Close All Editor Groups");
    };
    const runs = {
      saturated: /^web terminal traffic, 25 messages/,
      broken: /^create 8 × kubernetes/,
      failed: /^create 5 × failing-build/,
    };
    for (const [name, line] of Object.entries(runs)) {
      await inWindow.treeItem(page, line).click();
      await inSizes(`-panel-${name}`);
    }
    await inWindow.act(inWindow.treeItem(page, runs.saturated), /Open Report/);
    await inSizes("-report");
    await inWindow.palette(page, "Scale Test: Compare Runs…");
    const lines = inWindow.quickInput(page).locator(".monaco-list-row").filter({ hasText: "create 20 ×" });
    for (const at of [0, 1]) await lines.nth(at).getByRole("checkbox").first().check();
    await inWindow.quickInput(page).getByRole("button", { name: "OK" }).click();
    await inSizes("-compare");
    await inScenario.open(page, "soak.scaletest.yaml");
    await inWindow.palette(page, "Scale Test: Show the Plan");
    await page.waitForTimeout(1_500);
    await inSizes("-plan");
    await inWindow.palette(page, "Scale Test: Plan a Deployment…");
    await inSizes("-sizing");
  },
};
