import {
  Disposable,
  EventEmitter,
  type TreeDataProvider,
  type TreeItem,
  TreeItemCheckboxState,
  TreeItemCollapsibleState,
} from "vscode";
import type { Leftover } from "../../../app/clean-up/leftovers.ts";
import { t } from "../../../l10n/text.ts";
import type { Front } from "../../front/front.ts";
import type { ProvidedView } from "../../front/view.ts";
import { LEFTOVERS_VIEW } from "../../ids.ts";
import { hostOf } from "../../model/deployments/origin.ts";
import { treeItemOf } from "../../ui/tree-item.ts";
import { type LeftoverNode, leftoverNodes, Ticks } from "./tree-model.ts";

/** What scale tests have left on one deployment, with a tick for what is to be deleted. */
export class LeftoversView implements TreeDataProvider<LeftoverNode>, Disposable {
  readonly #changed = new EventEmitter<undefined>();
  readonly onDidChangeTreeData = this.#changed.event;
  readonly #view: ProvidedView<LeftoverNode>;
  readonly #ticks = new Ticks();
  readonly #disposables: Disposable[];
  #found: { url: string; leftovers: readonly Leftover[]; titles: ReadonlyMap<string, string> } | undefined;

  constructor(front: Pick<Front, "view">) {
    this.#view = front.view(LEFTOVERS_VIEW, this);
    this.#disposables = [
      this.#changed,
      this.#view.onDidChangeCheckboxState(({ items }) => {
        for (const [node, state] of items) this.#ticks.set(node, state === TreeItemCheckboxState.Checked);
        this.#changed.fire(undefined);
      }),
      new Disposable(() => this.#ticks.clear()),
    ];
  }

  /** The deployment whose leftovers are shown. */
  get shownUrl(): string | undefined {
    return this.#found?.url;
  }

  /** Shows what was found on a deployment. Ticks stay where it is shown anew, and go with another. */
  show(url: string, leftovers: readonly Leftover[], titles: ReadonlyMap<string, string>): void {
    if (this.#found?.url !== url) this.#ticks.clear();
    this.#found = { url, leftovers, titles };
    this.#view.description = hostOf(url);
    this.#view.message = leftovers.length === 0 ? t("Nothing is left on {0}.", hostOf(url)) : "";
    this.#changed.fire(undefined);
  }

  /** What is ticked, and where. */
  ticked(): { url: string; leftovers: Leftover[] } | undefined {
    return this.#found && { url: this.#found.url, leftovers: this.#ticks.among(this.#found.leftovers) };
  }

  getChildren(node?: LeftoverNode): LeftoverNode[] {
    if (node) return [...node.children];
    return this.#found ? leftoverNodes(this.#found.leftovers, this.#found.titles) : [];
  }

  getTreeItem(node: LeftoverNode): TreeItem {
    const isGroup = node.children.length > 0;
    const item = treeItemOf(
      node,
      isGroup ? TreeItemCollapsibleState.Collapsed : TreeItemCollapsibleState.None,
    );
    item.checkboxState = {
      state: this.#ticks.has(node) ? TreeItemCheckboxState.Checked : TreeItemCheckboxState.Unchecked,
      accessibilityInformation: { label: t("Delete {0}", node.spoken) },
    };
    return item;
  }

  dispose(): void {
    for (const disposable of this.#disposables) disposable.dispose();
  }
}
