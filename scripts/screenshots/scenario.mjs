import { writeFileSync } from "node:fs";
import path from "node:path";
import { inScenario } from "../host/scenario-window.ts";
import { inWindow } from "../host/window.ts";

/** A scenario that breaks at a line, is mended, and passes. */
const SCENARIO = `name: Monday morning
template: kubernetes
steps:
  - create: { count: 4, concurrency: 0 }
  - traffic: { over: terminal, rate: 4KB/s }
    name: terminals
    ramp: 2s
    hold: 10s
thresholds:
  - round_trip{step=terminals}.p95 < 0.1ms over 3s
  - ready.p95 < 1m
  - failures.rate < 1%
`;

/** A scenario's file: its lenses, its failure at a line, and its end after a mend. */
export const scenario = {
  sandbox: ["--daemons", "30", "--build-time", "500ms"],
  run: { template: "kubernetes", concurrency: 0, count: 1, runCommand: "" },
  async take({ page, panel, folder, shoot }) {
    writeFileSync(path.join(folder, "workspace", "monday.scaletest.yaml"), SCENARIO);
    await panel
      .getByRole("status")
      .filter({ hasText: /succeeded/ })
      .first()
      .waitFor({ timeout: 60_000 });
    await inWindow.palette(page, "View: Close All Editor Groups");
    await inScenario.open(page, "monday.scaletest.yaml");
    await inScenario
      .lens(page, /Run only this step/)
      .first()
      .waitFor();
    await shoot("-file");
    await inScenario.lens(page, /^Preflight/).click();
    await inWindow
      .quickInput(page)
      .getByText(/Sign-in/)
      .first()
      .waitFor();
    await shoot("-preflight");
    await page.keyboard.press("Escape");
    await inScenario.lens(page, /Run$/).first().click();
    // One above each column of charts.
    await panel.getByRole("list", { name: "Steps" }).first().waitFor({ timeout: 60_000 });
    await panel
      .getByRole("status")
      .filter({ hasText: /threshold broken/ })
      .first()
      .waitFor({ timeout: 60_000 });
    await page.getByRole("tab", { name: /^monday/ }).click();
    await inScenario.explorer(page);
    await inScenario.test(page, /^Monday morning \(Failed\)/).waitFor({ timeout: 60_000 });
    await page.waitForTimeout(2_000);
    await shoot("-failed");
    await inWindow.palette(page, "Test Results: Focus on Test Results View");
    await page.waitForTimeout(2_000);
    await shoot("-output");
    await inWindow.palette(page, "View: Hide Panel");
    await inScenario.peek(page, /^Monday morning/, /^round_trip/);
    await page.waitForTimeout(2_000);
    await shoot("-peek");
    await page
      .getByText(/^Open the panel at/)
      .first()
      .click();
    await panel.getByRole("heading", { level: 1 }).waitFor();
    await page.waitForTimeout(2_000);
    await shoot("-second");
    await page.getByRole("tab", { name: /^monday/ }).click();
    await page.keyboard.press("Escape");
    await inScenario.mend(page, 10, "0.1ms over 3s".length, "2s over 3s");
    await inWindow.act(inScenario.test(page, /^Monday morning/), /^Run Test/);
    await inScenario.test(page, /^Monday morning \(Running\)/).waitFor({ timeout: 60_000 });
    await inScenario.test(page, /^Monday morning \(Passed\)/).waitFor({ timeout: 60_000 });
    await page.getByRole("tab", { name: /^monday/ }).click();
    await page.waitForTimeout(2_000);
    await shoot("-passed");
    await inWindow.palette(page, "Scale Test: New Scenario from a Preset…");
    await page.waitForTimeout(1_000);
    await shoot("-presets");
    await page.keyboard.press("Escape");
  },
};
