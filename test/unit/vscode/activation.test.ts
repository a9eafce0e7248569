import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
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
  const context = new Map<string, unknown>();
  const errors: string[] = [];
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
    } as Record<string, unknown>,
    { get: (own, name: string) => own[name] ?? anything },
  );
  const configuration = {
    get: (key: string) => (key === "home" ? state.home : undefined),
    inspect: () => undefined,
  };
  const state = { commands, context, errors, home: "", window, anything, configuration };
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
      registerCommand: (id: string, run: Command) => {
        if (editor.commands.has(id)) throw new Error(`command '${id}' already exists`);
        editor.commands.set(id, run);
        return new Disposable(() => editor.commands.delete(id));
      },
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

const { startExtension } = await import("../../../src/vscode/wiring.ts");
const { contributes } = (await import("../../../package.json", { with: { type: "json" } })).default;
const contributed = contributes.commands;

let folder: string;
let store: ReturnType<typeof memory>;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), "activation-"));
  store = memory();
  editor.errors.length = 0;
  vi.stubEnv("CODER_SCALETEST_HOME", "");
});
afterEach(() => {
  for (const one of subscriptions.splice(0)) one.dispose();
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});

const subscriptions: { dispose(): void }[] = [];
function activate(home: string) {
  editor.home = home;
  const context = {
    subscriptions,
    extensionUri: { fsPath: folder },
    extension: { packageJSON: { version: "0" } },
    globalState: { ...store, keys: () => [...store.values.keys()] },
    secrets: { ...secrets(), onDidChange: () => ({ dispose: () => undefined }) },
  };
  return startExtension(context as unknown as ExtensionContext);
}

it("starts without the list of workloads: it is loaded where a run is asked for", async () => {
  activate(path.join(folder, "home"));
  expect(list.isLoaded).toBe(false);
  await editor.commands.get("scaletest.start")?.({ workload: "recover" });
  expect(editor.errors).toEqual(['There is no workload "recover" that can be started']);
  expect(list.isLoaded).toBe(true);
});

it("sets the context keys that the manifest's clauses ask for, and no other", () => {
  editor.context.clear();
  activate(path.join(folder, "home"));
  const { menus, commands, viewsWelcome, views } = contributes;
  const entries: { when?: string; enablement?: string }[] = [
    ...Object.values(menus).flat(),
    ...commands,
    ...viewsWelcome,
  ];
  const ids = views.scaletest.map(({ id }) => id);
  const asked = entries
    .flatMap(({ when = "", enablement = "" }) => [
      ...`${when} ${enablement}`.matchAll(/(?<![\w.'])scaletest\.\w+/g),
    ])
    .map(([key]) => key)
    .filter((key) => !ids.includes(key));
  expect([...editor.context.keys()].sort()).toEqual([...new Set(asked)].sort());
  expect(Object.fromEntries(editor.context)).toEqual({
    "scaletest.ready": true,
    "scaletest.runsActive": false,
    "scaletest.runnerSilent": false,
    "scaletest.sandboxRunning": false,
    "scaletest.panelIsPreview": false,
    "scaletest.sessionExpired": false,
    "scaletest.signedIn": false,
  });
});

it("takes its commands back when the window ends", () => {
  activate(path.join(folder, "home"));
  expect(editor.commands.size).toBe(contributed.length);
  for (const one of subscriptions.splice(0)) one.dispose();
  expect([...editor.commands.keys()]).toEqual([]);
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

  it("does not keep the extension from starting, with all of its commands", () => {
    const api = activate(inFile());
    expect([...editor.commands.keys()].sort()).toEqual(contributed.map(({ command }) => command).sort());
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
