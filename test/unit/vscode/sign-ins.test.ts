import { describe, expect, it } from "vitest";
import type { Snapshot } from "../../../src/protocol/snapshot.ts";
import { foreign } from "../../../src/text/message.ts";
import { handOnSignIns } from "../../../src/vscode/features/runs/sign-ins.ts";
import { DeploymentStore } from "../../../src/vscode/model/deployments/store.ts";
import { RunList, type RunSource } from "../../../src/vscode/model/runs/run-list.ts";
import type { RunLink } from "../../../src/vscode/model/runs/watched-run.ts";
import type { OneStep } from "../../one-step.ts";
import { fixtureSnapshot } from "../../webview/fixtures.ts";
import { memory, secrets } from "./stand-ins.ts";

const URL_HERE = "https://coder.example.com";
const NOW = 1_764_000_000_000;
const expired = (since = NOW) => ({ since, until: since + 600_000, user: "admin" });
const log = { info: () => undefined, warn: () => undefined, error: () => undefined };
const settled = () => new Promise((resolve) => setImmediate(resolve));

/** A window with two runs, one of them on another deployment; their runners take good tokens only. */
async function setUp(before: Partial<OneStep> = {}) {
  const told: string[] = [];
  const given: string[] = [];
  const say = new Map<string, (snapshot: Snapshot) => void>();
  const link = (id: string): RunLink => ({
    runId: id,
    folder: `/runs/${id}`,
    compatible: true,
    latest: () => fixtureSnapshot(10, 1_000, before),
    onSnapshot: (listener) => {
      say.set(id, listener);
      return () => undefined;
    },
    onSample: () => () => undefined,
    onSilence: () => () => undefined,
    onClose: () => () => undefined,
    stop: async () => undefined,
    pause: async () => undefined,
    renew: async (token) => {
      if (!token.startsWith("good")) throw new Error("this is the token that has expired; make a new one");
      given.push(`${id} ${token}`);
      return foreign("signed in again");
    },
    workspaces: async () => ({ rows: [], total: 0 }),
    series: async () => [],
    buildLog: async () => ({ head: foreign(""), text: "" }),
    dispose: () => undefined,
  });
  const entry = (id: string, url: string) => ({
    folder: `/runs/${id}`,
    file: {
      version: 1 as const,
      id,
      title: `run ${id}`,
      workload: "create-workspaces",
      steps: [],
      deployment: { url, host: new URL(url).host, version: "", user: "", sandbox: false },
      createdAt: NOW,
      host: "h",
      product: "0",
      runner: { token: "secret" },
    },
  });
  const source = {
    list: async () => [entry("here", `${URL_HERE}/`), entry("elsewhere", "https://other.example.com")],
    attach: async (folder: string) => link(folder.slice("/runs/".length)),
  } as unknown as RunSource;
  const runs = new RunList(source, log, () => NOW);
  const store = new DeploymentStore(memory(), secrets());
  handOnSignIns(
    runs,
    store,
    {
      waits: ({ id }) => told.push(`${id} waits`),
      goesOn: ({ id }) => told.push(`${id} goes on`),
      refused: ({ id }, reason) => told.push(`${id} refused: ${reason}`),
    },
    log,
  );
  const signIn = async (token: string) => {
    await store.add({ url: URL_HERE, username: "admin", version: "2.20", sandbox: false }, token);
    await settled();
  };
  return {
    runs,
    told,
    given,
    signIn,
    becomes: async (id: string, changes: Partial<OneStep>) => {
      say.get(id)?.(fixtureSnapshot(10, 2_000, changes));
      await settled();
    },
  };
}

describe("sign-ins and runs", () => {
  it("a new token goes to the runs of its deployment without being asked for, and nothing is said", async () => {
    const { runs, given, told, signIn } = await setUp();
    await runs.find();
    await signIn("good-1");
    expect(given).toEqual(["here good-1"]);
    expect(told).toEqual([]);
  });

  it("asks once where a session has expired and no token is at hand; with the next one the run goes on", async () => {
    const { runs, given, told, signIn, becomes } = await setUp();
    await signIn("expired-1");
    await runs.find();
    await becomes("here", { sessionExpired: expired() });
    await becomes("here", { sessionExpired: expired() });
    expect(told).toEqual(["here waits"]);
    expect(runs.waiting().map(({ id }) => id)).toEqual(["here"]);
    await signIn("expired-2");
    expect(told.slice(1)).toEqual(["here refused: this is the token that has expired; make a new one"]);
    await signIn("good-2");
    expect(given).toEqual(["here good-2"]);
    expect(told.slice(2)).toEqual(["here goes on"]);
    await becomes("here", {});
    expect(runs.waiting()).toEqual([]);
    await becomes("here", { sessionExpired: expired(NOW + 1) });
    expect(told.slice(3), "the next time the token at hand is good").toEqual([]);
    expect(given).toEqual(["here good-2", "here good-2"]);
  });

  it("a window that comes later asks, too", async () => {
    const { runs, told } = await setUp({ sessionExpired: expired() });
    await runs.find();
    await settled();
    expect(told).toEqual(["here waits", "elsewhere waits"]);
  });
});
