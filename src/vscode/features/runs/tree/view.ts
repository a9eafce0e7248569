import { isDeepStrictEqual } from "node:util";
import {
  type Disposable,
  EventEmitter,
  type TreeDataProvider,
  type TreeItem,
  TreeItemCollapsibleState,
} from "vscode";
import { t } from "../../../../l10n/text.ts";
import { english, isSame } from "../../../../text/message.ts";
import type { Front } from "../../../front/front.ts";
import type { ProvidedView } from "../../../front/view.ts";
import { type CommandId, RUNS_VIEW, type RunReference } from "../../../ids.ts";
import { againOf } from "../../../model/runs/asked.ts";
import type { PastRun, RunList } from "../../../model/runs/run-list.ts";
import type { WatchedRun } from "../../../model/runs/watched-run.ts";
import type { Unsubscribe } from "../../../signal.ts";
import { treeItemOf } from "../../../ui/tree-item.ts";
import type { EndedNode } from "./ended.ts";
import { type GroupNode, groupsOf } from "./groups.ts";
import { HitLines } from "./hits.ts";
import { childrenOf, hitNodes, summaryOf, treeOf } from "./model.ts";
import type { TreeNode } from "./node.ts";
import { Redraw } from "./redraw.ts";

/** The tree is drawn at most so often; a run tells more than anybody can read. */
const REDRAW_MS = 500;
/** Of the workspaces that one cause hit. */
const SHOWN_WORKSPACES = 50;

type Node = TreeNode | EndedNode | GroupNode;

/** "Runs" in the activity bar's container: those that go on, what needs clean-up, and the others by their day. */
export class RunsView implements TreeDataProvider<Node>, Disposable {
  readonly #changed = new EventEmitter<Node[] | undefined>();
  readonly onDidChangeTreeData = this.#changed.event;
  readonly #runs: RunList;
  readonly #view: ProvidedView<Node>;
  readonly #unsubscribe: Unsubscribe;
  readonly #redraw: Redraw;
  readonly #hits: HitLines;
  #filter = "";
  /** Read from the folder when somebody looks, and anew once a run has ended or was removed. */
  #past: Promise<PastRun[]> | undefined;
  /** The lines of those that go on, as the editor has them. */
  #shown: readonly TreeNode[] = [];
  /** Lines below one of them have come, which it does not have itself. */
  #hasNewHits = false;
  /** Those that somebody has opened in the tree, as they ended. */
  readonly #opened = new Map<string, Promise<WatchedRun | undefined>>();

