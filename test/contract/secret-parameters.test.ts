import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { CoderClient } from "../../src/coder/client.ts";
import { CoderError, failureOf } from "../../src/coder/errors.ts";
import { richParameterSchema, templateSchema } from "../../src/coder/schemas.ts";
import { isSecret } from "../../src/coder/secret-parameters.ts";
import { TemplateForms } from "../../src/coder/template-form.ts";
import { type Sandbox, startSandbox } from "../../src/sandbox/server.ts";
import { openTemplates } from "../../src/vscode/features/create/templates.ts";
import { type Front, startFront } from "../integration/front.ts";

let sandbox: Sandbox;
let old: Front;
beforeAll(async () => {
  sandbox = await startSandbox({});
  old = await startFront(sandbox.url, {
    refuse: ({ url = "" }) => (url.includes("/dynamic-parameters") ? 404 : undefined),
  });
});
afterAll(async () => {
  await old.close();
  await sandbox.close();
});

/** Name, whether its input is hidden, whether it is a secret: as the editor and the workload see it. */
async function parametersOf(url: string, over: { use_classic_parameter_flow?: boolean } = {}) {
  const source = await openTemplates({ url, token: sandbox.token, network: {} });
  try {
    const template = (await source.templates()).find(({ name }) => name === "secret-parameters");
    if (!template) throw new Error("no such template");
    const parameters = await source.parameters({ ...template, ...over }, {});
    return parameters.map((one) => [one.name, one.isMasked ?? false, isSecret(one)]);
  } finally {
    await source.close();
  }
}

describe("a template's secret parameters", () => {
  it.each([
    ["from the deployment's form", {}],
    ["where they are those of the import, too", { use_classic_parameter_flow: true }],
  ])("are known %s", async (_what, over) => {
    expect(await parametersOf(sandbox.url, over)).toEqual([
      ["home_disk_size", false, false],
      ["password", true, true],
      ["once", false, true],
    ]);
  });

  it("are none that a form would hide where the deployment is older than such forms", async () => {
    for (const over of [{}, { use_classic_parameter_flow: true }])
      expect(await parametersOf(old.url, over)).toContainEqual(["password", false, false]);
  });

  const answering = async (status: number) => {
    const parameter = richParameterSchema.parse({ name: "p", type: "string" });
    const error = new CoderError(failureOf("POST /x", status, { message: "no" }));
    const client = {
      richParameters: async () => [parameter],
      transport: { json: () => Promise.reject(error) },
    };
    const classic = templateSchema.parse({
      ...{ id: "t", name: "t", organization_id: "o", active_version_id: "v" },
      use_classic_parameter_flow: true,
    });
    const forms = new TemplateForms(client as unknown as CoderClient, "owner");
    return (await forms.form(classic, {})).parameters;
  };

  it("may be all of an import's where the form is not to be had for another reason", async () => {
    expect((await answering(500)).map(isSecret)).toEqual([true]);
    await expect(answering(401)).rejects.toThrow("no");
  });
});
