import {
  type Disposable,
  EventEmitter,
  ThemeColor,
  ThemeIcon,
  type TreeDataProvider,
  TreeItem,
  TreeItemCollapsibleState,
  type TreeView,
  window,
} from "vscode";
import { ACTIVE_TESTS_VIEW, type CommandId } from "../ids.ts";
import type { RunList } from "../runs/run-list.ts";
import type { Unsubscribe } from "../signal.ts";
import { summaryOf, type TreeNode, treeOf } from "./model.ts";

/** The tree is drawn at most so often; a run tells more than anybody can read. */
const REDRAW_MS = 500;

/** "Active Tests" in the activity bar's container. */
export class ActiveTestsView implements TreeDataProvider<TreeNode>, Disposable {
  readonly #changed = new EventEmitter<undefined>();
  readonly onDidChangeTreeData = this.#changed.event;
  readonly #runs: RunList;
  readonly #view: TreeView<TreeNode>;
  readonly #unsubscribe: Unsubscribe;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(runs: RunList) {
    this.#runs = runs;
    this.#view = window.createTreeView<TreeNode>(ACTIVE_TESTS_VIEW, {
      treeDataProvider: this,
      showCollapseAll: true,
    });
    this.#unsubscribe = runs.changed.on(() => this.#redraw());
    this.#drawBadge();
  }

  getChildren(node?: TreeNode): TreeNode[] {
    return node ? node.children : treeOf(this.#runs.list());
  }

  getTreeItem(node: TreeNode): TreeItem {
    const item = new TreeItem(node.label, collapsible(node));
    item.id = node.id;
    item.description = node.description;
    item.tooltip = node.tooltip;
    item.accessibilityInformation = { label: node.spoken };
    item.iconPath = new ThemeIcon(node.icon, node.colour ? new ThemeColor(node.colour) : undefined);
    item.contextValue = node.context;
    const command: CommandId = "scaletest.showPanel";
    item.command = { command, title: "Show Panel", arguments: [node.runId] };
    return item;
  }

  dispose(): void {
    this.#unsubscribe();
    clearTimeout(this.#timer);
    this.#view.dispose();
    this.#changed.dispose();
  }

  #redraw(): void {
    if (this.#timer) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#drawBadge();
      this.#changed.fire(undefined);
    }, REDRAW_MS);
  }

  #drawBadge(): void {
    const { active, text } = summaryOf(this.#runs.list());
    this.#view.description = text;
    this.#view.badge = active > 0 ? { value: active, tooltip: `${active} running` } : undefined;
  }
}

function collapsible(node: TreeNode): TreeItemCollapsibleState {
  if (node.children.length === 0) return TreeItemCollapsibleState.None;
  return node.expanded ? TreeItemCollapsibleState.Expanded : TreeItemCollapsibleState.Collapsed;
}
