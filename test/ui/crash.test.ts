import { describe, expect, it } from "vitest";
import { writeQuickstart } from "../../scripts/host/demo.ts";
import { inWindow } from "../../scripts/host/window.ts";
import { SLOW, stageFor } from "./stage.ts";

/** The editor is killed in the middle of a run: window, extension host and all, without a word. */
const COUNT = 12;
const stage = stageFor("crash", 30_000, async ({ folder, sandbox, openWindow }) => {
  const run = {
    template: "kubernetes",
    count: COUNT,
    concurrency: 0,
    runCommand: "sleep 200",
    runTimeoutMs: 300_000,
  };
  await openWindow({ CODER_SCALETEST_QUICKSTART: writeQuickstart(folder, sandbox, run) });
});

describe("an editor that is killed in the middle of a run", () => {
  const line = () => inWindow.treeItem(stage.page, /^create 12 × kubernetes, /).first();

  it(
    "does not take the run with it: the next window finds it, with no token of the deployment",
    async () => {
      await expect
        .poll(() => inWindow.statusItem(stage.page).textContent(), { timeout: SLOW })
        .toContain(`${COUNT}/${COUNT}`);
      await stage.server.crash();
      await stage.page.context().close();
      expect(await stage.workspacesLeft()).toBe(COUNT);
      await stage.openWindow({});
      // Nobody has touched this window yet: it tells of the run all the same.
      await expect
        .poll(() => inWindow.statusItem(stage.page).textContent(), { timeout: SLOW })
        .toContain(`${COUNT}/${COUNT}`);
      const tab = stage.page.getByRole("tab", { name: /^Scale Test/ }).first();
      await expect.poll(() => tab.getAttribute("aria-label")).toContain("1 running");
      await tab.click();
      await line().waitFor({ timeout: SLOW });
      // Nobody is signed in to anything here.
      await stage.page.getByText("You're not signed in to a deployment.").first().waitFor();
    },
    SLOW * 2,
  );

  it(
    "and can stop it, so that nothing is left",
    async () => {
      await inWindow.act(line(), "Stop");
      await inWindow
        .treeItem(stage.page, /^create 12 × kubernetes, stopped/)
        .first()
        .waitFor({ timeout: SLOW });
      await expect.poll(stage.workspacesLeft, { timeout: SLOW }).toBe(0);
    },
    SLOW,
  );
});
