import { afterEach, beforeEach, expect, it } from "vitest";
import { CoderClient } from "../../../src/coder/client.ts";
import { isFailure } from "../../../src/coder/errors.ts";
import { type Sandbox, startSandbox } from "../../../src/sandbox/server.ts";

let sandbox: Sandbox;
let client: CoderClient;
beforeEach(async () => {
  sandbox = await startSandbox({ buildTimeMs: [5, 5], deleteTimeMs: [5, 5] });
  client = new CoderClient({ url: sandbox.url, token: sandbox.token, network: {} });
});
afterEach(async () => {
  await client.close();
  await sandbox.close();
});

async function workspaceOf(template: string) {
  const found = (await client.templates()).find(({ name }) => name === template);
  const { id } = await client.me();
  const body = { template_id: found?.id ?? "", name: "w", rich_parameter_values: [] };
  return client.createWorkspace(id, body);
}
const over = (id: string) =>
  expect
    .poll(async () => (await client.workspaceOrGrave(id))?.latest_build.job.status)
    .not.toMatch(/pending|running/);

it("an orphaning delete succeeds where the destroy fails", async () => {
  const { id } = await workspaceOf("no-agent");
  await over(id);
  sandbox.deployment.faults.set({ deleteFails: 1 });
  for (const _ of [1, 2]) {
    await client.createBuild(id, "delete");
    await over(id);
    expect((await client.workspace(id))?.latest_build).toMatchObject({
      transition: "delete",
      job: { status: "failed" },
    });
  }
  await client.orphan(id);
  await over(id);
  expect(await client.workspace(id)).toBeUndefined();
});

it("with no daemon for it, the server carries it out at once", async () => {
  const { id, latest_build } = await workspaceOf("no-provisioner");
  await client.cancelBuild(latest_build.id);
  expect((await client.orphan(id)).job.status).toBe("succeeded");
  expect(await client.workspace(id)).toBeUndefined();
});

it("it is for those who may change the template", async () => {
  const [organization] = await client.organizations();
  const member = await client.createUser({
    username: "member",
    email: "m@example.com",
    organizationIds: [organization?.id ?? ""],
  });
  const theirs = client.as({ token: await client.createToken(member.id, 3_600_000, "t") });
  const template = (await client.templates()).find(({ name }) => name === "no-agent");
  const body = { template_id: template?.id ?? "", name: "w", rich_parameter_values: [] };
  const { id } = await theirs.createWorkspace(member.id, body);
  await over(id);
  const refusal = await theirs.orphan(id).catch((error: unknown) => error);
  expect(isFailure(refusal, "forbidden")).toBe(true);
});
