import { globSync, writeFileSync } from "node:fs";
import path from "node:path";
import { expect, it } from "vitest";
import { writeQuickstart } from "../../scripts/host/demo.ts";
import { inWindow } from "../../scripts/host/window.ts";
import { outside, pseudoTexts } from "../webview/pseudo.ts";
import { SLOW, stageFor } from "./stage.ts";

/**
 * A window whose language is German, as far as extensions can tell: the workbench takes its language from the page.
 * There is a bundle for it beside the extension's own.
 */
const stage = stageFor("l10n", 30_000, async ({ folder, sandbox, openWindow }) => {
  const run = { template: "kubernetes", count: 2, concurrency: 0, runCommand: "echo hello" };
  const env = { CODER_SCALETEST_QUICKSTART: writeQuickstart(folder, sandbox, run) };
  await openWindow(env, async (context, extensions) => {
    const [bundles = ""] = globSync(path.join(extensions, "*", "l10n"));
    writeFileSync(path.join(bundles, "bundle.l10n.de.json"), JSON.stringify(pseudoTexts().contents));
    await context.addInitScript(() => Object.assign(globalThis, { _VSCODE_NLS_LANGUAGE: "de" }));
  });
});

it(
  "speaks the editor's language in the tree and in the panel, and writes numbers as it does",
  async () => {
    const panel = inWindow.panel(stage.page);
    await panel.getByText("⟦Passed").first().waitFor({ timeout: SLOW });
    expect(await panel.locator("html").getAttribute("lang")).toBe("de");
    expect(await panel.locator(".cards").innerText()).toMatch(/\d,\d/);
    const line = inWindow.treeItem(stage.page, /⟦create 2 × kubernetes/).first();
    expect(outside((await line.getAttribute("aria-label")) ?? "")).not.toMatch(/[a-z]{3}/);
  },
  SLOW,
);
