import path from "node:path";
import type { Snapshot } from "../../src/protocol/snapshot.ts";
import type { StepRequest } from "../../src/protocol/step-request.ts";
import type { RunnerConnection } from "../../src/runner/client/connection.ts";
import { type StartOptions, startRun } from "../../src/runner/client/start.ts";
import { runsFolder } from "../../src/runs/home.ts";
import type { Deployed } from "./deployed.ts";
import { dist } from "./product.ts";

/** Four workspaces, all at once. */
export const CREATE: StepRequest = {
  name: "create",
  workload: "create-workspaces",
  config: { template: "all-parameters", parameters: { region: "eu" }, count: 4, concurrency: 0, ssh: false },
};

/** A run of these steps in a process of its own, that ends with this one. */
export function startSteps(
  { home, client }: Deployed,
  steps: readonly StepRequest[],
  more: Pick<Partial<StartOptions>, "allowRun" | "guard"> = {},
): Promise<RunnerConnection> {
  return startRun({
    runs: runsFolder(home),
    runnerPath: path.join(dist, "runner.js"),
    title: "several steps",
    steps,
    target: { ...client.transport.target },
    guard: { tag: "production", limits: {} },
    endWithClient: true,
    client: "test",
    product: "0",
    ...more,
  });
}

/** Resolves with the first snapshot for which that is so; rejects where the runner goes before. */
export function until(run: RunnerConnection, check: (snapshot: Snapshot) => boolean): Promise<Snapshot> {
  return new Promise((resolve, reject) => {
    const look = (snapshot: Snapshot | undefined) => {
      if (snapshot && check(snapshot)) resolve(snapshot);
    };
    run.onSnapshot(look);
    run.onClose(() => reject(new Error("the runner is gone")));
    look(run.latest());
  });
}

export const ended = (run: RunnerConnection) => until(run, ({ state }) => state === "finished");
