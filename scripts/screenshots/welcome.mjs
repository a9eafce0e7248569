import { inWindow } from "../host/window.ts";

/** What somebody sees who has not signed in anywhere: the welcome views and each step of the walkthrough. */
export const welcome = {
  sandbox: [],
  isSignedOut: true,
  async take({ page, shoot }) {
    await page.getByRole("tab", { name: "Scale Test" }).first().click();
    const sideBar = page.locator(".part.sidebar");
    await sideBar.getByRole("button", { name: "Start Sandbox" }).waitFor();
    await shoot("");
    for (const width of [190, 300]) {
      await inWindow.resizeSideBar(page, width);
      await page.waitForTimeout(500);
      await shoot(`-${width}`, sideBar);
    }
    await sideBar.locator("a").filter({ hasText: "walkthrough" }).click();
    const steps = page.locator(".getting-started-step");
    await steps.first().waitFor();
    for (const [index, step] of (await steps.all()).entries()) {
      await step.click();
      await page.waitForTimeout(1_200);
      await shoot(`-walkthrough-${index + 1}`, page.locator(".part.editor"));
    }
    // The narrowest at which the picture stands beside the steps.
    await page.setViewportSize({ width: 1100, height: 800 });
    await page.waitForTimeout(1_000);
    await shoot("-walkthrough-1100");
    await sideBar.getByRole("button", { name: "Start Sandbox" }).click();
    await inWindow.treeItem(page, /, sandbox/).waitFor({ timeout: 30_000 });
    await page.waitForTimeout(1_500);
    await shoot("-signed-in", sideBar);
  },
};
