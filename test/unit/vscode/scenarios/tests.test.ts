import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { TestItem, TestMessage } from "vscode";
import type { Snapshot } from "../../../../src/protocol/snapshot.ts";
import { foreign } from "../../../../src/text/message.ts";
import { waitFor } from "../../../support/wait-for.ts";
import { fixtureSnapshot } from "../../../webview/fixtures.ts";

/** As much of the editor's test explorer as files and thresholds take; what is told of tests is written down. */
const editor = vi.hoisted(() => {
  type Listener = (...args: never[]) => unknown;
  const told: [string, string, unknown?][] = [];
  const output: string[] = [];
  const profiles: Listener[] = [];
  const files: string[] = [];
  class Collection {
    readonly all = new Map<string, { id: string }>();
    add = (item: { id: string }) => void this.all.set(item.id, item);
    get = (id: string) => this.all.get(id);
    delete = (id: string) => void this.all.delete(id);
    [Symbol.iterator] = () => this.all[Symbol.iterator]();
    readonly parent: object | undefined;
    constructor(parent?: object) {
      this.parent = parent;
    }
    replace(items: { id: string; parent?: object }[]) {
      this.all.clear();
      for (const item of items) {
        if (this.parent) item.parent = this.parent;
        this.add(item);
      }
    }
  }
  const items = new Collection();
  const createTestRun = () => {
    const tell = (kind: string) => (item: { label: string }, more?: unknown) =>
      void told.push([kind, item.label, more]);
    return {
      ...Object.fromEntries(
        ["enqueued", "started", "passed", "failed", "errored", "skipped"].map((kind) => [kind, tell(kind)]),
      ),
      appendOutput: (text: string) => void output.push(text),
      token: { isCancellationRequested: false, onCancellationRequested: () => ({ dispose() {} }) },
      end: () => void told.push(["end", ""]),
    };
  };
  const controller = {
    items,
    createTestItem: (id: string, label: string, uri: unknown) => {
      const item = { id, label, uri } as Record<string, unknown>;
      item.children = new Collection(item);
      return item;
    },
    createRunProfile: (_label: string, _kind: number, run: Listener) => void profiles.push(run),
    createTestRun,
    dispose() {},
  };
  return { told, output, profiles, files, items, controller };
});
vi.mock("vscode", () => {
  const nothing = () => ({ dispose() {} });
  const uri = (file: string) => ({
    path: file,
    fsPath: file,
    scheme: "file",
    toString: () => `file://${file}`,
  });
  const Disposable = {
    from: (...all: { dispose(): void }[]) => ({
      dispose: () => {
        for (const one of all) one.dispose();
      },
    }),
  };
  return {
    Disposable,
    Range: class {
      constructor(...at: number[]) {
        Object.assign(this, { at });
      }
    },
    Location: class {
      constructor(uri: unknown, range: unknown) {
        Object.assign(this, { uri, range });
      }
    },
    MarkdownString: class {
      value = "";
      appendText(text: string) {
        this.value += text;
      }
      appendMarkdown(text: string) {
        this.value += text;
      }
    },
    TestMessage: class {
      constructor(message: unknown) {
        Object.assign(this, { message });
      }
    },
    TestRunRequest: class {},
    TestRunProfileKind: { Run: 1 },
    tests: { createTestController: () => editor.controller },
    Uri: { parse: uri },
    window: {},
    workspace: {
      textDocuments: [],
      createFileSystemWatcher: () => ({
        ...nothing(),
        onDidCreate: nothing,
        onDidChange: nothing,
        onDidDelete: nothing,
      }),
      onDidChangeTextDocument: nothing,
      onDidChangeWorkspaceFolders: nothing,
      findFiles: async () => editor.files.map(uri),
      asRelativePath: (one: { path: string }) => path.basename(one.path),
      fs: { readFile: (one: { path: string }) => readFile(one.path), stat: async () => ({}) },
    },
  };
});
const { ScenarioTests } = await import("../../../../src/vscode/features/scenario-runs/tests.ts");
const { readToRun } = await import("../../../../src/vscode/features/scenario-runs/files.ts");
const { ScenarioDocuments } = await import("../../../../src/vscode/model/scenarios/read-document.ts");
const { Signal } = await import("../../../../src/vscode/signal.ts");

