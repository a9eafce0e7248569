import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { evaluationSchema, formOf } from "../../src/coder/dynamic-parameters.ts";
import { type Sandbox, startSandbox } from "../../src/sandbox/server.ts";
import { english } from "../../src/text/message.ts";
import { exchanges, expectLike, expectSameEnvelope, Replayer } from "./replay.ts";

const VERSION = "0eb996a4-1ae8-4004-8e35-2568e429bdb4";
const MEMBER = "ff256db1-3352-4a18-8390-61bb29d23121";

let sandbox: Sandbox;
let replayer: Replayer;
beforeAll(async () => {
  sandbox = await startSandbox({ workspaces: 1, maxTokenLifetimeMs: 30 * 60_000, rateLimit: 512 });
  replayer = new Replayer(sandbox.url);
  const { catalogue, owner, users } = sandbox.deployment;
  const template = catalogue.templates().find(({ name }) => name === "conditional-parameters");
  const member = [...users.all()].find((user) => user !== owner);
  replayer.map("KEYID00001-SECRET0000000000000001", sandbox.token);
  replayer.map("KEYID00001", sandbox.token.slice(0, 10));
  replayer.map("6feb8f34-b8c0-4e99-9c2f-1d6c7c855d55", owner.id);
  replayer.map(VERSION, template?.version.id ?? "");
  replayer.map(MEMBER, member?.id ?? "");
});
afterAll(() => sandbox.close());

interface Form {
  parameters: { name: string; value: unknown; required: boolean; diagnostics: { severity: string }[] }[];
}

/** What a client acts on: which there are, what they are, and which of them are wrong. */
const gist = (body: unknown) =>
  (body as Form).parameters.map(({ name, value, required, diagnostics }) => ({
    name,
    required,
    isWrong: diagnostics.some(({ severity }) => severity === "error"),
    ...(diagnostics.length > 0 ? {} : { value }),
  }));

describe("conditional-parameters", () => {
  const all = exchanges("rest/conditional-parameters");
  const evaluations = all.filter(({ request }) => request.method === "POST");

  test("the sandbox answers as the real server", async () => {
    for (const exchange of all) {
      const { response, note } = exchange;
      const answer = await replayer.send(exchange);
      expectLike(answer, response, note);
      if (evaluations.includes(exchange)) expect(gist(answer.body), note).toEqual(gist(response.body));
    }
    const [rich, presets] = await Promise.all(all.slice(0, 2).map((one) => replayer.send(one)));
    const names = (body: unknown) =>
      (body as { name?: string; Name?: string }[]).map((one) => one.Name ?? one.name);
    expect(names(rich?.body)).toEqual(names(all[0]?.response.body));
    const withoutIds = (body: unknown) => (body as object[]).map((one) => ({ ...one, ID: "" }));
    expect(withoutIds(presets?.body)).toEqual(withoutIds(all[1]?.response.body));
  });

  test("the client reads the real server's answers", () => {
    const forms = evaluations.map(({ response }) => formOf(evaluationSchema.parse(response.body)));
    expect(forms.map(({ parameters }) => parameters.map(({ name }) => name).join(" "))).toEqual([
      "advanced region",
      "advanced region size",
      "advanced region size",
      "advanced region",
      "advanced region size",
    ]);
    expect(forms.map(({ problems }) => problems.map(({ message }) => english(message)).join())).toEqual([
      "",
      'parameter "size": value "" is not a number',
      'parameter "size": value 99 is more than the maximum 64',
      'parameter "advanced": "" is not a bool',
      "",
    ]);
    expect(forms[4]?.parameters[2]).toMatchObject({
      type: "number",
      required: true,
      default_value: "",
      validation_min: 1,
      validation_max: 64,
    });
  });
});

test("token-lifetime: the sandbox answers as the real server", async () => {
  for (const exchange of exchanges("rest/token-lifetime")) {
    const answer = await replayer.send(exchange);
    const { response, note } = exchange;
    const isSecret = response.status === 201 || exchange.request.path.includes("KEYID");
    if (isSecret) expectLike(answer, response, note);
    else expectSameEnvelope(answer, response, replayer, note);
  }
});
