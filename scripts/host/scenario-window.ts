import type { Locator, Page } from "playwright-core";
import { inWindow } from "./window.ts";

/** What a person does with a scenario in VS Code's window. */
export const inScenario = {
  async open(page: Page, file: string): Promise<void> {
    await page.keyboard.press("Control+P");
    await page.locator('.quick-input-widget input[type="text"]').fill(file);
    await page.locator(".quick-input-list").getByRole("option", { name: file }).first().click();
    await page.getByRole("tab", { name: new RegExp(`^${file}`) }).waitFor();
  },
  /** A command above a line of the file. */
  lens: (page: Page, title: RegExp): Locator =>
    page.locator(".codelens-decoration a").filter({ hasText: title }),
  /**
   * Clicks such a command, until what it does is there. It is drawn anew while the editor learns of results: a look whether
   * it keeps still would be of one that is gone.
   */
  async clickLens(page: Page, title: RegExp, done: Locator, timeout = 120_000): Promise<void> {
    const boxOf = () =>
      inScenario
        .lens(page, title)
        .first()
        .boundingBox({ timeout: 5_000 })
        .catch(() => null);
    for (const until = Date.now() + timeout; ; ) {
      // While lines make room for such commands, a click on one of them is lost.
      const [before, box] = [await boxOf(), await page.waitForTimeout(400).then(boxOf)];
      const isSettled = box !== null && before?.x === box.x && before.y === box.y;
      if (isSettled) await page.mouse.click(box.x + box.width / 2, box.y + box.height / 2);
      try {
        return await done.first().waitFor({ timeout: isSettled ? 12_000 : 100 });
      } catch (error) {
        if (Date.now() > until) throw error;
      }
    }
  },
  /** Puts the cursor to the end of a line, from 1, takes so many characters away and types others. */
  async mend(page: Page, line: number, away: number, text: string): Promise<void> {
    await page.keyboard.press("Control+G");
    await page.locator('.quick-input-widget input[type="text"]').fill(`:${line}`);
    await page.keyboard.press("Enter");
    await page.keyboard.press("End");
    for (let count = 0; count < away; count++) await page.keyboard.press("Backspace");
    await page.keyboard.type(text);
    await page.keyboard.press("Control+S");
  },
  /** What a test has failed with, behind a line; empty where nothing is. */
  async failureAt(page: Page, line: string): Promise<string> {
    const text = await page.locator(".view-line").filter({ hasText: line }).boundingBox();
    for (const widget of await page.locator(".test-error-content-widget").all()) {
      const box = await widget.boundingBox();
      const isBehind = text && box && Math.abs(text.y + text.height / 2 - box.y - box.height / 2) < 3;
      if (isBehind) return (await widget.textContent()) ?? "";
    }
    return "";
  },
  /** Opens what a test has failed with, below its line. */
  async peek(page: Page, file: RegExp, threshold: RegExp): Promise<void> {
    await inScenario.test(page, file).locator(".monaco-tl-twistie").click();
    await inScenario.test(page, threshold).dblclick();
    await inWindow.palette(page, "Test: Go to Next Test Failure");
  },
  async explorer(page: Page): Promise<void> {
    await page.getByRole("tab", { name: "Testing" }).first().click();
  },
  test: (page: Page, name: RegExp): Locator => inWindow.treeItem(page, name).first(),
};
