import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { RateLimiter } from "../../src/sandbox/http/rate-limit.ts";
import { type Sandbox, startSandbox } from "../../src/sandbox/server.ts";
import { type Exchange, exchanges, expectLike, expectSameEnvelope, load, Replayer, send } from "./replay.ts";

interface Probe {
  what: string;
  request: string;
  status: number;
  limit?: string;
  remaining?: string;
}

let sandbox: Sandbox;
let replayer: Replayer;

beforeAll(async () => {
  sandbox = await startSandbox({ rateLimit: 512 });
  replayer = new Replayer(sandbox.url);
  replayer.map("KEYID00001-SECRET0000000000000001", sandbox.token);
});

afterAll(() => sandbox.close());

test("the recorded recovery: all at once refused, then little by little", () => {
  const { recovery } = load("rest/rate-limit-budget") as unknown as {
    recovery: { seconds_into_minute: number; window: number; status: number; remaining: string }[];
  };
  const limiter = new RateLimiter(512);
  const minute = 20_000_000 * 60_000;
  const burst = Array.from({ length: 530 }, () => limiter.take("a", minute + 1_450).allowed);
  expect(burst.filter(Boolean)).toHaveLength(512);
  for (const probe of recovery) {
    const verdict = limiter.take(
      "a",
      minute + probe.window * 60_000 + Math.min(probe.seconds_into_minute, 59.99) * 1000,
    );
    expect(verdict.allowed, `at ${probe.seconds_into_minute} s of window ${probe.window}`).toBe(
      probe.status === 200,
    );
    // The recording's seconds are rounded to a tenth: one request of the budget.
    expect(
      Math.abs(Number(verdict.headers["X-Ratelimit-Remaining"]) - Number(probe.remaining)),
    ).toBeLessThanOrEqual(1);
    expect(verdict.headers["Retry-After"]).toBe(probe.status === 200 ? undefined : "60");
  }
  expect(limiter.take("another", minute).allowed).toBe(true);
});

test("which requests share a budget", async () => {
  const { shared_key: probes } = load("rest/rate-limit-budget") as unknown as { shared_key: Probe[] };
  for (const probe of probes) {
    if (probe.what === "another client address: own budget") continue;
    const [method = "GET", path = ""] = probe.request.split(" ");
    const anonymous = probe.status === 401;
    const answer = await send(sandbox.url, method, path, {
      ...(anonymous ? {} : { "Coder-Session-Token": sandbox.token }),
      ...(probe.what.startsWith("bypass") ? { "X-Coder-Bypass-Ratelimit": "true" } : {}),
      ...(probe.what.startsWith("X-Forwarded-For") ? { "X-Forwarded-For": "10.9.8.7" } : {}),
    });
    expect(answer.status, probe.what).toBe(probe.status);
    expect(answer.headers["x-ratelimit-limit"], probe.what).toBe(probe.limit);
    expect(answer.headers["x-ratelimit-remaining"], probe.what).toBe(probe.remaining);
  }
});

describe("over the limit", () => {
  test("rate-limit-429", async () => {
    const [ordinary, over, query, bypass, otherPath] = exchanges("rest/rate-limit-429") as [
      Exchange,
      Exchange,
      Exchange,
      Exchange,
      Exchange,
    ];
    expectLike(await replayer.send(ordinary), ordinary.response, "an ordinary answer");
    for (let at = 0; at < 512; at += 64)
      await Promise.all(Array.from({ length: 64 }, () => replayer.send(ordinary)));
    for (const exchange of [over, query, bypass]) {
      expectSameEnvelope(await replayer.send(exchange), exchange.response, replayer, exchange.note);
    }
    expectLike(await replayer.send(otherPath), otherPath.response, "another path");
  });

  test("rate-limit-login: 60 a minute", async () => {
    const [failing, over] = exchanges("rest/rate-limit-login") as [Exchange, Exchange];
    for (let at = 0; at < 60; at++)
      expectSameEnvelope(await replayer.send(failing), failing.response, replayer);
    expectSameEnvelope(await replayer.send(over), over.response, replayer);
  });

  test("a refused WebSocket is an ordinary 429", async () => {
    const path = "/api/v2/notifications/inbox/watch";
    const headers = { "Coder-Session-Token": sandbox.token };
    for (let at = 0; at < 512; at += 64)
      await Promise.all(Array.from({ length: 64 }, () => send(sandbox.url, "GET", path, headers)));
    expect(
      (await send(sandbox.url, "GET", path, { ...headers, Connection: "Upgrade", Upgrade: "websocket" }))
        .status,
    ).toBe(429);
  });
});

test("without a limit there are no such headers", async () => {
  const free = await startSandbox();
  for (const exchange of exchanges("rest/rate-limit-off")) {
    const answer = await new Replayer(free.url).send(exchange);
    expectLike(answer, exchange.response, exchange.note);
    expect(Object.keys(answer.headers).filter((name) => name.startsWith("x-ratelimit"))).toEqual([]);
  }
  const config = await send(free.url, "GET", "/api/v2/deployment/config", {
    "Coder-Session-Token": free.token,
  });
  expect(config.body).toMatchObject({ config: { rate_limit: { disable_all: true, api: -1 } } });
  await free.close();
});
