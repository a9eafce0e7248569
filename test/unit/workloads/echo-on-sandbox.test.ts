import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { CoderClient } from "../../../src/coder/client.ts";
import { Pool } from "../../../src/load/pool.ts";
import { PlaceServer } from "../../../src/load/serve.ts";
import { now } from "../../../src/measure/clock.ts";
import { type Sandbox, startSandbox } from "../../../src/sandbox/server.ts";
import { english } from "../../../src/text/message.ts";
import { topLevelAgents } from "../../../src/workloads/build-phases.ts";
import { probes } from "../../../src/workloads/probes.ts";
import type { Target } from "../../../src/workloads/targets.ts";
import { addressOf } from "../../../src/workloads/workspace-traffic/addresses.ts";
import { trafficConfigSchema } from "../../../src/workloads/workspace-traffic/config.ts";
import type { Address, EchoSetup } from "../../../src/workloads/workspace-traffic/probe/setup.ts";
import { byText, loadSetup, silentEvents } from "../load/fakes.ts";

/** Echoes of a place in this process, against terminals, SSH and apps of a sandbox. */
const BYTES = 64;
let sandbox: Sandbox;
let client: CoderClient;
let target: Target;
beforeAll(async () => {
  sandbox = await startSandbox({ buildTimeMs: [10, 20], deleteTimeMs: [10, 20] });
  client = new CoderClient({ url: sandbox.url, token: sandbox.token, network: {} });
  // The template whose workspaces have an app that echoes.
  const template = (await client.templates()).find(({ name }) => name === "all-parameters");
  const { id: owner } = await client.me();
  const { id } = await client.createWorkspace(owner, {
    ...{ template_id: template?.id ?? "", name: "echoes" },
    rich_parameter_values: [{ name: "region", value: "eu" }],
  });
  target = await vi.waitFor(async () => {
    const [workspace] = await client.findWorkspaces("owner:me");
    const [agent] = workspace ? topLevelAgents(workspace.latest_build) : [];
    if (workspace?.id !== id || agent?.lifecycle_state !== "ready") throw new Error("it is not ready yet");
    return { workspace, agent };
  }, 10_000);
});
afterAll(async () => {
  await client.close();
  await sandbox.close();
});

type Failure = Parameters<typeof silentEvents.failed>[0];

function pool(setup: Partial<EchoSetup> = {}) {
  const failures: Failure[] = [];
  const probeSetup: EchoSetup = {
    target: { url: sandbox.url, token: sandbox.token, network: {} },
    ...{ bytes: BYTES, echo: "raw", seed: 1, openTimeoutMs: 5_000, upgradesStripped: false },
    ssh: { via: "native", connectionsPerNode: 10 },
    ...setup,
  };
  const made: Pool<Address> = new Pool<Address>(
    byText(PlaceServer, probes, 0),
    1,
    { ...loadSetup, intervalMs: 20, zero: now(), epoch: now(), probe: "echo", probeSetup },
    {
      ...silentEvents,
      failed: (failure) => void failures.push(failure),
      // The session's token is good, whatever a terminal says to it.
      suspicion: (_place, token) => made.session({ token, state: "accepted" }),
    },
  );
  return { made, failures };
}

const config = (over: object) =>
  trafficConfigSchema.parse({ bytesPerTick: BYTES, tickIntervalMs: 20, durationMs: 1_000, ...over });
const addressBy = (over: object, at: Target = target) =>
  addressOf({ config: config(over), bytes: BYTES, appHost: "" }, at, client);

describe("an echo", () => {
  it.each([
    ["a web terminal, byte for byte", {}, "raw"],
    ["a web terminal as somebody types, line by line", { echo: "tty" }, "tty"],
    ["SSH by a tailnet node of our own", { ssh: true }, "raw"],
    ["an app", { app: "echo" }, "raw"],
  ] as const)("goes out and comes back over %s, and is ended", async (_way, over, echo) => {
    const { made, failures } = pool({ echo });
    const one = made.open(0, addressBy(over));
    await one.opened;
    const from = now() + 100;
    made.setWindow([one], { from, until: from + 200 });
    const { ticks } = await one.ended;
    expect(failures).toEqual([]);
    expect(ticks.sent).toBeGreaterThan(0);
    expect(ticks).toMatchObject({ echoed: ticks.sent, wrong: 0, lost: 0 });
    expect(one.drops).toEqual([]);
    await made.close();
  });

  const withCommand = (command: string): Address => {
    const address = addressBy({});
    if (address.kind === "ssh") throw new Error("it is no terminal");
    const url = new URL(address.url);
    url.searchParams.set("command", command);
    return { ...address, url: url.href };
  };
  const goneApp = (): Address => {
    const address = addressBy({ app: "echo" });
    if (address.kind === "ssh") throw new Error("it is no app");
    return { ...address, url: address.url.replace("/apps/echo/", "/apps/gone/") };
  };
  const elsewhere = () => ({
    ...target,
    agent: { ...target.agent, id: "00000000-0000-4000-8000-000000000000" },
  });

  it.each([
    ["a command that ends at once", () => withCommand("true"), "pty_no_echo", /ended at once/],
    [
      "a terminal of an agent that is not there",
      () => addressBy({}, elsewhere()),
      "pty_refused",
      /status 404/,
    ],
    [
      "SSH to an agent that is not there",
      () => addressBy({ ssh: true }, elsewhere()),
      "ssh_failed",
      /^SSH: /,
    ],
    ["an app that the deployment does not have", () => goneApp(), "app_refused", /refused with status/],
  ] as const)("names what is wrong with %s", async (_what, address, id, said) => {
    const { made } = pool({ openTimeoutMs: 700 });
    const one = made.open(0, address());
    await expect(one.opened).rejects.toMatchObject({ causeId: expect.stringContaining(id) });
    expect(one.failure && english(one.failure.said)).toMatch(said);
    await made.close();
  });

  it("is refused where a workspace has no such app", () => {
    expect(() => addressBy({ app: "nothing" })).toThrow('has no app "nothing"');
  });
});
