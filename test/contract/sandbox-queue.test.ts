import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Sandbox, startSandbox } from "../../src/sandbox/server.ts";
import {
  type Answer,
  type Exchange,
  eventually,
  exchanges,
  expectLike,
  expectSameEnvelope,
  load,
  Replayer,
  send,
} from "./replay.ts";
import { templateOf } from "./seeded.ts";

const OWNER = "KEYID00001-SECRET0000000000000001";
const MEMBER = "KEYID00005-SECRET0000000000000005";
const SLOW_VERSION = "683a986c-f802-4f59-b517-9f894663b361";
const DRY_RUN = "d213cd32-06b3-4c93-86f0-f7098d402ef4";
const BUILD_MS = 2500;

interface Row {
  name: string;
  build: {
    status: string;
    queue_position: number;
    queue_size: number;
    matched_provisioners: { count: number };
  };
  workspace_view: { queue_position: number; matched_provisioners: { count: number } };
}

interface Workspace {
  id: string;
  latest_build: {
    id: string;
    status: string;
    job: { queue_position: number; queue_size: number };
    matched_provisioners: { count: number };
  };
}

let sandbox: Sandbox;
let replayer: Replayer;
const workspaces: Workspace[] = [];

/** The recorded situation: seven builds on three daemons. */
beforeAll(async () => {
  sandbox = await startSandbox({
    daemons: 3,
    rateLimit: 512,
    buildTimeMs: [BUILD_MS, BUILD_MS],
    deleteTimeMs: [100, 100],
  });
  replayer = new Replayer(sandbox.url);
  const { users } = sandbox.deployment;
  const { organization, template } = templateOf(sandbox, "no-agent");
  const member = users.create({
    username: "rec-a",
    email: "rec-a@rec.example.com",
    loginType: "none",
    status: "active",
    organizationIds: [organization.id],
  });
  replayer.map(OWNER, sandbox.token);
  replayer.map(MEMBER, users.addKey(member, { loginType: "token" }));
  replayer.map("84d6bd69-f0ff-439a-9c58-f4b9e6ae1526", organization.id);
  replayer.map(SLOW_VERSION, template.version.id);
  for (let at = 0; at < 7; at++) {
    workspaces.push(
      await api<Workspace>("POST", "/users/rec-a/workspaces", {
        name: `rec-slow${at}`,
        template_id: template.id,
      }),
    );
  }
  const buildId = (at: number) => workspaces[at]?.latest_build.id ?? "";
  replayer.map("01a23f89-fd67-437b-8654-2b296f5a4406", buildId(0));
  replayer.map("39fc959a-18e9-4d02-a3d7-c4d90fa64981", buildId(5));
  replayer.map("5272b92c-0026-48df-8a0c-e815eac60e59", buildId(6));
});

afterAll(() => sandbox.close());

async function api<T>(method: string, path: string, body?: unknown): Promise<T> {
  const payload = body === undefined ? undefined : JSON.stringify(body);
  const answer = await send(
    sandbox.url,
    method,
    `/api/v2${path}`,
    { "Coder-Session-Token": sandbox.token },
    payload,
  );
  return answer.body as T;
}

async function replay(exchange: Exchange, label = exchange.note ?? ""): Promise<Answer> {
  const answer = await replayer.send(exchange);
  if (exchange.response.status >= 400) expectSameEnvelope(answer, exchange.response, replayer, label);
  else expectLike(answer, exchange.response, label);
  return answer;
}

function recorded(name: string, note?: string): Exchange {
  const found = exchanges(`rest/${name}`).find((one) => note === undefined || one.note === note);
  if (!found) throw new Error(`no exchange "${note}" in ${name}`);
  return found;
}

/** What a snapshot of the recorded queue shows of each workspace. */
async function readQueue(): Promise<unknown[]> {
  return Promise.all(
    workspaces.map(async (workspace, at) => {
      const build = await api<Workspace["latest_build"]>(
        "GET",
        `/workspacebuilds/${workspace.latest_build.id}`,
      );
      const view = await api<Workspace>("GET", `/workspaces/${workspace.id}`);
      return {
        name: `rec-slow${at}`,
        status: build.status,
        position: [build.job.queue_position, view.latest_build.job.queue_position],
        size: build.job.queue_size,
        daemons: [build.matched_provisioners.count, view.latest_build.matched_provisioners.count],
      };
    }),
  );
}

function recordedQueue(label: string): unknown[] {
  const snapshots = load("rest/build-queue").snapshots as { label: string; rows: Row[] }[];
  const snapshot = snapshots.find((one) => one.label === label);
  return (snapshot?.rows ?? []).map((row) => ({
    name: row.name,
    status: row.build.status,
    position: [row.build.queue_position, row.workspace_view.queue_position],
    size: row.build.queue_size,
    daemons: [row.build.matched_provisioners.count, row.workspace_view.matched_provisioners.count],
  }));
}

