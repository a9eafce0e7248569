import { describe, expect, it } from "vitest";
import type { CoderClient } from "../../../src/coder/client.ts";
import { CoderError, failureOf } from "../../../src/coder/errors.ts";
import { richParameterSchema, templateSchema } from "../../../src/coder/schemas.ts";
import type { FormParameter } from "../../../src/coder/secret-parameters.ts";
import { foreign } from "../../../src/text/message.ts";
import { createWorkspacesSchema } from "../../../src/workloads/create-workspaces/config.ts";
import { keepParameters, keptForm } from "../../../src/workloads/create-workspaces/keep-parameters.ts";
import { type FilledForm, parameterValues } from "../../../src/workloads/create-workspaces/template.ts";
import { inEnglish } from "../../../test/support/in-english.ts";

const template = templateSchema.parse({
  ...{ id: "t", name: "t", organization_id: "o", active_version_id: "v" },
  use_classic_parameter_flow: false,
});
const parameter = (over: Partial<FormParameter>): FormParameter => ({
  ...richParameterSchema.parse({ type: "string", ...over }),
  ...(over.isMasked ? { isMasked: true } : {}),
});
const password = parameter({ name: "password", isMasked: true, default_value: "changeme" });
const once = parameter({ name: "once", ephemeral: true });
const region = parameter({ name: "region", default_value: "us-east" });

function form(over: Partial<FilledForm>): FilledForm {
  const empty = { presets: [], preset: undefined, filled: {}, problems: [], isDynamic: true };
  return { ...empty, parameters: [password, once, region], ...over };
}
const config = (parameters: Record<string, string>) =>
  createWorkspacesSchema.parse({ count: 1, template: "t", parameters });

/** A preset that sets all of them. */
const preset = {
  ...{ id: "1", name: "Large", isDefault: true },
  values: { password: "from-the-preset", once: "preset-once", region: "eu-west" },
};

describe("what is shown of a run's values", () => {
  it("is no secret: not given, by default or by a preset", () => {
    const { shown } = parameterValues(config({}), template, form({ filled: { once: "just-now" } }));
    expect(inEnglish(shown)).toBe("password=*** (default), once=***, region=us-east (default)");
    const set = parameterValues(config({}), template, form({ preset, filled: preset.values }));
    expect(inEnglish(set.shown)).toBe(
      'preset "Large": password=*** (preset), once=*** (preset), region=eu-west (preset)',
    );
  });

  it("is no secret where a preset wins over what was given", () => {
    const given = { password: "hunter2-secret", once: "x", region: "us-west" };
    const { notes } = parameterValues(config(given), template, form({ preset, filled: preset.values }));
    expect(inEnglish(notes)).toEqual([
      'preset "Large" wins over the values that were given: password=***, once=***, region=eu-west',
    ]);
  });

  it("is no secret where the deployment itself quotes it, of its parameter or in general", () => {
    const filled = { password: "hunter2-secret", region: "eu-west" };
    for (const name of ["password", ""]) {
      const problems = [{ name, message: foreign("hunter2-secret does not go with eu-west") }];
      expect(() => parameterValues(config(filled), template, form({ filled, problems }))).toThrow(
        "*** does not go with eu-west",
      );
    }
  });
});

describe("what is kept of a run's values", () => {
  const kept = () => {
    const all: unknown[] = [];
    return { all, keep: (...said: unknown[]) => void all.push(said) };
  };

  it("is what was given and is no secret; a preset's secrets are hidden, and its values not kept", () => {
    const { all, keep } = kept();
    keepParameters({ region: "us-west", once: "given-once" }, [password, once, region], keep, preset.values);
    expect(all).toEqual([
      [{ parameters: { region: "us-west" } }, ["given-once", "from-the-preset", "preset-once"]],
    ]);
  });

  it("is nothing where the deployment does not say which parameters there are; what it says may quote them", async () => {
    const { all, keep } = kept();
    const refused = new CoderError(failureOf("POST /x", 500, { message: "hunter2-secret is no good" }));
    const json = async ({ method }: { method: string }) => {
      if (method === "GET") return [];
      throw refused;
    };
    const client = { transport: { json } } as unknown as CoderClient;
    const context = { client, keep, signal: new AbortController().signal };
    await expect(
      keptForm(config({ password: "hunter2-secret" }), template, "owner", context),
    ).rejects.toThrow(refused);
    expect(all).toEqual([[{ parameters: {} }, ["hunter2-secret"]]]);
  });
});
