import {
  type Disposable,
  EventEmitter,
  type TreeDataProvider,
  type TreeItem,
  TreeItemCollapsibleState,
  type TreeView,
  window,
} from "vscode";
import { t } from "../../../../l10n/text.ts";
import { english, isSame } from "../../../../text/message.ts";
import { ACTIVE_TESTS_VIEW, type CommandId } from "../../../ids.ts";
import type { RunList } from "../../../model/runs/run-list.ts";
import type { Unsubscribe } from "../../../signal.ts";
import { treeItemOf } from "../../../ui/tree-item.ts";
import { HitLines } from "./hits.ts";
import { hitNodes, summaryOf, treeOf } from "./model.ts";
import type { TreeNode } from "./node.ts";
import { Redraw } from "./redraw.ts";

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
  readonly #redraw: Redraw;
  readonly #hits: HitLines;

  constructor(runs: RunList) {
    this.#runs = runs;
    this.#redraw = new Redraw(REDRAW_MS, () => this.#changed.fire(undefined));
    this.#hits = new HitLines(
      (cause) => this.#hit(cause),
      () => this.#redraw.due(),
    );
    this.#view = window.createTreeView<TreeNode>(ACTIVE_TESTS_VIEW, {
      treeDataProvider: this,
      showCollapseAll: true,
    });
    this.#unsubscribe = runs.changed.on(() => {
      this.#drawBadge();
      this.#redraw.due();
    });
    this.#drawBadge();
  }

  getChildren(node?: TreeNode): TreeNode[] | Promise<TreeNode[]> {
    if (!node) {
      this.#redraw.taken();
      return treeOf(this.#runs.list());
    }
    return node.hit === undefined ? node.children : this.#hits.of(node);
  }

  /** Asked of the runner for a line that somebody has opened, never for all. */
  async #hit(node: TreeNode): Promise<TreeNode[]> {
    const run = this.#runs.get(node.runId);
    if (!run || !node.hit) return [];
    const { cause, count } = node.hit;
    const query = { offset: 0, limit: SHOWN_WORKSPACES, state: "failed", cause: english(cause) } as const;
    const { rows, total } = await run.workspaces(query);
    // A runner of an earlier version answers with failures of every cause.
    const hit = rows.filter((row) => isSame(row.cause, cause));
    return hitNodes(node, hit, hit.length < rows.length ? count : total);
  }

  getTreeItem(node: TreeNode): TreeItem {
    const item = treeItemOf(node, collapsible(node));
    const command: CommandId = node.command ?? "scaletest.showPanel";
    const title = node.command ? t("Sign In Again") : t("Show Panel");
    item.command = { command, title, arguments: [node.runId, node.target] };
    return item;
  }

  dispose(): void {
    this.#unsubscribe();
    this.#redraw.dispose();
    this.#view.dispose();
    this.#changed.dispose();
  }

  #drawBadge(): void {
    const { active, text } = summaryOf(this.#runs.list());
    // Each goes to the window as a message, whether it is new or not.
    if (text !== this.#view.description) this.#view.description = text;
    if (active !== (this.#view.badge?.value ?? 0))
      this.#view.badge = active > 0 ? { value: active, tooltip: t("{0} running", active) } : undefined;
  }
}

function collapsible(node: TreeNode): TreeItemCollapsibleState {
  if (node.hit !== undefined) return TreeItemCollapsibleState.Collapsed;
  // One that gets its children later would stay closed: the tree keeps the state of its first drawing.
  if (node.expanded && node.id === node.runId) return TreeItemCollapsibleState.Expanded;
  if (node.children.length === 0) return TreeItemCollapsibleState.None;
  return node.expanded ? TreeItemCollapsibleState.Expanded : TreeItemCollapsibleState.Collapsed;
}
