import { describe, expect, it } from "vitest";
import { type Left, NOTHING_LEFT } from "../../../src/protocol/left.ts";
import type { BuildLog } from "../../../src/protocol/messages.ts";
import type { Sample, Snapshot } from "../../../src/protocol/snapshot.ts";
import { oneStep } from "../../../src/protocol/step-request.ts";
import type { Final } from "../../../src/runs/final.ts";
import type { RunFile } from "../../../src/runs/run-file.ts";
import type { RunEntry } from "../../../src/runs/run-list.ts";
import { foreign, type Message, say } from "../../../src/text/message.ts";
import { groupsOf } from "../../../src/vscode/features/runs/tree/groups.ts";
import { RunList, type RunSource } from "../../../src/vscode/model/runs/run-list.ts";
import type { RunLink } from "../../../src/vscode/model/runs/watched-run.ts";
import { recordOf, wholeOf } from "../../one-step.ts";
import { waitFor } from "../../support/wait-for.ts";
import { fixtureRows, fixtureSnapshot } from "../../webview/fixtures.ts";

const NOW = 1_764_000_000_000;
const LEFT: Left = { users: 2, workspaces: 2, tokens: 0 };
const TOKENS: Left = { users: 0, workspaces: 0, tokens: 2 };
const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };

class Link implements RunLink {
  readonly runId: string;
  readonly folder: string;
  compatible = true;
  stopped: boolean[] = [];
  paused: boolean[] = [];
  tokens: string[] = [];
  /** Any is good where this is left out. */
  goodToken: string | undefined;
  disposed = false;
  #snapshot: ((snapshot: Snapshot) => void)[] = [];
  #close: (() => void)[] = [];
  #silence: ((silent: boolean) => void)[] = [];