  constructor(runs: RunList, front: Pick<Front, "view">) {
    this.#runs = runs;
    this.#redraw = new Redraw(REDRAW_MS, () => this.#draw());
    this.#hits = new HitLines(
      (cause) => this.#hit(cause),
      () => {
        this.#hasNewHits = true;
        this.#redraw.due();
      },
    );
    this.#view = front.view(RUNS_VIEW, this);
    this.#unsubscribe = runs.changed.on((run) => {
      if (!run?.active) this.#past = undefined;
      this.#drawBadge();
      this.#redraw.due();
    });
    this.#drawBadge();
  }

  get filter(): string {
    return this.#filter;
  }

  set filter(filter: string) {
    this.#filter = filter;
    this.#drawBadge();
    this.#changed.fire(undefined);
  }

  /** The runs that are selected, each once, in the order of the list. */
  get selection(): readonly RunReference[] {
    return [...new Set(this.#view.selection.flatMap((node) => ("runId" in node ? [node.runId] : [])))];
  }

  /** Reads the folder of runs anew. */
  refresh(): void {
    this.#past = undefined;
    this.#opened.clear();
    this.#changed.fire(undefined);
  }

  async getChildren(node?: Node): Promise<Node[]> {
    if (!node) return this.#roots();
    if ("runs" in node) return [...node.runs];
    if ("needsCleanUp" in node) return this.#endedLines(node);
    return node.hit === undefined ? node.children : this.#hits.of(node);
  }

  getTreeItem(node: Node): TreeItem {
    if ("runs" in node) return treeItemOf(node, stateOf(node.expanded));
    const isEnded = "needsCleanUp" in node;
    // Its figures are drawn: the next ones may come.
    if (!isEnded && node.id === node.runId) this.#redraw.taken();
    const item = treeItemOf(node, isEnded ? endedState(node) : collapsible(node));
    const command: CommandId = (isEnded ? undefined : node.command) ?? "scaletest.showPanel";
    const title = command === "scaletest.showPanel" ? t("Show Panel") : t("Sign In Again");
    item.command = { command, title, arguments: [node.runId, isEnded ? undefined : node.target] };
    return item;
  }

  dispose(): void {
    this.#unsubscribe();
    this.#redraw.dispose();
    this.#changed.dispose();
  }

  /** Figures change often, and only in the lines of runs that go on: the others are left as they are. */
  #draw(): void {
    const now = treeOf(this.#runs.active());
    const isSame =
      this.#past !== undefined &&
      now.length === this.#shown.length &&
      now.every(({ id }, index) => id === this.#shown[index]?.id);
    if (!isSame || now.length === 0) return this.#changed.fire(undefined);
    // A line that is drawn anew forgets, for a moment, what a click on it does.
    const changed = now.flatMap((node, index) => {
      const shown = this.#shown[index];
      const isAsBefore = !this.#hasNewHits && isDeepStrictEqual({ ...shown, ...node }, shown);
      return !shown || isAsBefore ? [] : [Object.assign(shown, node)];
    });
    this.#hasNewHits = false;
    if (changed.length === 0) return this.#redraw.taken();
    this.#changed.fire(changed);
  }

  async #roots(): Promise<Node[]> {
    this.#redraw.taken();
    this.#past ??= this.#runs.past();
    const past = this.#past;
    const message = this.#runs.problem() ?? "";
    if (message !== (this.#view.message ?? "")) this.#view.message = message;
    try {
      const active = this.#runs.active();
      const isActive = new Set(active.map(({ id }) => id));
      const ended = (await past).filter(({ file }) => !isActive.has(file.id));
      // Loaded where it is used: the window starts without the workloads.
      const { startable } = await import("../../../../workloads/index.ts");
      const again = ({ file, result }: PastRun) => againOf(file, result?.outcome.failed ?? 0, startable);
      this.#shown = treeOf(active);
      return [...this.#shown, ...groupsOf(ended, this.#filter, Date.now(), again)];
    } catch (error) {
      // It is looked for again with the next drawing.
      if (this.#past === past) this.#past = undefined;
      throw error;
    }
  }

  /** What an ended run says of itself: read when somebody opens its line. */
  async #endedLines({ runId }: EndedNode): Promise<TreeNode[]> {
    const run = await this.#open(runId);
    return run?.snapshot ? childrenOf(run, run.snapshot) : [];
  }

  #open(runId: string): Promise<WatchedRun | undefined> {
    const known = this.#runs.get(runId);
    if (known) return Promise.resolve(known);
    const opened = this.#opened.get(runId) ?? this.#runs.open(runId);
    this.#opened.set(runId, opened);
    opened.catch(() => this.#opened.delete(runId));
    return opened;
  }

  /** Asked of the runner, or of the record, for a line that somebody has opened, never for all. */
  async #hit(node: TreeNode): Promise<TreeNode[]> {
    const run = await this.#open(node.runId);
    if (!run || !node.hit) return [];
    const { cause, count } = node.hit;
    const query = { offset: 0, limit: SHOWN_WORKSPACES, state: "failed", cause: english(cause) } as const;
    const { rows, total } = await run.workspaces(query);
    // A runner of an earlier version answers with failures of every cause.
    const hit = rows.filter((row) => isSame(row.cause, cause));
    return hitNodes(node, hit, hit.length < rows.length ? count : total);
  }

  #drawBadge(): void {
    const { active, text } = summaryOf(this.#runs.active());
    const description = this.#filter.trim() || text;
    // Each goes to the window as a message, whether it is new or not.
    if (description !== (this.#view.description ?? "")) this.#view.description = description;
    if (active !== (this.#view.badge?.value ?? 0))
      this.#view.badge = active > 0 ? { value: active, tooltip: t("{0} running", active) } : undefined;
  }
}

function stateOf(expanded: boolean): TreeItemCollapsibleState {
  return expanded ? TreeItemCollapsibleState.Expanded : TreeItemCollapsibleState.Collapsed;
}

function endedState({ canOpen }: EndedNode): TreeItemCollapsibleState {
  return canOpen ? TreeItemCollapsibleState.Collapsed : TreeItemCollapsibleState.None;
}

function collapsible(node: TreeNode): TreeItemCollapsibleState {
  if (node.hit !== undefined) return TreeItemCollapsibleState.Collapsed;
  // One that gets its children later would stay closed: the tree keeps the state of its first drawing.
  if (node.expanded && node.id === node.runId) return TreeItemCollapsibleState.Expanded;
  if (node.children.length === 0) return TreeItemCollapsibleState.None;
  return stateOf(node.expanded === true);
}
