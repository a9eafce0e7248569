import { shootNarrow, widen } from "./sizes.mjs";

/** A creation of 500 workspaces in a sandbox that breaks now and then. */
export const creation = {
  sandbox: [
    ...["--daemons", "60", "--build-time", "5s-9s"],
    ...["--fault", "build-failure-rate=0.03", "--fault", "agent-never-connects=0.015"],
    ...["--fault", "agent-timeout-ms=8000", "--fault", "startup-fails=0.01"],
  ],
  run: {
    ...{ template: "kubernetes", concurrency: 0, count: 500, runCommand: "sleep 3 && echo hello" },
    thresholds: ["ready.p95<2m", "queue.p99<60s", "failures.rate<1%"],
  },
  async take({ page, panel, shoot }) {
    // The middle of the run: a good part is ready, much is still to come.
    await panel
      .getByRole("img", { name: /^Workspaces, at .* [1-9]\d* failed/ })
      .waitFor({ timeout: 120_000 });
    await page.waitForTimeout(20_000);
    await shoot("");
    await shootNarrow(page, shoot);
    await widen(page);
    await panel.getByRole("tab", { name: /^Workspaces/ }).click();
    await panel.getByRole("listbox", { name: /^Waterfall/ }).scrollIntoViewIfNeeded();
    await panel
      .getByRole("grid", { name: "Workspaces" })
      .evaluate((node) => node.scrollIntoView({ block: "end" }));
    await shoot("-waterfall");
    await panel.getByRole("combobox", { name: "Show workspaces in state" }).selectOption("failed");
    const failed = panel.getByRole("grid", { name: "Workspaces" }).getByRole("row", { name: /failed/ });
    await failed.first().click();
    await panel.getByRole("complementary", { name: "Workspace" }).waitFor();
    await panel
      .getByRole("complementary", { name: "Workspace" })
      .evaluate((node) => node.scrollIntoView({ block: "end" }));
    await shoot("-failed");
  },
};
