import { describe, expect, it } from "vitest";
import { writeQuickstart } from "../../scripts/host/demo.ts";
import { inWindow } from "../../scripts/host/window.ts";
import { SLOW, stageFor } from "./stage.ts";

/** A session that expires while a run makes workspaces: asked for by a notification, in a real window. */
const COUNT = 12;
const stage = stageFor("session", 30_000, async ({ folder, sandbox, openWindow }) => {
  const run = { template: "kubernetes", count: COUNT, concurrency: 2, runCommand: "sleep 1" };
  await openWindow({ CODER_SCALETEST_QUICKSTART: writeQuickstart(folder, sandbox, run) });
});

const notification = (text: RegExp) => stage.page.getByRole("dialog", { name: text }).first();

async function expire(): Promise<void> {
  const body = JSON.stringify({ expireSessions: "admin" });
  expect((await fetch(`${stage.sandbox.url}/sandbox/faults`, { method: "POST", body })).status).toBe(200);
}

/** As the page at /cli-auth would. */
async function newToken(): Promise<string> {
  const body = JSON.stringify({ email: "admin@example.com", password: "SandboxPass!1234" });
  const answer = await fetch(`${stage.sandbox.url}/api/v2/users/login`, { method: "POST", body });
  return ((await answer.json()) as { session_token: string }).session_token;
}

describe("a session that expires in the middle of a run", () => {
  const run = () => inWindow.treeItem(stage.page, /^create 12 × kubernetes, /).first();
  const banner = () =>
    inWindow.panel(stage.page).getByRole("status").filter({ hasText: "The session has expired" });

  it(
    "is told by a notification, in tree, status bar and panel",
    async () => {
      await expect
        .poll(() => inWindow.statusItem(stage.page).textContent(), { timeout: SLOW })
        .toMatch(/[1-9]\d*\/12/);
      await expire();
      await notification(
        /The session on 127\.0\.0\.1:\d+ has expired\. create 12 × kubernetes waits/,
      ).waitFor({
        timeout: SLOW,
      });
      await banner().getByRole("button", { name: "Sign In" }).waitFor();
      await inWindow.treeItem(stage.page, /^Session expired, sign in by /).waitFor();
      await expect
        .poll(() => inWindow.statusItem(stage.page).textContent())
        .toMatch(/session expired · \d+\/12/);
    },
    SLOW * 2,
  );

  it(
    "is mended from there: the run goes on, nothing of it has failed, and nothing is left",
    async () => {
      const asked = notification(/The session on .* has expired/);
      await asked.getByRole("button", { name: "Sign In" }).click();
      const input = stage.page.locator('.quick-input-widget input[type="password"]');
      await input.fill(await newToken());
      await stage.page.keyboard.press("Enter");
      await notification(/create 12 × kubernetes continues/).waitFor();
      await expect.poll(() => banner().count()).toBe(0);
      await inWindow
        .treeItem(stage.page, /^create 12 × kubernetes, .*12 succeeded, 0 failed/)
        .waitFor({ timeout: SLOW });
      const answer = await fetch(`${stage.sandbox.url}/api/v2/users?q=scaletest-`, {
        headers: { "Coder-Session-Token": await newToken() },
      });
      expect(((await answer.json()) as { users: unknown[] }).users).toEqual([]);
      expect(await run().textContent()).toContain("12 passed");
    },
    SLOW * 2,
  );
});
