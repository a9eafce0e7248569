import type { FrameLocator, Page } from "playwright-core";

/** Parts of VS Code's window as a browser shows them. */
export const inWindow = {
  /** Resolves when the workbench is drawn and its status bar stands. */
  async ready(page: Page): Promise<void> {
    await page.locator(".monaco-workbench").waitFor({ timeout: 60_000 });
    await page.locator('[id="status.notifications"]').waitFor({ timeout: 60_000 });
  },
  treeItem: (page: Page, name: RegExp) => page.getByRole("treeitem", { name }),
  statusItem: (page: Page) => page.locator('[id="coder-scaletest.coder-scaletest.run"]'),
  panel: (page: Page): FrameLocator =>
    page.frameLocator("iframe.webview.ready").frameLocator("iframe#active-frame"),
};
