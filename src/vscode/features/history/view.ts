import {
  type Disposable,
  EventEmitter,
  type TreeDataProvider,
  type TreeItem,
  TreeItemCollapsibleState,
  type TreeView,
  window,
} from "vscode";
import { t } from "../../../l10n/text.ts";
import { type CommandId, HISTORY_VIEW } from "../../ids.ts";
import type { RunList } from "../../model/runs/run-list.ts";
import type { Unsubscribe } from "../../signal.ts";
import { treeItemOf } from "../../ui/tree-item.ts";
import { type HistoryNode, historyOf } from "./model.ts";

/** All runs of the folder that are over, the newest first. */
export class HistoryView implements TreeDataProvider<HistoryNode>, Disposable {
  readonly #changed = new EventEmitter<undefined>();
  readonly onDidChangeTreeData = this.#changed.event;
  readonly #runs: RunList;
  readonly #view: TreeView<HistoryNode>;
  readonly #unsubscribe: Unsubscribe;
  #filter = "";

  constructor(runs: RunList) {
    this.#runs = runs;
    this.#view = window.createTreeView<HistoryNode>(HISTORY_VIEW, {
      treeDataProvider: this,
      canSelectMany: true,
    });
    let active = "";
    this.#unsubscribe = runs.changed.on(() => {
      const now = runs
        .active()
        .map(({ id }) => id)
        .join();
      // One has come, or has ended.
      if (now !== active) this.refresh();
      active = now;
    });
  }

  get filter(): string {
    return this.#filter;
  }

  set filter(filter: string) {
    this.#filter = filter;
    this.#view.description = filter;
    this.refresh();
  }

  /** The runs that are selected, in the order of the list. */
  get selection(): readonly HistoryNode[] {
    return this.#view.selection;
  }

  async getChildren(node?: HistoryNode): Promise<HistoryNode[]> {
    if (node) return [];
    this.#view.message = this.#runs.problem() ?? "";
    return historyOf(await this.#runs.past(), this.#filter);
  }

  getTreeItem(node: HistoryNode): TreeItem {
    const item = treeItemOf(node, TreeItemCollapsibleState.None);
    const command: CommandId = "scaletest.showPanel";
    item.command = { command, title: t("Show Panel"), arguments: [node.runId] };
    return item;
  }

  refresh(): void {
    this.#changed.fire(undefined);
  }

  dispose(): void {
    this.#unsubscribe();
    this.#view.dispose();
    this.#changed.dispose();
  }
}
