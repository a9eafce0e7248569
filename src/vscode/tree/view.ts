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
import { t } from "../l10n.ts";
import type { RunList } from "../runs/run-list.ts";
import type { Unsubscribe } from "../signal.ts";
import { hitNodes, summaryOf, type TreeNode, treeOf } from "./model.ts";

/** The tree is drawn at most so often; a run tells more than anybody can read. */
const REDRAW_MS = 500;
/** Of the workspaces that one cause hit. */
const SHOWN_WORKSPACES = 50;

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

  getChildren(node?: TreeNode): TreeNode[] | Promise<TreeNode[]> {
    if (!node) return treeOf(this.#runs.list());
    return node.hit === undefined ? node.children : this.#hit(node);
  }

  /** Asked of the runner for a line that somebody has opened, never for all. */
  async #hit(node: TreeNode): Promise<TreeNode[]> {
    const run = this.#runs.get(node.runId);
    const query = { offset: 0, limit: 500, state: "failed" } as const;
    const page = await run?.workspaces(query).catch(() => undefined);
    return hitNodes(node, page?.rows ?? [], SHOWN_WORKSPACES);
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
    item.command = { command, title: t("Show Panel"), arguments: [node.runId] };
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
  if (node.hit !== undefined) return TreeItemCollapsibleState.Collapsed;
  // One that gets its children later would stay closed: the tree keeps the state of its first drawing.
  if (node.expanded && node.id === node.runId) return TreeItemCollapsibleState.Expanded;
  if (node.children.length === 0) return TreeItemCollapsibleState.None;
  return node.expanded ? TreeItemCollapsibleState.Expanded : TreeItemCollapsibleState.Collapsed;
}
