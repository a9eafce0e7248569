import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { CoderClient } from "../../src/coder/client.ts";
import { CoderError, failureOf } from "../../src/coder/errors.ts";
import { richParameterSchema } from "../../src/coder/schemas.ts";
import { isSecret, withMasks } from "../../src/coder/secret-parameters.ts";
import { type Sandbox, startSandbox } from "../../src/sandbox/server.ts";
import { openTemplates } from "../../src/vscode/create/templates.ts";

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await startSandbox({});
});
afterAll(() => sandbox.close());

describe("a template's secret parameters", () => {
  it("are known from the deployment's form", async () => {
    const source = await openTemplates({ url: sandbox.url, token: sandbox.token, network: {} });
    const template = (await source.templates()).find(({ name }) => name === "secret-parameters");
    if (!template) throw new Error("no such template");
    const parameters = await source.richParameters(template);
    await source.close();
    expect(parameters.map((one) => [one.name, one.isMasked ?? false, isSecret(one)])).toEqual([
      ["home_disk_size", false, false],
      ["password", true, true],
      ["once", false, true],
    ]);
  });

  const answering = (status: number) => {
    const parameter = richParameterSchema.parse({ name: "p", type: "string" });
    const error = new CoderError(failureOf("POST /x", status, { message: "no" }));
    const client = {
      richParameters: async () => [parameter],
      transport: { json: () => Promise.reject(error) },
    };
    const asked = { versionId: "v", ownerId: "o", values: {} };
    return withMasks(client as unknown as CoderClient, asked);
  };

  it("are none that a form would hide where the deployment is older than such forms", async () => {
    for (const status of [404, 405]) expect((await answering(status)).map(isSecret)).toEqual([false]);
  });

  it("may be all where the form is not to be had for another reason", async () => {
    expect((await answering(500)).map(isSecret)).toEqual([true]);
    await expect(answering(401)).rejects.toThrow("no");
  });
});
