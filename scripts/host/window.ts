import type { FrameLocator, Locator, Page } from "playwright-core";

/** Parts of VS Code's window as a browser shows them. */
export const inWindow = {
  /** Resolves when the workbench is drawn and its status bar stands. */
  async ready(page: Page): Promise<void> {
    await page.locator(".monaco-workbench").waitFor({ timeout: 60_000 });
    await page.locator('[id="status.notifications"]').waitFor({ timeout: 60_000 });
  },
  treeItem: (page: Page, name: RegExp) => page.getByRole("treeitem", { name }),
  /**
   * A click on an action that a tree's line has while the pointer is over it. A line that is drawn anew meanwhile does not
   * know of the pointer until it moves: it is pointed at again.
   */
  async act(line: Locator, action: RegExp | string, timeout = 30_000): Promise<void> {
    const name = typeof action === "string" ? { name: action, exact: true } : { name: action };
    const button = line.getByRole("button", name).first();
    for (const until = Date.now() + timeout; ; ) {
      await line.hover();
      try {
        return await button.click({ timeout: 5_000 });
      } catch (error) {
        if (Date.now() > until) throw error;
        // Away from it, so that the next look is a move.
        await line.hover({ position: { x: 2, y: 2 } });
      }
    }
  },
  /** Runs a command by its title, as the palette shows it. */
  async palette(page: Page, command: string): Promise<void> {
    await page.keyboard.press("F1");
    await page.locator('.quick-input-widget input[type="text"]').fill(`>${command}`);
    const lines = page.locator(".quick-input-list").getByRole("option");
    // The list keeps its lines and changes what they say while it filters: it has to have come to rest.
    for (let before = ""; ; ) {
      const said = (await lines.allInnerTexts()).join("\n");
      if (said !== "" && said === before) break;
      before = said;
      await page.waitForTimeout(100);
    }
    await lines.filter({ hasText: command }).first().click();
  },
  quickInput: (page: Page): Locator => page.locator(".quick-input-widget"),
  /** Answers the question that is there: types a value, where one is given, and goes on. */
  async answer(page: Page, question: RegExp, value?: string): Promise<void> {
    const input = inWindow.quickInput(page);
    await input.getByText(question).or(input.getByPlaceholder(question)).first().waitFor();
    if (value !== undefined) await input.locator("input").first().fill(value);
    const lines = input.locator(".quick-input-list .monaco-list-row").filter({ visible: true });
    // A list is narrowed after what is typed: Enter would take what stood first before.
    if (value && (await lines.count()) > 0)
      await lines.and(page.locator(".focused")).filter({ hasText: value }).waitFor();
    await page.keyboard.press("Enter");
  },
  /** Drags the side bar's edge until it is so wide. */
  async resizeSideBar(page: Page, width: number): Promise<void> {
    const box = await page.locator(".part.sidebar").boundingBox();
    if (!box) throw new Error("there is no side bar");
    await page.mouse.move(box.x + box.width, box.y + 400);
    await page.mouse.down();
    await page.mouse.move(box.x + width, box.y + 400, { steps: 5 });
    await page.mouse.up();
    await page.mouse.move(box.x + width + 400, box.y + 700);
  },
  statusItem: (page: Page) => page.locator('[id="coder-scaletest.coder-scaletest.run"]'),
  panel: (page: Page): FrameLocator =>
    page.frameLocator("iframe.webview.ready").frameLocator("iframe#active-frame"),
};
