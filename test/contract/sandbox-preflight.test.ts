import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Sandbox, startSandbox } from "../../src/sandbox/server.ts";
import { exchanges, expectLike, expectSameEnvelope, Replayer } from "./replay.ts";

const OWNER_TOKEN = "KEYID00001-SECRET0000000000000001";
const RECORDED_ORGANIZATION = "84d6bd69-f0ff-439a-9c58-f4b9e6ae1526";
const RECORDED_TEMPLATE = "ea1e1993-17c2-459e-be4d-7e9756b560db";
const RECORDED_VERSION = "9fdc1f7d-67e1-41de-8b63-4e74879748a2";
const RECORDED_PLAIN_VERSION = "19bf05e7-c05d-4d4e-bf66-28f812a6a33c";

let sandbox: Sandbox;
let replayer: Replayer;

beforeAll(async () => {
  sandbox = await startSandbox({ daemons: 3, rateLimit: 512 });
  replayer = new Replayer(sandbox.url);
  const { catalogue } = sandbox.deployment;
  const organization = catalogue.organization("default");
  const template = catalogue.templates(organization).find((one) => one.name === "all-parameters");
  const plain = catalogue.templates(organization).find((one) => one.name === "failing-build");
  if (!organization || !template || !plain) throw new Error("the sandbox lacks its templates");
  replayer.map(OWNER_TOKEN, sandbox.token);
  replayer.map("KEYID00003-SECRET0000000000000003", `${sandbox.token.slice(0, 11)}${"a".repeat(22)}`);
  replayer.map("KEYID00002-SECRET0000000000000002", `AAAAAAAAAA-${"a".repeat(22)}`);
  replayer.map(RECORDED_ORGANIZATION, organization.id);
  replayer.map(RECORDED_TEMPLATE, template.id);
  replayer.map(RECORDED_VERSION, template.version.id);
  replayer.map(RECORDED_PLAIN_VERSION, plain.version.id);
  replayer.map("templates/rec-main", "templates/all-parameters");
  replayer.map("exact_name:rec-main", "exact_name:all-parameters");
  replayer.map("http://coder.example.test", sandbox.url);
  replayer.map("SomeStrongPass!1234", sandbox.login.password);
});

afterAll(() => sandbox.close());

/** Recordings whose answers depend on nothing but a new deployment with the recorded template. */
const FRESH: string[] = [
  ...[
    "buildinfo",
    "authmethods",
    "updatecheck",
    "healthz",
    "users-first",
    "unknown-route-404",
    "http-head-options",
  ],
  ...[
    "entitlements-404",
    "replicas-404",
    "enterprise-routes-404",
    "organizations",
    "rich-parameters",
    "presets",
  ],
  ...["external-auth", "templates-list", "users-me"],
];

describe("a new sandbox answers as the recorded server", () => {
  const recorded = FRESH.flatMap((name) =>
    exchanges(`rest/${name}`)
      .filter((exchange) => exchange.note !== "as a member")
      .map((exchange, at) => ({
        label: `${name} ${at}: ${exchange.note ?? exchange.request.path}`,
        exchange,
      })),
  );
  test.each(recorded)("$label", async ({ exchange, label }) => {
    const { request } = exchange;
    // Recorded with a token even where none is needed; the list keeps what the recorder sent.
    const answer = await replayer.send({ ...exchange, request });
    if (
      exchange.response.status >= 400 &&
      exchange.response.headers["content-type"]?.toString().includes("json")
    ) {
      expectSameEnvelope(answer, exchange.response, replayer, label);
    } else expectLike(answer, exchange.response, label);
  });
});

describe("errors word for word", () => {
  const recorded = ["auth-401", "auth-token-places", "login-errors"].flatMap((name) =>
    exchanges(`rest/${name}`).map((exchange, at) => ({ label: `${name} ${at}: ${exchange.note}`, exchange })),
  );
  test.each(recorded)("$label", async ({ exchange, label }) => {
    const answer = await replayer.send(exchange);
    if (exchange.response.status >= 400) expectSameEnvelope(answer, exchange.response, replayer, label);
    else expectLike(answer, exchange.response, label);
  });
});

describe("templates by id and name", () => {
  const recorded = ["templates-get", "templateversion"].flatMap((name) =>
    exchanges(`rest/${name}`)
      .filter((exchange) => exchange.note !== "as a member" && exchange.note !== "not a UUID")
      .map((exchange, at) => ({ label: `${name} ${at}: ${exchange.note}`, exchange })),
  );
  test.each(recorded)("$label", async ({ exchange, label }) => {
    const answer = await replayer.send(exchange);
    if (exchange.response.status >= 400) expectSameEnvelope(answer, exchange.response, replayer, label);
    else expectLike(answer, exchange.response, label);
  });
});

test("CSRF: the cookie alone may not change anything", async () => {
  for (const exchange of exchanges("rest/csrf").slice(0, 3)) {
    const answer = await replayer.send(exchange);
    expectLike(answer, exchange.response, exchange.note);
    if (exchange.response.status === 400) expect(answer.text).toBe(exchange.response.body);
  }
});

test("login and logout", async () => {
  const [login] = exchanges("rest/login-201");
  if (!login) throw new Error("no login recorded");
  const answer = await replayer.send(login);
  expectLike(answer, login.response, "login");
  const token = (answer.body as { session_token: string }).session_token;
  expect(token).toMatch(/^[A-Za-z0-9]{10}-[A-Za-z0-9]{22}$/);
  const [logout, after] = exchanges("rest/logout");
  if (!logout || !after) throw new Error("no logout recorded");
  const used = logout.request.headers?.["Coder-Session-Token"] ?? "";
  replayer.map(used, token);
  expectSameEnvelope(await replayer.send(logout), logout.response, replayer, "logout");
  expectSameEnvelope(await replayer.send(after), after.response, replayer, "the key afterwards");
});