  constructor(runId: string) {
    this.runId = runId;
    this.folder = `/runs/${runId}`;
  }
  latest(): Snapshot | undefined {
    return undefined;
  }
  onSnapshot(listener: (snapshot: Snapshot) => void): () => void {
    this.#snapshot.push(listener);
    return () => undefined;
  }
  onSample(_listener: (sample: Sample) => void): () => void {
    return () => undefined;
  }
  onSilence(listener: (silent: boolean) => void): () => void {
    this.#silence.push(listener);
    return () => undefined;
  }
  fallSilent(silent: boolean): void {
    for (const listener of this.#silence) listener(silent);
  }
  onClose(listener: () => void): () => void {
    this.#close.push(listener);
    return () => undefined;
  }
  async stop(keep: boolean): Promise<void> {
    this.stopped.push(keep);
  }
  async pause(paused: boolean): Promise<void> {
    this.paused.push(paused);
  }
  async renew(token: string): Promise<Message> {
    if (this.goodToken !== undefined && token !== this.goodToken) throw new Error("it is not accepted");
    this.tokens.push(token);
    return say("signed in again");
  }
  async workspaces(): Promise<{ rows: []; total: number }> {
    return { rows: [], total: 0 };
  }
  async series(): Promise<Sample[]> {
    return [];
  }
  async buildLog(): Promise<BuildLog> {
    return { head: say("{0}, build {1}: {2}", "w", "1", "succeeded"), text: "" };
  }
  dispose(): void {
    this.disposed = true;
  }
  say(snapshot: Snapshot): void {
    for (const listener of this.#snapshot) listener(snapshot);
  }
  close(): void {
    for (const listener of this.#close) listener();
  }
}

function file(id: string, createdAt = NOW - 60_000): RunFile {
  const deployment = { url: "https://c", host: "c", version: "", user: "", sandbox: false };
  const base = {
    version: 1,
    title: `run ${id}`,
    workload: "create-workspaces",
    steps: [],
    host: "h",
    product: "0",
  };
  return { ...base, id, deployment, createdAt, runner: { token: "secret" } };
}

function setUp(entries: RunEntry[] = []) {
  const links = new Map<string, Link>();
  const dismissed = new Set<string>();
  const killed: string[] = [];
  /** What the folder has at each look. */
  const finals: (Final | undefined)[] = [];
  const source: RunSource = {
    start: async () => link("new1"),
    attach: async (folder) => {
      const found = links.get(folder.slice("/runs/".length));
      if (!found) throw new Error("no runner any more");
      return found;
    },
    list: async () => entries,
    read: async (folder) => file(folder.slice("/runs/".length)),
    remains: async (folder) =>
      folder.includes("clean") ? NOTHING_LEFT : folder.includes("traffic") ? TOKENS : LEFT,
    isAlive: async (folder) => links.has(folder.slice("/runs/".length)),
    isDismissed: async (folder) => dismissed.has(folder),
    dismiss: async (folder) => void dismissed.add(folder),
    kill: async (folder) => void killed.push(folder),
    records: { final: async () => finals.shift(), series: async () => undefined },
  };
  function link(id: string): Link {
    const made = new Link(id);
    links.set(id, made);
    return made;
  }
  return { runs: new RunList(source, silent, () => NOW), link, entries, dismissed, killed, finals };
}

const entry = (id: string, createdAt?: number): RunEntry => ({
  folder: `/runs/${id}`,
  file: file(id, createdAt),
});
const target = { url: "https://c", token: "t", network: {} };
const outcome = {
  verdict: "passed",
  summary: foreign(""),
  succeeded: 1,
  failed: 0,
  orphans: 0,
  kept: 0,
  exitCode: 0,
} as const;

describe("the list of runs", () => {
  it("attaches to what others started, once", async () => {
    const { runs, link } = setUp([entry("aaa"), entry("bbb")]);
    link("aaa");
    link("bbb");
    await runs.find();
    await runs.find();
    expect(runs.list().map(({ id, condition }) => [id, condition])).toEqual([
      ["aaa", "attached"],
      ["bbb", "attached"],
    ]);
  });

  it("leaves out what has a result", async () => {
    const { runs } = setUp([{ ...entry("aaa"), result: { run_id: "aaa", outcome } }]);
    expect(await runs.find()).toBe(false);
    expect(runs.list()).toEqual([]);
  });

  it("the past has no run that is under way, whether it has been found or not", async () => {
    const past = { ...entry("past"), result: { run_id: "past", outcome } };
    const { runs, link } = setUp([entry("found"), entry("gone"), past]);
    link("found");
    await runs.find();
    const entries = setUp([entry("other"), entry("young", NOW - 1_000), entry("gone"), past]);
    entries.link("other");
    expect((await runs.past()).map(({ file: { id } }) => id)).toEqual(["gone", "past"]);
    expect((await entries.runs.past()).map(({ file: { id } }) => id)).toEqual(["gone", "past"]);
  });

  it("waits for a run that was made a moment ago", async () => {
    const { runs, link } = setUp([entry("young", NOW - 1_000)]);
    expect(await runs.find()).toBe(true);
    expect(runs.list()).toEqual([]);
    link("young");
    expect(await runs.find()).toBe(false);
    expect(runs.get("young")?.condition).toBe("attached");
  });

  it("shows an interrupted run where its journal names something, and tells of it once", async () => {
    const { runs, dismissed } = setUp([
      entry("lost"),
      entry("clean"),
      entry("put-away", NOW - 48 * 3_600_000),
    ]);
    dismissed.add("/runs/put-away");
    const told: [string, Left | undefined][] = [];
    runs.interrupted.on(({ id, remains }) => told.push([id, remains]));
    await runs.find();
    await runs.find();
    expect(runs.list().map(({ id, condition }) => [id, condition])).toEqual([["lost", "lost"]]);
    expect(told).toEqual([["lost", LEFT]]);
  });

  it("keeps traffic that crashed in sight while tokens of other users are alive", async () => {
    const { runs } = setUp([entry("traffic")]);
    await runs.find();
    const groups = groupsOf(await runs.past(), "");
    expect(groups.map(({ label, runs: [run] }) => [label, run?.label])).toEqual([
      ["Needs Clean-Up", "2 tokens of other users"],
    ]);
  });

  it("does not show in the past what was put away and still names something", async () => {
    const { runs, dismissed } = setUp([entry("lost"), entry("clean")]);
    expect((await runs.past()).map(({ file: { id }, left }) => [id, left])).toEqual([
      ["lost", LEFT],
      ["clean", NOTHING_LEFT],
    ]);
    dismissed.add("/runs/lost");
    dismissed.add("/runs/clean");
    expect((await runs.past()).map(({ file: { id } }) => id)).toEqual(["clean"]);
  });

  it("does not find a run of its own a second time while it starts", async () => {
    const { runs, entries } = setUp();
    const starting = runs.start({ title: "t", steps: oneStep("w", {}), target });
    entries.push(entry("new1"));
    await Promise.all([starting, runs.find()]);
    expect(runs.list()).toHaveLength(1);
  });

  it("tells of an end once, and of a runner that died", async () => {
    const { runs, link } = setUp([entry("aaa"), entry("bbb")]);
    const [a, b] = [link("aaa"), link("bbb")];
    await runs.find();
    const ends: [string, string][] = [];
    runs.finished.on((run) => ends.push([run.id, run.condition]));
    a.say(fixtureSnapshot(1, 1_000, { state: "finished", outcome }));
    // Its runner is let go, so that it ends.
    expect(a.disposed).toBe(true);
    a.close();
    b.say(fixtureSnapshot(1, 1_000));
    b.close();
    expect(ends).toEqual([
      ["aaa", "ended"],
      ["bbb", "lost"],
    ]);
    expect(runs.get("bbb")?.snapshot?.state).toBe("crashed");
  });

  it("stays with a runner that has an outcome until its record is complete", async () => {
    const { runs, link } = setUp([entry("aaa")]);
    const a = link("aaa");
    await runs.find();
    const ends: string[] = [];
    runs.finished.on(({ id }) => ends.push(id));
    a.say(fixtureSnapshot(1, 1_000, { state: "cleaning", outcome }));
    expect([a.disposed, runs.get("aaa")?.active, ends]).toEqual([false, true, []]);
    a.say(fixtureSnapshot(1, 1_000, { state: "finished", outcome }));
    expect([a.disposed, runs.get("aaa")?.condition, ends]).toEqual([true, "ended", ["aaa"]]);
  });

  it("looks again for a record that was not there yet", async () => {
    const { runs, link, finals } = setUp([entry("aaa")]);
    const a = link("aaa");
    await runs.find();
    a.say(fixtureSnapshot(1, 1_000, { state: "finished", outcome }));
    const final: Final = {
      version: 2,
      samples: [],
      snapshot: wholeOf(fixtureSnapshot(1, 1_000, { outcome })),
      rows: fixtureRows(1, 1_000),
    };
    finals.push(undefined, final);
    const run = runs.get("aaa");
    expect((await run?.workspaces({ offset: 0, limit: 10 }))?.total).toBe(0);
    expect((await run?.workspaces({ offset: 0, limit: 10 }))?.total).toBe(1);
    expect(await run?.final()).toEqual(recordOf(final));
  });

  it("knows of what was kept, and cleaned up since, that nothing of it is left", async () => {
    const { runs, link } = setUp([entry("clean"), entry("other")]);
    const [kept, other] = [link("clean"), link("other")];
    await runs.find();
    kept.say(fixtureSnapshot(1, 1_000, { state: "finished", outcome: { ...outcome, kept: 4 } }));
    other.say(fixtureSnapshot(1, 1_000, { state: "finished", outcome }));
    const run = runs.get("clean");
    if (!run) throw new Error("no run");
    await waitFor(() => expect(run.remains).toEqual(NOTHING_LEFT));
  });

  it("passes a stop on, and refuses one that comes too late", async () => {
    const { runs, link } = setUp([entry("aaa")]);
    const a = link("aaa");
    await runs.find();
    await runs.get("aaa")?.pause(true);
    expect(a.paused).toEqual([true]);
    await runs.get("aaa")?.stop(true);
    expect(a.stopped).toEqual([true]);
    a.say(fixtureSnapshot(1, 1_000, { state: "finished", outcome }));
    await expect(runs.get("aaa")?.stop(false)).rejects.toThrow(/ended already/);
    await expect(runs.get("aaa")?.pause(true)).rejects.toThrow(/cannot be paused/);
  });

  it("tells of a runner that falls silent, and ends it when a person says so, never one that speaks", async () => {
    const { runs, link, killed } = setUp([entry("aaa")]);
    const a = link("aaa");
    await runs.find();
    const run = runs.get("aaa");
    if (!run) throw new Error("no run");
    const told: string[] = [];
    runs.silenced.on(({ id }) => told.push(id));
    await expect(runs.endRunner(run)).rejects.toThrow(/answers: stop it instead/);
    a.fallSilent(true);
    a.say(fixtureSnapshot(1, 1_000));
    expect([told, runs.silent().length, run.silentSince]).toEqual([["aaa"], 1, expect.any(Number)]);
    await runs.endRunner(run);
    expect(killed).toEqual(["/runs/aaa"]);
    a.fallSilent(false);
    expect([runs.silent().length, run.silentSince]).toEqual([0, undefined]);
    a.fallSilent(true);
    a.close();
    expect([run.condition, run.silentSince, told]).toEqual(["lost", undefined, ["aaa", "aaa"]]);
  });

  it("can stop, but not show, a run of another version", async () => {
    const { runs, link } = setUp([entry("aaa")]);
    link("aaa").compatible = false;
    await runs.find();
    expect(runs.get("aaa")?.condition).toBe("foreign");
    expect(runs.active()).toHaveLength(1);
  });

  it("forgets what has ended for good, never what runs", async () => {
    const { runs, link, dismissed } = setUp([entry("aaa"), entry("lost")]);
    link("aaa");
    await runs.find();
    runs.forget("aaa");
    runs.forget("lost");
    await runs.find();
    expect(runs.list().map(({ id }) => id)).toEqual(["aaa"]);
    expect([...dismissed]).toEqual(["/runs/lost"]);
  });
});