const FILE = `name: Nightly
steps:
  - create: { template: x }
    thresholds: [ready.p95 < 1m]
thresholds:
  - failures.rate < 1%
`;

let folder: string;
const scenarios = new ScenarioDocuments(() => ({}));
beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), "scenario-tests-"));
  mkdirSync(folder, { recursive: true });
  for (const list of [editor.told, editor.output, editor.profiles, editor.files]) list.length = 0;
  for (const id of [...editor.items.all.keys()]) editor.items.delete(id);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function write(name: string, text: string): void {
  const file = path.join(folder, name);
  writeFileSync(file, text);
  editor.files.push(file);
}

/** A run that a person's hand moves. */
function moved() {
  const changed = new Signal<void>();
  const stops: boolean[] = [];
  const run = {
    id: "k3x9q2ab",
    title: "Nightly",
    changed,
    snapshot: undefined as Snapshot | undefined,
    whole: undefined as Snapshot | undefined,
    silentSince: undefined,
    condition: "attached",
    active: true,
    stop: async (keep: boolean) => void stops.push(keep),
  };
  const end = (changes: object) => {
    const snapshot = { ...fixtureSnapshot(4, 9_000), state: "finished", ...changes } as unknown as Snapshot;
    Object.assign(run, { snapshot, whole: snapshot, active: false, condition: "ended" });
    changed.emit();
  };
  return { run, end, stops };
}

async function explorer(run: ReturnType<typeof moved>["run"]) {
  const tests = new ScenarioTests({
    scenarios,
    log: { info() {}, warn() {}, error() {} },
    start: async (uri) => ({ file: await readToRun(scenarios, uri), run: run as never }),
  });
  await waitFor(() => expect(editor.items.all.size).toBe(editor.files.length));
  const all = [...editor.items.all.values()] as unknown as TestItem[];
  const token = { isCancellationRequested: false, onCancellationRequested: vi.fn(() => ({ dispose() {} })) };
  const start = (include?: TestItem[]) => editor.profiles[0]?.({ include } as never, token as never);
  return { tests, all, token, start: start as (include?: TestItem[]) => Promise<void> };
}

const broken = {
  outcome: {
    verdict: "failed",
    exitCode: 99,
    succeeded: 4,
    failed: 0,
    orphans: 0,
    kept: 0,
    summary: foreign("broken"),
  },
  thresholds: [
    {
      expression: "failures.rate<1%",
      label: foreign("Failure rate"),
      limit: foreign("< 1%"),
      observed: foreign("0 %"),
      state: "met",
    },
    {
      expression: "ready.p95<1m",
      label: foreign("Ready p95"),
      limit: foreign("< 1m"),
      observed: foreign("2m"),
      state: "broken",
      worst: { from: 3, until: 6 },
    },
  ],
};

