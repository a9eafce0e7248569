import { readdirSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import pLimit from "p-limit";
import { expect, it } from "vitest";
import { run } from "./product.ts";

const folder = fileURLToPath(new URL("../../examples", import.meta.url));
const files = readdirSync(folder).filter((name) => name.endsWith(".scaletest.yaml"));

/** So that each takes a few seconds: four workspaces, and shorter times. */
const SMALL = ["steps.create.count=4", "steps.create.concurrency=0"];
const terminals = (hold: string) => ["steps.terminals.ramp=0s", `steps.terminals.hold=${hold}`];
const SETS: Record<string, readonly string[]> = {
  "staggered-overlap": [
    ...terminals("6s"),
    ...["steps.terminals.share=50%", "steps.ssh.share=25%", "steps.builds.share=25%"],
    ...["steps.ssh.at=terminals + 1s", "steps.ssh.ramp=0s", "steps.ssh.hold=3s"],
    "steps.builds.at=terminals + 1s",
  ],
  "nine-oclock": [...terminals("2s"), "steps.builds.ramp=1s"],
  "replica-loss": [...terminals("4s"), "steps.drill.run.args=[true]", "steps.drill.at=terminals + 1s"],
  "upgrade-check": [...terminals("2s"), "steps.ssh.hold=2s"],
};

/** What a machine that runs other tests beside this cannot keep to says nothing of the file. */
const FINE = new Set([0, 4, 99]);

/** Most of a run is waiting; more at a time would make the tests beside these late. */
const atOnce = pLimit(2);

it.concurrent.each(files)("%s runs on a sandbox, scaled down, and leaves nothing", async (name) => {
  const sets = [...SMALL, ...(SETS[name.replace(".scaletest.yaml", "")] ?? terminals("2s"))];
  const args = ["run", path.join(folder, name), "--sandbox", "--allow-run", "--output", "json"];
  const { code, stdout, stderr } = await atOnce(() =>
    run([...args, ...sets.flatMap((one) => ["--set", one])]),
  );
  expect(FINE, stderr).toContain(code);
  const { outcome, steps } = JSON.parse(stdout);
  expect(outcome).toMatchObject({ orphans: 0, failed: 0 });
  const states = Object.entries<{ state: string }>(steps).map(([step, { state }]) => `${step} ${state}`);
  expect(states.filter((text) => !text.endsWith(" done"))).toEqual([]);
});
