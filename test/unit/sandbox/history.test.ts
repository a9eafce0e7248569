import { expect, test } from "vitest";
import { createDeployment } from "../../../src/sandbox/deployment.ts";
import { FILE_BYTES, KEPT_DELETED_USERS, KEPT_JOBS } from "../../../src/sandbox/limits.ts";
import { NO_LOAD_MODEL } from "../../../src/sandbox/model/load-model.ts";
import { jobStatus } from "../../../src/sandbox/state/jobs.ts";
import { latestBuild } from "../../../src/sandbox/state/workspaces.ts";

function deploy(workspaces = 0) {
  return createDeployment({
    workspaces,
    daemons: 200,
    buildTimeMs: [0, 0],
    deleteTimeMs: [0, 0],
    seed: 1,
    rateLimit: undefined,
    wildcardHost: "",
    fresh: false,
    ownerExecDisabled: false,
    maxTokenLifetimeMs: undefined,
    model: NO_LOAD_MODEL,
  });
}

test("of jobs that are over the oldest are forgotten; what goes on, or was somebody's last, is not", () => {
  const deployment = deploy(3);
  const { builds, catalogue, owner, workspaces, agents } = deployment;
  const version = catalogue.templates().find((one) => one.name === "kubernetes")?.version;
  const [daemon] = deployment.queue.daemons;
  if (!version || !daemon) throw new Error("no template");
  const [kept, gone, replaced] = [...workspaces.live()];
  if (!kept || !gone || !replaced) throw new Error("no workspaces");
  workspaces.delete(gone);
  const [first] = replaced.builds;
  const again = builds.createBuild(replaced, { transition: "start", initiator: owner, parameters: [] });
  const waiting = builds.startDryRun(version, owner, []);
  for (let at = 0; at < KEPT_JOBS * 1.3; at++) {
    const job = builds.startDryRun(version, owner, []);
    job.worker = daemon;
    job.completedAt = job.createdAt;
  }
  const all = [...builds.jobs()];
  expect(all.length).toBeLessThanOrEqual(KEPT_JOBS * 1.1 + 1);
  expect(all).toContain(waiting);
  expect(jobStatus(waiting)).toBe("pending");
  expect(builds.buildOf(latestBuild(kept).job)).toBe(latestBuild(kept));
  expect(workspaces.byId(kept.id)).toBe(kept);
  expect(replaced.builds).toEqual([again]);
  expect(first && [workspaces.build(first.id), builds.job(first.job.id)]).toEqual([undefined, undefined]);
  expect(workspaces.byId(gone.id)).toBeUndefined();
  expect(workspaces.everOwnedBy(gone.owner)).toEqual([]);
  const lost = gone.builds[0]?.resources[0]?.agents[0];
  expect(lost && agents.byId(lost.id)).toBeUndefined();
  deployment.timers.close();
});

test("of deleted users the oldest are not found any more", () => {
  const { users, timers, stats, workspaces } = deploy();
  const all = Array.from({ length: KEPT_DELETED_USERS + 2 }, (_, at) => {
    const user = users.create({
      username: `u${at}`,
      email: `u${at}@scaletest.local`,
      loginType: "none",
      organizationIds: [],
    });
    stats.countUser(user);
    users.delete(user);
    return user;
  });
  expect(all.slice(0, 3).map((user) => users.byId(user.id)?.username)).toEqual([undefined, undefined, "u2"]);
  expect(Object.keys(stats.read(workspaces).workspaces)).toHaveLength(KEPT_DELETED_USERS);
  timers.close();
});

test("of uploads the oldest go when all are too large together", () => {
  const { files, timers } = deploy();
  const bytes = Buffer.alloc(FILE_BYTES / 4);
  for (const id of ["a", "b", "c", "d"]) files.add({ id, hash: id, createdById: "", contentType: "", bytes });
  expect(["a", "b", "c", "d"].filter((id) => files.byId(id))).toEqual(["b", "c", "d"]);
  timers.close();
});
