import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { askDeployment } from "../../../src/app/scenario/ask-deployment.ts";
import { problemsOnDeployment, type Where } from "../../../src/app/scenario/on-deployment.ts";
import type { Limits } from "../../../src/protocol/guard.ts";
import { type Sandbox, startSandbox } from "../../../src/sandbox/server.ts";
import { english } from "../../../src/text/message.ts";
import { at, read } from "../scenario/support.ts";

let sandbox: Sandbox;
let host: string;
beforeAll(async () => {
  sandbox = await startSandbox({ workspaces: 3 });
  ({ host } = new URL(sandbox.url));
});
afterAll(() => sandbox.close());

/** What the sandbox itself says of a file; `asked`: nothing is known of what is left out. */
async function told(text: string, limits: Limits = {}, without: readonly string[] = []): Promise<string[]> {
  const target = { url: sandbox.url, token: sandbox.token, network: {} };
  return askDeployment(target, async (answers) => {
    const known = Object.fromEntries(without.map((name) => [name, async () => undefined]));
    const where: Where = { host, limits, answers: { ...answers, ...known } };
    const found = await problemsOnDeployment(read(text, { limits }), where);
    return found.map((one) => `${at(one)} ${one.severity}: ${english(one.message)}`);
  });
}

const create = (template: string, parameters = "{}") =>
  `steps:\n  - create: { count: 2, template: ${template}, parameters: ${parameters} }\n`;

describe("a scenario on a deployment", () => {
  it("has a template that is there, whatever its case, or is told of one that is near", async () => {
    expect(await told(create("KUBERNETES"))).toEqual([]);
    expect(await told(create("kubernets"))).toEqual([
      `2:35 warning: ${host} has no template "kubernets"; did you mean kubernetes?`,
    ]);
    expect(await told(`template: nosuch\nsteps:\n  - create: {}\n  - create: {}\n`)).toEqual([
      expect.stringMatching(/^1:11 warning: .* has no template "nosuch": there is all-parameters, /),
    ]);
    expect(await told(create("shared"))).toEqual([
      `2:35 warning: several organizations of ${host} have a template "shared"; say which with org: coder, research`,
    ]);
    expect(await told("steps:\n  - create: { template: shared, org: Research }\n")).toEqual([]);
    expect(await told("steps:\n  - traffic: { template: nosuch }\n")).toHaveLength(1);
  });

  it("is wrong for sure where the file is meant for this deployment", async () => {
    expect(await told(`deployment: ${sandbox.url}\n${create("nosuch")}`)).toEqual([
      expect.stringMatching(/^3:35 error: /),
    ]);
  });

  it("has parameters that the template has, with values that it takes, each told at its place", async () => {
    expect(await told(create("all-parameters", "{ region: eu, cpu: 2 }"))).toEqual([]);
    expect(await told(create("all-parameters", "{ regoin: eu, cpu: many }"))).toEqual([
      expect.stringMatching(/^2:35 warning: parameter "region" needs a value/),
      expect.stringMatching(/^2:73 warning: the template has no parameter "regoin"/),
      expect.stringMatching(/^2:82 warning: parameter "cpu" must be a whole number, not "many"/),
    ]);
    const shared = `template: all-parameters\nparameters:\n  cpu: 2\n  region: mars\nsteps:\n  - create: {}\n`;
    expect(await told(shared)).toEqual([
      expect.stringMatching(/^4:11 warning: parameter "region" must be one of /),
    ]);
  });

  it("is told of a required parameter where the template is named, and quotes no secret", async () => {
    expect(await told(create("secret-parameters"))).toEqual([
      expect.stringMatching(/^2:35 warning: parameter "password" needs a value/),
    ]);
    expect(await told(create("conditional-parameters", "{ advanced: true, size: 900 }"))).toEqual([
      expect.stringMatching(/^2:\d+ warning: .*size.* 64/),
    ]);
    expect(await told("steps:\n  - create: { template: all-parameters, preset: Huge }\n")).toEqual([
      expect.stringMatching(/^2:49 warning: the template has no preset "Huge"/),
    ]);
  });

  it("takes no more workspaces than there are, where it makes none", async () => {
    expect(await told("steps:\n  - traffic: { target-workspaces: '0:3' }\n")).toEqual([]);
    expect(await told("steps:\n  - traffic: { target-workspaces: '1:5' }\n")).toEqual([
      `2:35 warning: "traffic" wants workspaces 1 to 5, and ${host} has 3 of scale tests; take fewer`,
    ]);
    expect(await told("steps:\n  - builds: { share: 10% }\n")).toEqual([
      `2:22 warning: this share of the 3 workspaces on ${host} is none; take a larger one`,
    ]);
    expect(await told("steps:\n  - traffic: { run: aaaaaaaa }\n")).toEqual([
      `2:5 warning: "traffic" finds no workspace of a scale test on ${host}; let a step create some before`,
    ]);
    expect(await told(`${create("kubernetes")}  - traffic: { share: 50% }\n`)).toEqual([]);
  });

  it("keeps to the ceilings with the workspaces that are there", async () => {
    const text = "steps:\n  - traffic: { connections-per-workspace: 2 }\n";
    expect(await told(text, { connections: 6 })).toEqual([]);
    expect(await told(text, { connections: 5 })).toEqual([
      "2:5 error: a step of traffic asks for 6 connections, and the ceiling is 5 connections; lower the load, or let steps follow each other",
    ]);
  });

  it("says nothing of what is not known", async () => {
    const text = `template: nosuch\n${create("all-parameters", "{ regoin: eu }")}`;
    expect(await told(text, {}, ["templates"])).toEqual([]);
    expect(await told(text, {}, ["presets"])).toEqual([]);
    expect(await told(text, {}, ["form"])).toEqual([]);
    expect(await told("steps:\n  - traffic: { target-workspaces: '1:5' }\n", {}, ["workspaces"])).toEqual([]);
  });
});
