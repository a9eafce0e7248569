import {
  commands,
  Disposable,
  EventEmitter,
  type TaskProvider,
  type TextDocumentContentProvider,
  type TreeDataProvider,
  tasks,
  type Uri,
  type WebviewPanelSerializer,
  window,
  workspace,
} from "vscode";
import { type Handler, setContextKey } from "../commands.ts";
import { type CommandId, LOG_SCHEME, type PanelType, type ViewId, viewIds } from "../ids.ts";
import { showError } from "../ui/show-error.ts";
import type { Loader } from "./loader.ts";
import type { Contributed } from "./manifest.ts";
import { Slot } from "./slot.ts";
import { type ProvidedView, ViewFront } from "./view.ts";

/** Where features provide what VS Code asks the extension for. Each throws what package.json or ids.ts does not name. */
export interface StandIns {
  command(id: CommandId, handler: Handler): Disposable;
  view<T>(id: ViewId, provider: TreeDataProvider<T>): ProvidedView<T>;
  /** Of panels that come back when the window is loaded anew. */
  panels(type: PanelType, serializer: WebviewPanelSerializer): Disposable;
  tasks(type: string, provider: TaskProvider): Disposable;
  /** Of documents with LOG_SCHEME. */
  logs(provider: TextDocumentContentProvider): Disposable;
}

/** Registers, for all that is contributed, what has the features loaded when it is asked for, and hands on to them. */
export function registerStandIns(contributed: Contributed, loader: Loader): StandIns & Disposable {
  const registered: Disposable[] = [];
  /** One for each name. */
  const all = <K extends string, T>(
    kind: string,
    names: readonly K[],
    register: (name: K, slot: Slot<T>) => Disposable,
  ) => {
    const slots = new Map(names.map((name) => [name, new Slot<T>(`${kind} ${name}`, loader)]));
    for (const [name, slot] of slots) registered.push(register(name, slot));
    return (name: K, provided: T) => named(slots, kind, name).provide(provided);
  };
  const views = new Map(viewIds.map((id) => [id, viewFront(id, loader)]));
  registered.push(...views.values());
  const logChanged = new EventEmitter<Uri>();
  registered.push(logChanged);
  const logs = all("scheme", [LOG_SCHEME], (scheme, slot: Slot<TextDocumentContentProvider>) =>
    logsFront(scheme, slot, logChanged),
  );
  return {
    command: all("command", contributed.commands, commandFront),
    view: (id, provider) => named(views, "view", id).provide(provider),
    panels: all("panel", contributed.panels, panelsFront),
    tasks: all("type of tasks", contributed.tasks, tasksFront),
    logs: (provider) => {
      const changes = provider.onDidChange?.((uri) => logChanged.fire(uri));
      return Disposable.from(logs(LOG_SCHEME, provider), ...(changes ? [changes] : []));
    },
    dispose: () => void Disposable.from(...registered).dispose(),
  };
}

function named<K extends string, T>(all: ReadonlyMap<K, T>, kind: string, name: K): T {
  const found = all.get(name);
  if (!found) throw new Error(`package.json contributes no ${kind} ${name}`);
  return found;
}

/** A command that is invoked while the features are loading waits, and runs once. */
function commandFront(id: CommandId, slot: Slot<Handler>): Disposable {
  return commands.registerCommand(id, async (...args: unknown[]) => {
    const handler = await slot.get().catch(showError);
    return handler?.(...args);
  });
}

function viewFront(id: ViewId, loader: Loader): ViewFront {
  return new ViewFront(id, loader, () => setContextKey(`${id}.ready`, true));
}

function panelsFront(type: PanelType, slot: Slot<WebviewPanelSerializer>): Disposable {
  return window.registerWebviewPanelSerializer(type, {
    deserializeWebviewPanel: async (panel, state) => {
      let isClosed = false;
      panel.onDidDispose(() => {
        isClosed = true;
      });
      const serializer = await slot.get();
      if (!isClosed) await serializer.deserializeWebviewPanel(panel, state);
    },
  });
}

function tasksFront(type: string, slot: Slot<TaskProvider>): Disposable {
  return tasks.registerTaskProvider(type, {
    provideTasks: async (token) => (await slot.get()).provideTasks(token),
    resolveTask: async (task, token) => (await slot.get()).resolveTask(task, token),
  });
}

function logsFront(
  scheme: string,
  slot: Slot<TextDocumentContentProvider>,
  changed: EventEmitter<Uri>,
): Disposable {
  return workspace.registerTextDocumentContentProvider(scheme, {
    onDidChange: changed.event,
    provideTextDocumentContent: async (uri, token) =>
      (await slot.get()).provideTextDocumentContent(uri, token),
  });
}
