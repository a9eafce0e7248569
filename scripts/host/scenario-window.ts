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
  /** What a test has failed with, at its line. */
  failure: (page: Page, text: RegExp): Locator =>
    page.locator(".test-message-inline-content, .view-line").filter({ hasText: text }),
  async explorer(page: Page): Promise<void> {
    await page.getByRole("tab", { name: "Testing" }).first().click();
  },
  test: (page: Page, name: RegExp): Locator => inWindow.treeItem(page, name).first(),
};