describe("scenario files in the test explorer", () => {
  it("are tests by their names, with their thresholds at their lines", async () => {
    write("a.scaletest.yaml", FILE);
    write("b.scaletest.yaml", FILE.replace("name: Nightly\n", ""));
    const { all } = await explorer(moved().run);
    expect(all.map(({ label }) => label)).toEqual(["Nightly", "b"]);
    const children = [...(all[0]?.children ?? [])].map(([, { label, range }]) => [
      label,
      (range as unknown as { at: number[] }).at[0],
    ]);
    expect(children).toEqual([
      ["create: ready.p95<1m", 3],
      ["failures.rate<1%", 5],
    ]);
  });

  it("tell what happens, and fail at the line of the threshold with the way to the worst window", async () => {
    write("a.scaletest.yaml", FILE);
    const { run, end } = moved();
    const { tests, all, start } = await explorer(run);
    const done = start();
    await waitFor(() => expect(editor.told.filter(([kind]) => kind === "started").length).toBeGreaterThan(2));
    end(broken);
    await done;
    const results = editor.told.filter(([kind]) => !["enqueued", "started"].includes(kind));
    expect(results.map(([kind, label]) => [kind, label])).toEqual([
      ["failed", "create: ready.p95<1m"],
      ["passed", "failures.rate<1%"],
      ["failed", "Nightly"],
      ["end", ""],
    ]);
    const message = results[0]?.[2] as TestMessage;
    const text = (message.message as { value: string }).value;
    expect(text).toContain("Ready p95: expected < 1m, was 2m");
    const [, link = ""] =
      /\[Open the panel at 00:03\]\(command:scaletest\.showPanel\?(\S+)\)/.exec(text) ?? [];
    expect(JSON.parse(decodeURIComponent(link))).toEqual([
      run.id,
      { from: 3, until: 6, step: expect.any(String) },
    ]);
    expect(message.location?.range).toEqual({ at: [3, 17, 3, 31] });
    const [threshold] = [...(all[0]?.children ?? [])];
    expect(tests.placeOf(threshold?.[0] ?? "")).toMatchObject({ runId: run.id, at: { from: 3, until: 6 } });
    expect(editor.output.at(-1)).toBe("broken\r\n");
  });

  it("are run as wholes where a threshold is chosen, one file after the other, and stop when they are told to", async () => {
    write("a.scaletest.yaml", FILE);
    write("b.scaletest.yaml", FILE.replace("Nightly", "Other"));
    const { run, end, stops } = moved();
    const { all, token, start } = await explorer(run);
    const children = all.flatMap((item) => [...item.children].map(([, child]) => child));
    const done = start(children);
    await waitFor(() => expect(token.onCancellationRequested).toHaveBeenCalled());
    const [stop] = token.onCancellationRequested.mock.calls[0] as unknown as [() => void];
    token.isCancellationRequested = true;
    stop();
    expect(stops).toEqual([false]);
    end({ outcome: { ...broken.outcome, verdict: "interrupted", exitCode: 130 } });
    await done;
    const kinds = editor.told.map(([kind, label]) => `${kind} ${label}`);
    expect(kinds.filter((one) => one === "started Other")).toEqual([]);
    expect(kinds).toContain("skipped Nightly");
    expect(kinds).toContain("skipped Other");
    expect(kinds.at(-1)).toBe("end ");
  });

  it("are run with the thresholds that they have at that moment", async () => {
    write("a.scaletest.yaml", FILE);
    const { run, end } = moved();
    const { start } = await explorer(run);
    writeFileSync(path.join(folder, "a.scaletest.yaml"), FILE.replace("< 1%", "< 2%"));
    const done = start();
    await waitFor(() => expect(editor.told.some(([kind]) => kind === "started")).toBe(true));
    end(broken);
    await done;
    const enqueued = editor.told.filter(([kind]) => kind === "enqueued").map(([, label]) => label);
    expect(enqueued).toEqual(["Nightly", "create: ready.p95<1m", "failures.rate<2%"]);
  });

  it("are errors where they have mistakes, each at its place", async () => {
    write("a.scaletest.yaml", "name: Wrong\nsteps:\n  - craete: {}\n  - create: { template: x, cuont: 2 }\n");
    const { start } = await explorer(moved().run);
    await start();
    const [, label, messages] = editor.told.find(([kind]) => kind === "errored") ?? [];
    expect(label).toBe("Wrong");
    const places = (messages as TestMessage[]).map(({ message, location }) => [
      (location?.range as unknown as { at: number[] } | undefined)?.at.slice(0, 2),
      String(message).split(";")[0],
    ]);
    expect(places).toEqual([
      [[2, 4], '"craete" is no kind of step'],
      [[3, 27], 'create has no "cuont"'],
    ]);
  });
});
