import { describe, expect, it } from "vitest";
import { CoderClient } from "../../../src/coder/client.ts";
import { templateSchema } from "../../../src/coder/schemas.ts";
import { startSandbox } from "../../../src/sandbox/server.ts";
import { findTemplate as findInEditor } from "../../../src/vscode/features/create/draft.ts";
import { findTemplate } from "../../../src/workloads/preflight/find-template.ts";

const template = (id: string, name: string, organization: string) =>
  templateSchema.parse({
    id,
    name,
    organization_id: `id-${organization}`,
    organization_name: organization,
    active_version_id: "v",
  });
const all = [
  template("1", "kubernetes", "coder"),
  template("2", "shared", "coder"),
  template("3", "shared", "research"),
];

describe("a template by what was typed", () => {
  it.each([
    [{ template: "kubernetes" }, "1"],
    [{ template: "Kubernetes" }, "1"],
    [{ template: "KUBERNETES", organization: "CODER" }, "1"],
    [{ template: "shared", organization: "Research" }, "3"],
    [{ template: "shared", organization: "id-coder" }, "2"],
    [{ template: "3" }, "3"],
  ])("%j is found in the editor in whatever case", (request, id) =>
    expect(findInEditor(all, request).id).toBe(id),
  );

  it.each([
    [{ template: "nosuch" }, /There is no template "nosuch"/],
    [{ template: "kubernetes", organization: "research" }, /There is no template/],
    [{ template: "Shared" }, /Several organizations .*coder, research/],
  ])("%j is refused in the editor", (request, message) =>
    expect(() => findInEditor(all, request)).toThrow(message),
  );

  it("is the same one for a run, which asks the deployment", async () => {
    const sandbox = await startSandbox({});
    const client = new CoderClient({ url: sandbox.url, token: sandbox.token, network: {} });
    const there = await client.templates();
    const { signal } = new AbortController();
    for (const [wanted, org] of [
      ["KUBERNETES", undefined],
      ["Shared", "RESEARCH"],
    ] as const) {
      const found = await findTemplate(client, wanted, org, signal);
      expect(findInEditor(there, { template: wanted, ...(org ? { organization: org } : {}) }).id).toBe(
        found.id,
      );
    }
    await client.close();
    await sandbox.close();
  });
});
