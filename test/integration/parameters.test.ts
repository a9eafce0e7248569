import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { CoderClient } from "../../src/coder/client.ts";
import { TemplateForms } from "../../src/coder/template-form.ts";
import { type Sandbox, startSandbox } from "../../src/sandbox/server.ts";
import { inEnglish } from "../support/in-english.ts";
import { type Front, startFront } from "./front.ts";
import { run } from "./product.ts";

/** Parameters that depend on each other, and presets, from the command line to the workspace's build. */

let sandbox: Sandbox;
const closing: (() => Promise<void>)[] = [];
beforeEach(async () => {
  sandbox = await startSandbox({ buildTimeMs: [50, 100], deleteTimeMs: [20, 50] });
});
afterEach(async () => {
  await Promise.all(closing.splice(0).map((close) => close()));
  await sandbox.close();
});

const TEMPLATE = "conditional-parameters";
const given = (...values: string[]) => values.flatMap((one) => ["--parameter", one]);

function create(flags: readonly string[], template = TEMPLATE, env: Record<string, string> = {}) {
  const args = ["create-workspaces", "--template", template, "--no-wait-for-agents", "--no-cleanup"];
  return run([...args, ...flags], { CODER_URL: sandbox.url, CODER_SESSION_TOKEN: sandbox.token, ...env });
}

/** What the only workspace was built with, as the deployment has it. */
function built(): { values: Record<string, string>; preset: string | undefined } {
  const [workspace] = [...sandbox.deployment.workspaces.live()];
  const build = workspace?.builds[0];
  if (!build) throw new Error("no workspace was built");
  const presets = build.version.blueprint.presets;
  return {
    values: Object.fromEntries(build.parameters),
    preset: presets.find(({ id }) => id === build.presetId)?.name,
  };
}

describe("what workspaces are created with", () => {
  it.each<[string, string[], Record<string, string>, string | undefined]>([
    ["a default preset", [], { advanced: "false", region: "eu" }, "Small EU"],
    [
      "a parameter that exists only with a value of another, and no preset, in whatever case",
      ["--preset", "None", ...given("advanced=true", "size=8")],
      { advanced: "true", region: "us", size: "8" },
      undefined,
    ],
  ])("%s", async (_what, flags, values, preset) => {
    const ended = await create(flags);
    expect({ code: ended.code, stderr: ended.code === 0 ? "" : ended.stderr }).toEqual({
      code: 0,
      stderr: "",
    });
    expect(built()).toEqual({ values, preset });
  });

  it("the preset that Coder's own variable names, which wins over what is given and says so", async () => {
    const env = { CODER_PRESET_NAME: "Large" };
    const ended = await create(given("size=8", "region=eu"), TEMPLATE, env);
    expect(ended.code).toBe(0);
    expect(built()).toEqual({ values: { advanced: "true", region: "us", size: "8" }, preset: "Large" });
    expect(ended.stderr).toContain('preset "Large" wins over the values that were given: region=us');
  });

  it("a preset's name where the template has none is told, and no reason to refuse", async () => {
    const ended = await create(["--preset", "Large"], "kubernetes");
    expect(ended.code).toBe(0);
    expect(ended.stderr).toContain('the template has no presets; "Large" is not used');
  });
});

describe("values that do not fit are refused before the trial", () => {
  it.each<[string, string, string[], RegExp]>([
    [
      "one that does not exist with these values",
      TEMPLATE,
      given("size=8"),
      /no parameter "size" with these values; it has advanced, region/,
    ],
    ["one that a value makes necessary", TEMPLATE, given("advanced=true"), /parameter "size" needs a value/],
    [
      "one out of its range",
      TEMPLATE,
      given("advanced=true", "size=65"),
      /"size" must be from 1 to 64, not 65/,
    ],
    ["no such preset", TEMPLATE, ["--preset", "large"], /no preset "large"; it has Large, Small EU, or none/],
    [
      "an empty bool",
      TEMPLATE,
      given("advanced="),
      /"advanced" must be true or false, and not empty; leave it out for its default, false/,
    ],
    [
      "an empty choice",
      TEMPLATE,
      ["--preset", "none", ...given("region=")],
      /"region" must be one of eu, us, and not empty/,
    ],
    [
      "an empty number",
      "kubernetes",
      given("home_disk_size="),
      /"home_disk_size" must be a whole number, and not empty; leave it out for its default, 10/,
    ],
    [
      "an empty number of a classic template",
      "classic-parameters",
      given("home_disk_size="),
      /must be a whole number, and not empty/,
    ],
    [
      "an empty list",
      "all-parameters",
      given("region=eu", "tags="),
      /"tags" must be a JSON list of strings, and not empty/,
    ],
  ])("%s", async (_what, template, flags, message) => {
    const ended = await create(flags, template);
    expect(ended.stderr.trim().split("\n").at(-1)).toMatch(message);
    expect(ended.code).toBe(3);
    const { routes } = sandbox.stats();
    expect(routes["POST /api/v2/templateversions/{templateversion}/dry-run"] ?? 0).toBe(0);
  });
});

it("--dry-run shows what workspaces would have, and makes nothing", async () => {
  const ended = await create(["--dry-run", "--preset", "Large", ...given("size=8")]);
  expect(ended.code).toBe(0);
  expect(ended.stdout).toContain('preset "Large": advanced=true (preset), region=us (preset), size=8');
  expect(sandbox.stats().routes["POST /api/v2/users"] ?? 0).toBe(0);
  const refused = await create(["--dry-run", ...given("size=8")]);
  expect(refused.code).toBe(3);
});

describe("a deployment that does not answer a single request for parameters", () => {
  async function formsBehind(isRefused: (url: string) => boolean) {
    const front: Front = await startFront(sandbox.url, {
      refuse: ({ url = "" }) => (isRefused(url) ? 404 : undefined),
    });
    const client = new CoderClient({ url: front.url, token: sandbox.token, network: {} });
    closing.push(
      () => client.close(),
      () => front.close(),
    );
    const template = (await client.templates()).find(({ name }) => name === TEMPLATE);
    if (!template) throw new Error("no template");
    const form = await new TemplateForms(client).form(template, { advanced: "true", size: "99" });
    return { form, front };
  }

  it("is asked by the socket of Coder's own form", async () => {
    const { form, front } = await formsBehind((url) => url.endsWith("/evaluate"));
    expect(front.upgrades.map(({ path }) => path)).toEqual([
      expect.stringMatching(/\/dynamic-parameters\?user_id=/),
    ]);
    expect(form.parameters.map(({ name }) => name)).toEqual(["advanced", "region", "size"]);
    expect(inEnglish(form.problems)).toEqual([
      { name: "size", message: 'parameter "size": size must be between 1 and 64, got 99' },
    ]);
  });

  it("that is older than parameters that depend on each other has those of its import", async () => {
    const { form } = await formsBehind((url) => url.includes("/dynamic-parameters"));
    expect(form).toMatchObject({ isDynamic: false, problems: [] });
    expect(form.parameters.map(({ name }) => name)).toEqual(["advanced", "region"]);
  });
});
