import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { countLeft, findLeft } from "../../../src/app/clean-up/find.ts";
import { byRun, type Leftover, oldestOf, templatesOf } from "../../../src/app/clean-up/leftovers.ts";
import { cleanedUpAfter, cleanUpOf, recoveryOf } from "../../../src/app/clean-up/runs.ts";
import { checkedWorkloads, isBlocked, preflight } from "../../../src/app/preflight.ts";
import { Refused } from "../../../src/app/refused.ts";
import { CoderClient } from "../../../src/coder/client.ts";
import { oneStep } from "../../../src/protocol/step-request.ts";
import { type Sandbox, startSandbox } from "../../../src/sandbox/server.ts";
import { cleanupSchema } from "../../../src/workloads/cleanup/config.ts";
import { startable } from "../../../src/workloads/index.ts";
import { recoverSchema } from "../../../src/workloads/recover/config.ts";
import { inEnglish } from "../../../test/support/in-english.ts";

let sandbox: Sandbox;
beforeEach(async () => {
  sandbox = await startSandbox({ workspaces: 3 });
});
afterEach(() => sandbox.close());

const target = () => ({ url: sandbox.url, token: sandbox.token, network: {} });
const nobody = { token: "aaaaaaaaaa-bbbbbbbbbbbbbbbbbbbbbb" };

describe("what is left on a deployment", () => {
  it("is the same in a list and in a count", async () => {
    const found = await findLeft(target(), {});
    expect(found.flatMap(({ workspaces }) => workspaces)).toHaveLength(3);
    const client = new CoderClient(target());
    const counted = await countLeft(client, AbortSignal.timeout(5_000));
    await client.close();
    expect(counted.workspaces).toBe(3);
    expect(counted.users).toBe(found.filter(({ user }) => user).length);
  });

  it("can be asked for in part", async () => {
    expect(await findLeft(target(), { run: "nonesuch" })).toEqual([]);
    expect(await findLeft(target(), { olderThanMs: 365 * 86_400_000 })).toEqual([]);
    expect(await findLeft(target(), { template: "KUBERNETES" })).toHaveLength(3);
  });

  it("is refused in one line to whoever may not delete it, for a wrong template, and by nobody who answers", async () => {
    const refusals: [Promise<unknown>, RegExp][] = [
      [findLeft({ ...target(), ...nobody }, {}), /the token is not accepted/],
      [findLeft(target(), { template: "nosuch" }), /no template "nosuch"/],
      [findLeft({ ...target(), url: "http://127.0.0.1:1" }, {}), /cannot reach/],
    ];
    for (const [refused, message] of refusals) {
      await expect(refused).rejects.toThrow(Refused);
      await expect(refused).rejects.toThrow(message);
    }
  });

  it("is grouped by the run that made it, the largest first, other tools' last", () => {
    const left = (owner: string, created: string): Leftover =>
      ({ owner, user: { created_at: created }, workspaces: [] }) as unknown as Leftover;
    const groups = byRun([
      left("scaletest-7", "2026-01-01T00:00:00Z"),
      left("scaletest-aaaaaaaa-0", "2026-01-03T00:00:00Z"),
      left("scaletest-bbbbbbbb-0", "2026-01-02T00:00:00Z"),
      left("scaletest-bbbbbbbb-1", "2026-01-04T00:00:00Z"),
    ]);
    expect(groups.map(({ run, leftovers }) => [run, leftovers.length])).toEqual([
      ["bbbbbbbb", 2],
      ["aaaaaaaa", 1],
      [undefined, 1],
    ]);
    const [largest] = groups;
    expect(oldestOf(largest?.leftovers ?? [])).toBe(Date.parse("2026-01-02T00:00:00Z"));
    expect([oldestOf([]), templatesOf([])]).toEqual([undefined, []]);
  });
});

it("a clean-up takes what was confirmed, by ids, and its other limits from the workload", async () => {
  const found = await findLeft(target(), {});
  const [step] = cleanUpOf(found.slice(0, 2), {
    title: "t",
    target: target(),
    config: { run: "aaaaaaaa" },
  }).steps;
  const parsed = cleanupSchema.parse(step?.config);
  expect(parsed.only?.workspaces).toEqual(
    found.slice(0, 2).flatMap((one) => one.workspaces.map(({ id }) => id)),
  );
  expect(parsed).toMatchObject({ run: "aaaaaaaa", cleanupConcurrency: 1 });
  const recovery = recoveryOf(
    { id: "aaaaaaaa", folder: "/x" },
    { title: "t", target: target(), orphan: true },
  );
  expect(recoverSchema.parse(recovery.steps[0]?.config)).toMatchObject({
    folder: "/x",
    run: "aaaaaaaa",
    orphan: true,
  });
  expect(cleanedUpAfter({ steps: [...recovery.steps] })).toBe("aaaaaaaa");
  expect(cleanedUpAfter({ steps: oneStep("workspace-traffic", { run: "aaaaaaaa" }) })).toBeUndefined();
});

describe("a look before a load", () => {
  it("is there for every workload that a person can start: each puts one on a deployment", async () => {
    expect(checkedWorkloads()).toEqual(startable.map(({ name }) => name));
    const create = await preflight("create-workspaces", { template: "kubernetes", count: 2 }, target());
    expect([create[0]?.id, isBlocked(create)]).toEqual(["sign_in", false]);
    const traffic = await preflight("workspace-traffic", { connectionsPerWorkspace: 2 }, target());
    expect(inEnglish(traffic.find(({ id }) => id === "workspaces"))).toMatchObject({
      status: "ok",
      figure: "3 running, 6 connections",
    });
    await expect(preflight("cleanup", {}, target())).rejects.toThrow(/puts no load/);
  });

  it("says what blocks, and looks at no more", async () => {
    const config = { template: "kubernetes", count: 1 };
    const unknown = await preflight("create-workspaces", config, { ...target(), ...nobody });
    expect(unknown).toMatchObject([{ id: "sign_in", status: "blocks" }]);
    const none = await preflight("workspace-traffic", { run: "nonesuch" }, target());
    expect(none.map(({ id, status }) => [id, status])).toEqual([
      ["sign_in", "ok"],
      ["workspaces", "blocks"],
    ]);
  });

  it("leaves to whoever asks how long to wait", async () => {
    const signal = AbortSignal.abort(new Error("too late"));
    await expect(preflight("workspace-traffic", {}, target(), signal)).rejects.toThrow("too late");
  });
});
