import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { ExtensionContext } from "vscode";
import { oneStep } from "../../../src/protocol/step-request.ts";
import { memory, secrets } from "./stand-ins.ts";

type Command = (...args: unknown[]) => unknown;

/** An editor of which nothing is there but what is asked for here; everything else does nothing. */
const editor = vi.hoisted(() => {
  const commands = new Map<string, Command>();
  const serializers = new Map<string, { deserializeWebviewPanel(panel: unknown, state: unknown): unknown }>();
  const views = new Map<string, { getChildren(): Promise<unknown[]> }>();
  const context = new Map<string, unknown>();
  const errors: string[] = [];
  /** As VS Code does it: one of a name at a time. */
  const registeredIn = <T>(all: Map<string, T>, name: string, one: T) => {
    if (all.has(name)) throw new Error(`'${name}' already exists`);
    all.set(name, one);
    return { dispose: () => void all.delete(name) };
  };
  const anything: unknown = new Proxy(() => undefined, {
    get: (_, name) => (name === "then" || name === Symbol.toPrimitive ? undefined : anything),
    set: () => true,
    apply: () => anything,
    construct: () => anything as object,
  });
  const window = new Proxy(
    {
      showErrorMessage: async (text: string) => void errors.push(text),
      withProgress: (_: unknown, work: () => unknown) => work(),
      registerWebviewPanelSerializer: (type: string, one: never) => registeredIn(serializers, type, one),
      createTreeView: (id: string, { treeDataProvider }: { treeDataProvider: never }) => ({
        ...registeredIn(views, id, treeDataProvider),
        onDidChangeCheckboxState: () => ({ dispose: () => undefined }),
      }),
    } as Record<string, unknown>,
    { get: (own, name: string) => own[name] ?? anything },
  );
  const configuration = {
    get: (key: string) => (key === "home" ? state.home : undefined),
    inspect: () => undefined,
  };
  const state = {
    commands,
    serializers,
    views,
    context,
    errors,
    home: "",
    window,
    anything,
    configuration,
    registeredIn,
  };
  return state;
});
vi.mock("vscode", () => {
  class Disposable {
    dispose: () => void;
    constructor(dispose: () => void) {
      this.dispose = dispose;
    }
    static from = (...all: { dispose(): unknown }[]) =>
      new Disposable(() => {
        for (const one of all) one.dispose();
      });
  }
  class EventEmitter {
    event = () => new Disposable(() => undefined);
    fire = () => undefined;
    dispose = () => undefined;
  }
  const uri = (fsPath: string) => ({ fsPath, toString: () => fsPath });
  const known: Record<string, unknown> = {
    Disposable,
    EventEmitter,
    TreeItem: class {},
    ThemeIcon: class {},
    ThemeColor: class {},
    MarkdownString: class {},
    Uri: {
      joinPath: (base: { fsPath: string }, ...parts: string[]) => uri(path.join(base.fsPath, ...parts)),
      file: uri,
    },
    UIKind: { Desktop: 1, Web: 2 },
    env: { language: "en", uiKind: 2 },
    l10n: {},
    commands: {
      registerCommand: (id: string, run: Command) => editor.registeredIn(editor.commands, id, run),
      executeCommand: async (id: string, ...args: unknown[]) => {
        if (id === "setContext") editor.context.set(String(args[0]), args[1]);
      },
    },
    window: editor.window,
    workspace: new Proxy({} as Record<string, unknown>, {
      get: (_, name) => (name === "getConfiguration" ? () => editor.configuration : editor.anything),
    }),
  };
  return new Proxy(known, {
    get: (own, name: string) => (name === "then" ? undefined : (own[name] ?? editor.anything)),
    has: () => true,
  });
});

/** Whether somebody has loaded the list of workloads, with their fields and schemas. */
const list = vi.hoisted(() => ({ isLoaded: false }));
vi.mock("../../../src/workloads/index.ts", (original) => {
  list.isLoaded = true;
  return original();
});

const { openFront } = await import("../../../src/vscode/front/front.ts");
const manifest = (await import("../../../package.json", { with: { type: "json" } })).default;
const { contributes } = manifest;
const contributed = contributes.commands;

let folder: string;
let store: ReturnType<typeof memory>;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), "activation-"));
  store = memory();
  editor.errors.length = 0;
  editor.context.clear();
  vi.stubEnv("CODER_SCALETEST_HOME", "");
});
afterEach(() => {
  closeWindow();
  vi.useRealTimers();
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});

const subscriptions: { dispose(): void }[] = [];
function closeWindow() {
  for (const one of subscriptions.splice(0)) one.dispose();
}

type Load = Parameters<typeof openFront>[1];
const loadFeatures: Load = () => import("../../../src/vscode/wiring.ts");

function activate(home: string, load: Load = loadFeatures) {
  editor.home = home;
  const context = {
    subscriptions,
    extensionUri: { fsPath: folder },
    extension: { packageJSON: manifest },
    globalState: { ...store, keys: () => [...store.values.keys()] },
    secrets: { ...secrets(), onDidChange: () => ({ dispose: () => undefined }) },
  };
  return openFront(context as unknown as ExtensionContext, load);
}

