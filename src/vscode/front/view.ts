import {
  type Disposable,
  EventEmitter,
  type TreeDataProvider,
  type TreeItem,
  type TreeView,
  window,
} from "vscode";
import { messageOf } from "../host.ts";
import { VIEWS, type ViewId } from "../ids.ts";
import type { Loader } from "./loader.ts";
import { Slot } from "./slot.ts";

/** A view, as the feature that provides its lines gets it. It ends with the window. */
export type ProvidedView<T> = Omit<TreeView<T>, "dispose">;

/** A view that waits until somebody looks at it: then the features are loaded, and one of them fills it. */
export class ViewFront implements TreeDataProvider<unknown>, Disposable {
  readonly #changed = new EventEmitter<unknown>();
  readonly onDidChangeTreeData = this.#changed.event;
  readonly #slot: Slot<TreeDataProvider<unknown>>;
  readonly #view: TreeView<unknown>;
  readonly #answered: () => void;
  #hasAnswered = false;

  /** `answered` is called when the view has its first lines, or is known to have none. */
  constructor(id: ViewId, loader: Loader, answered: () => void) {
    this.#slot = new Slot(`view ${id}`, loader);
    this.#answered = answered;
    this.#view = window.createTreeView(id, { ...VIEWS[id], treeDataProvider: this });
  }

  provide<T>(provider: TreeDataProvider<T>): ProvidedView<T> {
    this.#slot.provide(provider as TreeDataProvider<unknown>);
    provider.onDidChangeTreeData?.((nodes) => this.#changed.fire(nodes));
    return this.#view as TreeView<T>;
  }

  async getChildren(node?: unknown): Promise<unknown[]> {
    const provider = await this.#provider();
    if (!provider) return [];
    const children = (await provider.getChildren(node)) ?? [];
    // After the answer: what is said of an empty view must not be shown of one that gets its lines just now.
    if (!this.#hasAnswered) setImmediate(this.#answered);
    this.#hasAnswered = true;
    return children;
  }

  async getTreeItem(node: unknown): Promise<TreeItem> {
    return (await this.#slot.get()).getTreeItem(node);
  }

  dispose(): void {
    this.#view.dispose();
    this.#changed.dispose();
  }

  async #provider(): Promise<TreeDataProvider<unknown> | undefined> {
    try {
      return await this.#slot.get();
    } catch (error) {
      this.#view.message = messageOf(error);
      return undefined;
    }
  }
}
