import { expect, it } from "vitest";
import type { CoderClient } from "../../../src/coder/client.ts";
import type { User, Workspace } from "../../../src/coder/schemas.ts";
import { findTargets } from "../../../src/workloads/targets.ts";
import { trafficConfigSchema } from "../../../src/workloads/workspace-traffic/config.ts";

const workspace = (number: number, isRunning = true) =>
  ({
    name: `scaletest-abcdefgh-${number}`,
    owner_name: "o",
    latest_build: {
      transition: "start",
      job: { status: isRunning ? "succeeded" : "failed" },
      resources: [{ agents: [{ name: "main", operating_system: "linux", apps: [] }] }],
    },
  }) as unknown as Workspace;

async function targets(range: string, all: readonly Workspace[]): Promise<string[]> {
  const client = { findWorkspaces: async () => all } as unknown as CoderClient;
  const context = { client, signal: new AbortController().signal, warn: () => undefined };
  const config = trafficConfigSchema.parse({ targetWorkspaces: range });
  const found = await findTargets(config, context, { id: "1" } as User);
  return found.map(({ workspace: { name } }) => name.slice(-1));
}

it("steps with shares of the same workspaces never meet, also where one stops running between their begins", async () => {
  const all = [1, 2, 3, 4, 5, 6].map((number) => workspace(number));
  const first = await targets("0%:50%", all);
  const later = all.map((one, at) => (at === 0 ? workspace(1, false) : one));
  const second = await targets("50%:100%", later);
  expect([first, second]).toEqual([
    ["1", "2", "3"],
    ["4", "5", "6"],
  ]);
  // A range by numbers is of those that run, as it was.
  expect(await targets("3:6", later)).toEqual(["5", "6"]);
  await expect(targets("0%:1%", all)).rejects.toThrow(
    "--target-workspaces 0%:1% names none of the 6 workspaces",
  );
});