/** Features that the test has loaded when it says so. */
function heldBack() {
  let release = () => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  const load = vi.fn<Load>(async () => {
    await released;
    return loadFeatures();
  });
  return { load, release };
}

/** A home in which runs have been, and are over. */
function homeWith(...files: string[]): string {
  const home = path.join(folder, "home");
  const run = path.join(home, "runs", "2026-01-01T00-00-00-abcd1234");
  mkdirSync(run, { recursive: true });
  for (const file of files) writeFileSync(path.join(run, file), "{}");
  return home;
}

it("starts without the list of workloads: it is loaded where a run is asked for", async () => {
  activate(path.join(folder, "home"));
  await editor.commands.get("scaletest.showLog")?.();
  expect(list.isLoaded).toBe(false);
  await editor.commands.get("scaletest.start")?.({ workload: "recover" });
  expect(editor.errors).toEqual(['There is no workload "recover" that can be started']);
  expect(list.isLoaded).toBe(true);
});

describe("before a feature is needed", () => {
  it("has all commands, views and panels that the manifest names, and loads nothing", () => {
    const load = vi.fn(loadFeatures);
    activate(path.join(folder, "home"), load);
    expect([...editor.commands.keys()].sort()).toEqual(contributed.map(({ command }) => command).sort());
    expect([...editor.views.keys()]).toEqual(contributes.views.scaletest.map(({ id }) => id));
    expect([...editor.serializers.keys()].sort()).toEqual([
      "scaletest.comparison",
      "scaletest.plan",
      "scaletest.report",
      "scaletest.run",
    ]);
    expect(load).not.toHaveBeenCalled();
  });

  it("has commands wait for the features, which are loaded once, and runs each of them once", async () => {
    const { load, release } = heldBack();
    activate(path.join(folder, "home"), load);
    const calls = [
      editor.commands.get("scaletest.start")?.({ workload: "first" }),
      editor.commands.get("scaletest.start")?.({ workload: "second" }),
    ];
    await Promise.resolve();
    expect(editor.errors).toEqual([]);
    release();
    await Promise.all(calls);
    expect(editor.errors.sort()).toEqual([
      'There is no workload "first" that can be started',
      'There is no workload "second" that can be started',
    ]);
    expect(load).toHaveBeenCalledOnce();
  });

  it("restores a panel by its feature, which takes away one whose run is gone", async () => {
    activate(path.join(folder, "home"));
    const panel = { dispose: vi.fn(), onDidDispose: vi.fn() };
    await editor.serializers.get("scaletest.run")?.deserializeWebviewPanel(panel, { runId: "gone1234" });
    expect(panel.dispose).toHaveBeenCalledOnce();
  });

  it("leaves a panel alone that was closed while the features were loaded", async () => {
    const { load, release } = heldBack();
    activate(path.join(folder, "home"), load);
    let closed = () => undefined as unknown;
    const panel = { dispose: vi.fn(), onDidDispose: (listener: () => unknown) => (closed = listener) };
    const restored = editor.serializers.get("scaletest.run")?.deserializeWebviewPanel(panel, {});
    closed();
    release();
    await restored;
    expect(panel.dispose).not.toHaveBeenCalled();
  });

  it("calls a view ready when it is known what is in it, and not before", async () => {
    const { load, release } = heldBack();
    activate(path.join(folder, "home"), load);
    const lines = editor.views.get("scaletest.deployments")?.getChildren();
    await new Promise(setImmediate);
    expect(editor.context.get("scaletest.deployments.ready")).toBeUndefined();
    release();
    expect(await lines).toEqual([]);
    await vi.waitFor(() => expect(editor.context.get("scaletest.deployments.ready")).toBe(true));
    expect(editor.context.get("scaletest.runs.ready")).toBeUndefined();
  });

  it("knows who is signed in", () => {
    store.values.set("scaletest.deployments", [{ url: "https://coder.example.com", username: "u" }]);
    const load = vi.fn(loadFeatures);
    activate(path.join(folder, "home"), load);
    expect(editor.context.get("scaletest.signedIn")).toBe(true);
    expect(load).not.toHaveBeenCalled();
  });

  it("begins nothing more once the window is closed", async () => {
    const { load, release } = heldBack();
    activate(path.join(folder, "home"), load);
    const command = editor.commands.get("scaletest.showLog")?.();
    closeWindow();
    release();
    await command;
    expect(editor.errors).toEqual([
      "Scale Test could not be loaded (the window is being closed). Reload the window to try again.",
    ]);
    expect(editor.context.get("scaletest.runsActive")).toBeUndefined();
  });
});

describe("features that cannot be loaded", () => {
  const broken: Load = () => Promise.reject(new Error("Cannot find module"));
  const line = "Scale Test could not be loaded (Cannot find module). Reload the window to try again.";

  it("are told of in one line, with each command", async () => {
    activate(path.join(folder, "home"), broken);
    await editor.commands.get("scaletest.showLog")?.();
    expect(editor.errors).toEqual([line]);
    await editor.commands.get("scaletest.start")?.();
    expect(editor.errors).toEqual([line, line]);
  });

  it("leave views empty, and reject what other extensions ask for", async () => {
    const api = activate(path.join(folder, "home"), broken);
    expect(await editor.views.get("scaletest.runs")?.getChildren()).toEqual([]);
    expect(api.list()).toEqual([]);
    await expect(api.runAgain("abcd1234")).rejects.toThrow(line);
    expect(editor.errors).toEqual([]);
  });
});

