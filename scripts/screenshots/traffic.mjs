import { inWindow } from "../host/window.ts";
import { shootNarrow } from "./sizes.mjs";

/** Traffic to 100 workspaces, of which some connections drop. */
export const traffic = {
  sandbox: ["--daemons", "60", "--build-time", "100ms"],
  // What the traffic goes to; it stays.
  run: { template: "kubernetes", concurrency: 0, count: 100, runCommand: "", ssh: false, cleanup: false },
  async take({ page, panel, sandbox, commandLine, shoot }) {
    await inWindow.treeItem(page, /^create 100 × kubernetes, passed/).waitFor({ timeout: 120_000 });
    const load = ["--rate", "10KB/s", "--tick-interval", "1s", "--ramp", "8s", "--warm-up", "4s"];
    const end = ["--duration", "5m", "--reconnect", "--threshold", "round_trip.p95<500ms"];
    const thresholds = ["--threshold", "achieved.rate>=95%", "--threshold", "connections.dropped<1"];
    const run = commandLine(["workspace-traffic", ...load, ...end, ...thresholds]);
    try {
      // Of the earlier ones of other themes, it stands before.
      await inWindow
        .treeItem(page, /^web terminal traffic/)
        .first()
        .click();
      await panel
        .getByText(/Measuring/)
        .first()
        .waitFor({ timeout: 60_000 });
      await page.waitForTimeout(20_000);
      const dropped = await fetch(`${sandbox.url}/sandbox/faults`, {
        method: "POST",
        body: '{"drop": 0.12}',
      });
      if (!dropped.ok) throw new Error(`the sandbox did not drop: ${dropped.status}`);
      await page.waitForTimeout(15_000);
      await shoot("");
      await shootNarrow(page, shoot);
    } finally {
      run.kill("SIGTERM");
    }
  },
};
