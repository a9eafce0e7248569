import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createDeployment, type Deployment } from "../../../src/sandbox/deployment.ts";
import { NO_LOAD_MODEL } from "../../../src/sandbox/model/load-model.ts";
import { type Job, jobStatus } from "../../../src/sandbox/state/jobs.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function deploy(daemons: number): { deployment: Deployment; build: () => Job } {
  const deployment = createDeployment({
    ...{ workspaces: 6, daemons, seed: 1, rateLimit: undefined, wildcardHost: "", fresh: false },
    ...{ buildTimeMs: [10_000, 10_000], deleteTimeMs: [10_000, 10_000] },
    ...{ ownerExecDisabled: false, maxTokenLifetimeMs: undefined, model: NO_LOAD_MODEL },
  });
  const workspaces = [...deployment.workspaces.live()];
  const build = () => {
    const workspace = workspaces.pop();
    if (!workspace) throw new Error("no workspace is left");
    return deployment.builds.createBuild(workspace, {
      ...{ transition: "start", initiator: deployment.owner, parameters: [] },
    }).job;
  };
  return { deployment, build };
}

test("daemons that are asked to go fail what they build, and the others go on; those that are back take the rest", async () => {
  const { deployment, build } = deploy(2);
  const { daemonLoss } = deployment;
  const jobs = [build(), build(), build()];
  await vi.advanceTimersByTimeAsync(1_000);
  expect(jobs.map(jobStatus)).toEqual(["running", "running", "pending"]);
  expect(daemonLoss.leave(daemonLoss.last(1))).toBe(1);
  const lost = jobs.find((job) => jobStatus(job) === "failed");
  expect(lost?.error).toBe("provisioner daemon was shutdown gracefully");
  await vi.advanceTimersByTimeAsync(5_000);
  expect(jobs.map(jobStatus).filter((one) => one === "pending")).toHaveLength(1);
  daemonLoss.return(1);
  await vi.advanceTimersByTimeAsync(12_000);
  // What was lost stays so: nobody goes on with it, and its agents are never begun.
  expect(jobs.map(jobStatus).sort()).toEqual(["failed", "succeeded", "succeeded"]);
  expect(lost && deployment.builds.buildOf(lost)?.resources).toEqual([]);
});

test("what a daemon builds that is killed hangs until the server gives it up, and says so in its log", async () => {
  const { deployment, build } = deploy(1);
  deployment.faults.set({ hungJobMs: 120_000, daemonStaleMs: 90_000 });
  const job = build();
  await vi.advanceTimersByTimeAsync(1_000);
  expect(deployment.daemonLoss.die(deployment.daemonLoss.last(1))).toBe(1);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(jobStatus(job)).toBe("running");
  expect(deployment.daemonLoss.online()).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(31_000);
  expect(deployment.daemonLoss.online()).toHaveLength(0);
  await vi.advanceTimersByTimeAsync(30_000);
  expect(jobStatus(job)).toBe("failed");
  expect(job.logs.map(({ output }) => output)).toContain(
    "Coder: Build has been detected as hung for 2 minutes and will be terminated.",
  );
});

test("while the database stands still, no job is taken and none ends; afterwards all do", async () => {
  const { deployment, build } = deploy(1);
  const [first, second] = [build(), build()];
  await vi.advanceTimersByTimeAsync(1_000);
  deployment.faults.set({ databasePaused: true });
  await vi.advanceTimersByTimeAsync(60_000);
  expect([first, second].map(jobStatus)).toEqual(["running", "pending"]);
  deployment.faults.set({ databasePaused: false });
  await vi.advanceTimersByTimeAsync(12_000);
  expect([first, second].map(jobStatus)).toEqual(["succeeded", "succeeded"]);
});
