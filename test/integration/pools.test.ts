import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { allTokens } from "../../src/coder/tokens.ts";
import type { Ledger } from "../../src/contract/job.ts";
import { runResultSchema } from "../../src/protocol/result.ts";
import { JournalState, type NewEntry } from "../../src/runs/journal-state.ts";
import { english, type Message } from "../../src/text/message.ts";
import { Leases } from "../../src/workloads/leases.ts";
import { type Deployed, deploy, dismantle, envOf } from "./deployed.ts";
import { CommandLine, eventually } from "./product.ts";

let deployed: Deployed;
beforeEach(async () => {
  deployed = await deploy({ buildTimeMs: [30, 60], deleteTimeMs: [30, 60], daemons: 10 });
});
afterEach(() => dismantle(deployed));

const cli = (...args: string[]) => new CommandLine(args, envOf(deployed.sandbox), deployed.home);
const resultOf = (stdout: string) => runResultSchema.parse(JSON.parse(stdout));

async function json(...args: string[]) {
  const { code, stdout, stderr } = await cli(...args, "--output", "json").ended;
  return { code, stderr, result: resultOf(stdout) };
}

const names = async () => ({
  users: (await deployed.client.findUsers("scaletest-")).map(({ username }) => username).sort(),
  workspaces: (await deployed.client.findWorkspaces('name:"scaletest-"')).map(({ name }) => name).sort(),
});
/** Those that runs have made. */
const tokens = async () =>
  (await allTokens(deployed.client)).tokens
    .map(({ name }) => name)
    .filter((name) => name.startsWith("scaletest-"));
const leases = async () => (await tokens()).filter((name) => name.startsWith("scaletest-lease-")).length;

const ALL_AT_ONCE = ["--concurrency", "0"];
const WORKSPACES = ["prepare", "workspaces", "--name", "night", "--template", "kubernetes", ...ALL_AT_ONCE];
const TRAFFIC = ["workspace-traffic", "--pool", "night", "--late-limit", "1m"];