describe("a window that nobody touches", () => {
  const untouched = async (home: string) => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const load = vi.fn(loadFeatures);
    activate(home, load);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(load).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(1_000);
    vi.useRealTimers();
    return load;
  };
  const loads = async (load: unknown) => vi.waitFor(() => expect(load).toHaveBeenCalledOnce());

  it("loads the features a while later where a run goes on, or broke off", async () => {
    await loads(await untouched(homeWith("run.json")));
  });

  it.each([[[]], [["run.json", "result.json"]], [["run.json", "dismissed"]]])(
    "loads nothing where no run is to be shown (%j)",
    async (files) => {
      const load = await untouched(files.length > 0 ? homeWith(...files) : path.join(folder, "home"));
      // The folder is watched once it has been looked at: what comes then is found.
      expect(load).not.toHaveBeenCalled();
      homeWith("run.json");
      mkdirSync(path.join(folder, "home", "runs", "2026-01-02T00-00-00-later123"));
      await loads(load);
    },
  );

  it("loads them to sign out of the sandbox of an earlier window", async () => {
    store.values.set("scaletest.ownSandbox", "http://127.0.0.1:1");
    await loads(await untouched(path.join(folder, "home")));
    await vi.waitFor(() => expect(store.values.has("scaletest.ownSandbox")).toBe(false));
  });
});

it("sets the context keys that the manifest's clauses ask for, and no other", async () => {
  activate(path.join(folder, "home"));
  await editor.commands.get("scaletest.refreshHistory")?.();
  for (const view of editor.views.values()) await view.getChildren();
  const { menus, commands, viewsWelcome, views } = contributes;
  const entries: { when?: string; enablement?: string }[] = [
    ...Object.values(menus).flat(),
    ...commands,
    ...viewsWelcome,
  ];
  const ids = views.scaletest.map(({ id }) => id);
  const asked = entries
    .flatMap(({ when = "", enablement = "" }) => [
      ...`${when} ${enablement}`.matchAll(/(?<![\w.'])scaletest\.\w+(\.ready)?/g),
    ])
    .map(([key]) => key)
    .filter((key) => !ids.includes(key));
  await vi.waitFor(() => expect([...editor.context.keys()].sort()).toEqual([...new Set(asked)].sort()));
  expect(Object.fromEntries(editor.context)).toEqual({
    "scaletest.runsActive": false,
    "scaletest.runnerSilent": false,
    "scaletest.sandboxRunning": false,
    "scaletest.panelIsPreview": false,
    "scaletest.sessionExpired": false,
    "scaletest.signedIn": false,
    ...Object.fromEntries(ids.map((id) => [`${id}.ready`, true])),
  });
});

it("takes back what it has registered when the window ends", async () => {
  activate(path.join(folder, "home"));
  await editor.commands.get("scaletest.refreshHistory")?.();
  expect(editor.commands.size).toBe(contributed.length);
  closeWindow();
  expect([...editor.commands.keys(), ...editor.views.keys(), ...editor.serializers.keys()]).toEqual([]);
});

describe("a folder of runs that cannot be made", () => {
  /** Root may write everywhere; nobody can make a folder in a file. */
  const inFile = () => {
    const file = path.join(folder, "file");
    writeFileSync(file, "");
    return path.join(file, "home");
  };
  const sentence = (home: string) =>
    `The folder ${home} cannot be used (a file is in its place). Name another one in the setting scaletest.home, or in the variable CODER_SCALETEST_HOME.`;

  it("does not keep the features from starting", async () => {
    const api = activate(inFile());
    await editor.commands.get("scaletest.refreshHistory")?.();
    expect(editor.errors).toEqual([]);
    expect(api.list()).toEqual([]);
  });

  it("is told in one sentence, which names the setting, where a command needs it", async () => {
    const home = inFile();
    activate(home);
    await editor.commands.get("scaletest.openReport")?.();
    await editor.commands.get("scaletest.markStaging")?.("https://coder.example.com");
    expect(editor.errors).toEqual([sentence(home), sentence(home)]);
  });

  it("keeps a run from beginning with the same sentence", async () => {
    const home = inFile();
    activate(home);
    const { runSource } = await import("../../../src/vscode/model/runs/source.ts");
    const source = runSource({ home, runs: path.join(home, "runs"), runnerPath: "/none", product: "0" });
    const target = { url: "https://coder.example.com", token: "t", network: {} };
    await expect(source.start({ title: "t", steps: oneStep("w", {}), target })).rejects.toThrow(
      sentence(home),
    );
  });

  it("is no trouble where it can be made", async () => {
    activate(path.join(folder, "home"));
    await editor.commands.get("scaletest.openReport")?.();
    expect(editor.errors).toEqual(["No run has ended yet"]);
  });
});
