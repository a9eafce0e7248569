import { inWindow } from "../host/window.ts";
import { ENDED, SCENARIOS, SMALL } from "./stock.mjs";

/** The trees and the status bar while 200 workspaces are being created, with runs of every outcome below. */
export const views = {
  sandbox: SMALL,
  files: SCENARIOS,
  before: ENDED,
  run: {
    ...{ template: "kubernetes", concurrency: 0, count: 200, runCommand: "sleep 3 && echo hello" },
    thresholds: ["ready.p95<20s", "failures.rate<20%"],
  },
  async take({ page, panel, toProduction, shoot }) {
    await toProduction();
    await inWindow.treeItem(page, /^create 200 .* ready/).waitFor({ timeout: 60_000 });
    await shoot("-wide");
    await inWindow.statusItem(page).hover();
    const hover = page.locator(".monaco-hover").getByText("Show panel").filter({ visible: true });
    await hover.waitFor();
    // It is drawn anew while the item grows with its words.
    await page.waitForTimeout(2_500);
    await hover.waitFor();
    await shoot("-status");
    await page.mouse.move(800, 10);
    await sideBars(page, shoot, "");
    await inWindow.treeItem(page, /, sandbox/).click();
    await inWindow.treeItem(page, /^Provisioner daemons, /).waitFor();
    await collapse(page, /^Scenarios/);
    await collapse(page, /^Runs/);
    await sideBars(page, shoot, "-deployments");
    await inWindow.treeItem(page, /^Leftovers, /).click();
    await inWindow
      .treeItem(page, /^Run \w{8}, 12 workspaces/)
      .locator(".monaco-tl-twistie")
      .click();
    await inWindow
      .treeItem(page, /^scaletest-\w{8}-\d+, 1 workspace/)
      .first()
      .getByRole("checkbox")
      .click();
    await collapse(page, /^Deployments/);
    await sideBars(page, shoot, "-leftovers");
    await panel.getByRole("heading", { level: 1 }).waitFor();
  },
};

async function collapse(page, name) {
  await page.getByRole("button", { name: new RegExp(`${name.source}.* Section$`) }).click();
}

async function sideBars(page, shoot, part) {
  const sideBar = page.locator(".part.sidebar");
  for (const width of [190, 300]) {
    await inWindow.resizeSideBar(page, width);
    await page.waitForTimeout(800);
    await shoot(`${part}-${width}`, sideBar);
  }
}
