import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { CoderClient } from "../../../src/coder/client.ts";
import { openPty } from "../../../src/coder/pty.ts";
import { startSandbox } from "../../../src/sandbox/server.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "keep-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const options = () => ({
  state: path.join(folder, "state.sqlite"),
  buildTimeMs: [50, 50] as [number, number],
  deleteTimeMs: [20, 20] as [number, number],
});

it("users, tokens, workspaces and their agents are there again after a restart; a build under way begins anew", async () => {
  const first = await startSandbox(options());
  const admin = new CoderClient({ url: first.url, token: first.token, network: {} });
  const [org] = await admin.organizations();
  const user = await admin.createUser({
    username: "kept",
    email: "kept@example.com",
    organizationIds: [org?.id ?? ""],
  });
  const token = await admin.createToken(user.id, 3_600_000, "t");
  const template = (await admin.templates()).find((one) => one.name === "kubernetes");
  const body = (name: string) => ({
    template_id: template?.id ?? "",
    name,
    rich_parameter_values: [{ name: "home_disk_size", value: "20" }],
  });
  const running = await admin.createWorkspace(user.id, body("running"));
  await expect
    .poll(
      async () => (await admin.workspace(running.id))?.latest_build.resources[0]?.agents[0]?.lifecycle_state,
    )
    .toBe("ready");
  const agentId = (await admin.workspace(running.id))?.latest_build.resources[0]?.agents[0]?.id ?? "";
  first.deployment.queue.paused = true;
  const building = await admin.createWorkspace(user.id, body("building"));
  await admin.close();
  await first.close();

  const second = await startSandbox(options());
  const again = new CoderClient({ url: second.url, token, network: {} });
  expect((await again.me()).username).toBe("kept");
  expect((await again.workspace(running.id))?.latest_build.status).toBe("running");
  await expect.poll(async () => (await again.workspace(building.id))?.latest_build.status).toBe("running");
  let said = "";
  const pty = await openPty(again, { agentId, command: "echo still here" }, (bytes) => {
    said += bytes;
  });
  await pty.ended;
  expect(said).toContain("still here");
  expect((await again.createBuild(running.id, "delete")).build_number).toBe(2);
  await expect.poll(async () => again.workspace(running.id)).toBeUndefined();
  await again.close();
  await second.close();

  const third = await startSandbox(options());
  const last = new CoderClient({ url: third.url, token, network: {} });
  expect((await last.findWorkspaces("owner:me")).map((one) => one.name)).toEqual(["building"]);
  await last.close();
  await third.close();
});

it("a file that is no state of a sandbox is refused", async () => {
  await writeFile(
    path.join(folder, "state.sqlite"),
    "not a database at all, just some text that is long enough",
  );
  await expect(startSandbox(options())).rejects.toThrow(/not a database/);
});