describe("seven builds on three daemons", () => {
  test("positions and sizes", async () => {
    await eventually(
      async () => sandbox.deployment.queue.size === 4 || undefined,
      "three daemons to be busy",
    );
    expect(await readQueue()).toEqual(recordedQueue("all seven created"));
    await replay(recorded("build-pending"));
    expect(workspaces[6]?.latest_build.job).toMatchObject({ queue_position: 0, queue_size: 0 });
  });

  test("daemons and jobs as an administrator sees them", async () => {
    for (const exchange of exchanges("rest/provisionerdaemons-busy")) {
      const answer = await replayer.send(exchange);
      expect(answer.status).toBe(200);
      const daemons = answer.body as { status: string; previous_job: unknown }[];
      expect(daemons.map((one) => one.status)).toEqual(["busy", "busy"]);
    }
    replayer.map(
      "cd9e56bb-9aaf-4472-80b3-8505e3aa1b9e",
      sandbox.deployment.workspaces.build(workspaces[6]?.latest_build.id ?? "")?.job.id ?? "",
    );
    for (const exchange of exchanges("rest/provisionerjobs"))
      await replay(exchange, `provisionerjobs: ${exchange.note}`);
  });

  test("a dry run waits its turn", async () => {
    const created = await replay(recorded("dry-run", "create"));
    replayer.map(DRY_RUN, (created.body as { id: string }).id);
    for (const note of ["matched-provisioners", "poll", "resources before it ended", "unknown job"]) {
      await replay(recorded("dry-run", note));
    }
    const polled = await replay(recorded("dry-run", "poll"));
    expect(polled.body).toMatchObject({ queue_position: 5, queue_size: 5 });
  });

  test("cancelling while pending ends the job at once, and it leaves the count", async () => {
    for (const exchange of exchanges("rest/build-cancel-pending"))
      await replay(exchange, `cancel-pending: ${exchange.note}`);
    const queue = (await readQueue()) as { position: number[]; size: number }[];
    const snapshots = load("rest/build-queue").snapshots as { label: string }[];
    expect(snapshots.map((one) => one.label)).toContain("rec-slow5 and rec-slow6 cancelled while pending");
    expect(queue.map((row) => row.position[0])).toEqual([0, 0, 0, 1, 2, 0, 3]);
    // The dry run of the test before waits, too.
    expect(queue[3]?.size).toBe(4);
  });

  test("cancelling while running waits for the apply, which may finish", async () => {
    await eventually(() => {
      const log = sandbox.deployment.workspaces.build(workspaces[0]?.latest_build.id ?? "")?.job.logs ?? [];
      return log.some((row) => row.stage === "Starting workspace") || undefined;
    }, "the apply");
    const steps = exchanges("rest/build-cancel-running");
    await replay(steps[0] as Exchange);
    await replay(steps[1] as Exchange);
    const build = sandbox.deployment.workspaces.build(workspaces[0]?.latest_build.id ?? "");
    await eventually(() => build?.job.completedAt, "the cancelled build to end");
    await replay(steps[2] as Exchange);
    expect(build?.resources).toHaveLength(1);
  });

  test("daemons that are busy, and have been before", async () => {
    const { daemons } = sandbox.deployment.queue;
    await eventually(
      () => daemons.every((one) => one.current && one.previous) || undefined,
      "every daemon's second job",
    );
    for (const exchange of exchanges("rest/provisionerdaemons"))
      await replay(exchange, `provisionerdaemons: ${exchange.note}`);
  });

  test("a job cancelled while pending is taken all the same, and does not apply", async () => {
    const job = sandbox.deployment.workspaces.build(workspaces[5]?.latest_build.id ?? "")?.job;
    await eventually(() => job?.startedAt, "a daemon to take the cancelled job");
    await eventually(() => job?.logs.some((row) => row.stage === "Cleaning Up") || undefined, "its end");
    expect(job?.startedAt).toBeGreaterThan(job?.completedAt ?? Number.POSITIVE_INFINITY);
    // The stage is named, and nothing is done in it.
    const applied = job?.logs.filter((row) => row.stage === "Starting workspace");
    expect(applied?.map((row) => row.output)).toEqual([""]);
    expect(sandbox.deployment.workspaces.build(workspaces[5]?.latest_build.id ?? "")?.resources).toEqual([]);
  });

  test("the dry run's result", async () => {
    await eventually(
      () => sandbox.deployment.builds.job(replayer.translate(DRY_RUN))?.completedAt,
      "the dry run",
    );
    await replay(recorded("dry-run", "finished"));
    await replay(recorded("dry-run", "resources"));
    await replay(recorded("dry-run", "cancel when finished"));
  });
});

test("workspaces-create-201-queued, -org-route: no place in the queue yet, by either route", async () => {
  const { catalogue } = sandbox.deployment;
  const templates = catalogue.templates(catalogue.organization("default"));
  const id = (name: string) => templates.find((one) => one.name === name)?.id ?? "";
  replayer.map("ae4fbdeb-8e34-46a6-a1ea-054b72dfe0df", id("no-agent"));
  replayer.map("e1afb71d-ff82-4776-9d43-9c13247e73a0", id("failing-build"));
  for (const [name, as] of [
    ["workspaces-create-201-queued", "rec-slow6"],
    ["workspaces-create-201-org-route", "rec-fail1"],
  ] as const) {
    // Those names are taken, or will be.
    replayer.map(as, `${as}-again`);
    const answer = await replay(recorded(name), name);
    expect((answer.body as Workspace).latest_build.job).toMatchObject({ queue_position: 0, queue_size: 0 });
  }
});

test("a build that fails: its error, no resources, no timings", async () => {
  const { catalogue } = sandbox.deployment;
  const failing = catalogue
    .templates(catalogue.organization("default"))
    .find((one) => one.name === "failing-build");
  const made = await api<Workspace>("POST", "/users/rec-a/workspaces", {
    name: "rec-fail1",
    template_id: failing?.id,
  });
  replayer.map("8dc54de2-e5fe-4ffe-8225-7158f12b3d89", made.latest_build.id);
  await eventually(
    () => sandbox.deployment.workspaces.build(made.latest_build.id)?.job.completedAt,
    "the failure",
  );
  for (const exchange of exchanges("rest/build-failed")) {
    const answer = await replay(exchange, `build-failed: ${exchange.note}`);
    if (exchange.note === "the build")
      expect(answer.body).toMatchObject({
        status: "failed",
        job: { error: "terraform apply: exit status 1" },
      });
  }
});