describe("a pool", () => {
  it("is made once and filled up, is left alone by a clean-up that does not name it, and goes with one that does", async () => {
    const made = await json(...WORKSPACES, "--count", "2");
    expect(made.result.outcome).toMatchObject({ verdict: "passed", succeeded: 2, kept: 4 });
    expect((await json(...WORKSPACES, "--count", "3")).result.outcome.succeeded).toBe(1);
    expect((await json(...WORKSPACES, "--count", "3")).result.outcome.succeeded).toBe(0);
    const { users, workspaces } = await names();
    expect([users.length, workspaces]).toEqual([3, users]);
    for (const user of users) expect(user).toMatch(/^scaletest-night-[a-z0-9]{8}-\d$/);

    const all = await cli("cleanup", "--yes").ended;
    expect([all.code, all.stderr]).toEqual([
      0,
      expect.stringMatching(/pool night is left alone: 3 workspaces and 3 users; .* cleanup --pool night/),
    ]);
    expect((await names()).workspaces.length).toBe(3);
    const named = await json("cleanup", "--pool", "night", "--yes");
    expect(named.result.outcome).toMatchObject({ succeeded: 3, orphans: 0 });
    expect(await names()).toEqual({ users: [], workspaces: [] });
  });

  it("of users has their roles; a creation uses them, deletes what it made, and leaves them", async () => {
    const args = [
      "prepare",
      "users",
      "--name",
      "ops",
      "--count",
      "2",
      "--roles",
      "template-admin",
      ...ALL_AT_ONCE,
    ];
    expect((await json(...args)).result.outcome).toMatchObject({ succeeded: 2, kept: 2 });
    const [one] = await deployed.client.findUsers("scaletest-ops-");
    expect(one?.roles?.map(({ name }) => name)).toEqual(["template-admin"]);
    const create = [
      "create-workspaces",
      "--template",
      "kubernetes",
      "--pool",
      "ops",
      "--no-ssh",
      ...ALL_AT_ONCE,
    ];
    const created = await json(...create, "--count", "2");
    expect(created.result.outcome).toMatchObject({ verdict: "passed", succeeded: 2, orphans: 0 });
    const { users, workspaces } = await names();
    expect([users.length, workspaces]).toEqual([2, []]);
    expect(await tokens()).toEqual([]);
    const tooMany = await cli(...create, "--count", "3").ended;
    expect([tooMany.code, tooMany.stderr]).toEqual([
      3,
      expect.stringMatching(
        /pool "ops" has 2 users, 2 of them free, and 3 are needed; make more with: .* --name ops --count 3/,
      ),
    ]);
    const noGroups = await cli(...args.slice(0, -4), "--groups", "x", "--count", "3").ended;
    expect([noGroups.code, noGroups.stderr]).toEqual([3, expect.stringMatching(/shows no groups/)]);
  });

  it("has left what a run made for its users, and only that, where that was killed", async () => {
    await json("prepare", "users", "--count", "1");
    const [user] = await deployed.client.findUsers("scaletest-pool-");
    const template = (await deployed.client.templates()).find(({ name }) => name === "kubernetes");
    const body = {
      template_id: template?.id ?? "",
      name: "scaletest-abcdefgh-b-0",
      rich_parameter_values: [],
    };
    await deployed.client.createWorkspace(user?.id ?? "", body);
    const { result, stderr } = await json("cleanup", "--yes");
    expect(stderr).toContain("run abcdefgh: 1 workspaces");
    expect(result.outcome).toMatchObject({ succeeded: 1, orphans: 0, untouched: { users: 1 } });
    expect(await names()).toEqual({ users: [user?.username], workspaces: [] });
  });

  it("that Coder's own tool has made is one, too", async () => {
    const [organization] = await deployed.client.organizations();
    await deployed.client.createUser({
      username: "scaletest-load-a1B2c3D4-0",
      email: "a1B2c3D4-0@scaletest.local",
      organizationIds: [organization?.id ?? ""],
    });
    const args = ["create-workspaces", "--template", "kubernetes", "--pool", "load", "--no-ssh"];
    expect((await json(...args)).result.outcome).toMatchObject({ succeeded: 1, orphans: 0 });
    expect((await names()).users).toEqual(["scaletest-load-a1B2c3D4-0"]);
  });

  it("is used by one run at a time, and is free again when that has ended, or was killed and cleaned up after", async () => {
    await json(...WORKSPACES, "--count", "2");
    const started = await cli(...TRAFFIC, "--duration", "60s", "--detach").ended;
    const id = started.stdout.trim();
    const runs = path.join(deployed.home, "runs");
    const folder = readdirSync(runs).find((name) => name.includes(id)) ?? "";
    await eventually("the pool is leased", async () => (await leases()) === 2);
    const refused = await cli(...TRAFFIC, "--duration", "1s").ended;
    expect([refused.code, refused.stderr]).toEqual([
      3,
      expect.stringMatching(
        /other runs use all 2 workspaces; wait for them, or make more \(.* until \d\d:\d\d UTC/,
      ),
    ]);
    const { runner } = JSON.parse(readFileSync(path.join(runs, folder, "run.json"), "utf8"));
    process.kill(runner.pid, "SIGKILL");
    expect(await leases()).toBe(2);
    await cli("runs", "clean", "--all", "--yes").ended;
    expect(await leases()).toBe(0);
    expect((await names()).workspaces.length).toBe(2);
    const free = await json(...TRAFFIC, "--duration", "1s");
    expect(free.result.outcome).toMatchObject({ succeeded: 2, orphans: 0 });
    expect(await tokens()).toEqual([]);
  });
});

describe("a lease", () => {
  const LIFE_MS = 2_000;
  let user: string;
  const said: string[] = [];
  beforeEach(async () => {
    user = (await deployed.client.createUser(await newUser("scaletest-x-00000000-0"))).id;
    said.length = 0;
  });

  async function newUser(username: string) {
    const [organization] = await deployed.client.organizations();
    return { username, email: `${username}@scaletest.local`, organizationIds: [organization?.id ?? ""] };
  }

  function ledger(): Ledger {
    const state = new JournalState();
    return { state, write: async (entry: NewEntry) => state.apply(entry) };
  }

  const open = (own = ledger()) => {
    const warn = (what: Message) => said.push(english(what));
    return Leases.open({ client: deployed.client, ledger: own, warn, lifetimeMs: LIFE_MS }, never);
  };
  const never = new AbortController().signal;
  const take = async (of: Leases) => (await of.take([user], 1, never)).size;

  it("is had by one of those who ask at the same time, and by all steps of its run", async () => {
    const own = ledger();
    const [a, b, c, same] = await Promise.all([open(own), open(), open(), open(own)]);
    const got = await Promise.all([take(a), take(b), take(c)]);
    expect(got.reduce((sum, one) => sum + one, 0)).toBe(1);
    expect(await take(same)).toBe(got[0]);
    await Promise.all([a, b, c, same].map((one) => one.giveBack()));
    expect(await take(await open())).toBe(1);
  });

  it("is renewed while its run lives, and ends by itself where that has died", async () => {
    const a = await open();
    expect(await take(a)).toBe(1);
    await eventually("it was renewed", async () => {
      const { tokens } = await allTokens(deployed.client);
      return tokens.some(({ name }) => name === "scaletest-lease-3");
    });
    expect(await take(await open())).toBe(0);
    a.abandon();
    await eventually("another can have it", async () => (await take(await open())) === 1, 10_000);
    expect(said).toEqual([]);
  });

  it("that another has taken in the meantime is lost, with a warning", async () => {
    const a = await open();
    await take(a);
    await deployed.client.createToken(user, LIFE_MS, "scaletest-lease-2");
    await eventually("it is lost", () => said.length > 0);
    expect(said).toEqual([expect.stringMatching(/another run may use the same users/)]);
    await a.giveBack();
  });
});
