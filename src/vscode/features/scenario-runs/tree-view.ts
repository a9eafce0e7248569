import {
  Disposable,
  EventEmitter,
  type TreeDataProvider,
  type TreeItem,
  TreeItemCollapsibleState,
  Uri,
  workspace,
} from "vscode";
import { baseName, titleOf } from "../../../app/scenario/title.ts";
import { t } from "../../../l10n/text.ts";
import type { Front } from "../../front/front.ts";
import { SCENARIOS_VIEW } from "../../ids.ts";
import type { RunList } from "../../model/runs/run-list.ts";
import { SCENARIO_GLOB } from "../../model/scenarios/is-scenario.ts";
import type { ScenarioDocuments } from "../../model/scenarios/read-document.ts";
import { treeItemOf } from "../../ui/tree-item.ts";
import { findScenarios, readFile } from "./files.ts";
import type { LastResults } from "./last-results.ts";
import { type KnownScenario, type ScenarioNode, scenarioNodes } from "./tree-model.ts";

export interface ScenariosViewParts {
  runs: Pick<RunList, "active" | "changed">;
  scenarios: ScenarioDocuments;
  results: LastResults;
  front: Pick<Front, "view">;
}

/** "Scenarios" in the activity bar's container: the files of the folders that are open. Read only when it is seen. */
export class ScenariosView implements TreeDataProvider<ScenarioNode>, Disposable {
  readonly #changed = new EventEmitter<undefined>();
  readonly onDidChangeTreeData = this.#changed.event;
  readonly #parts: ScenariosViewParts;
  readonly #disposables: Disposable;

  constructor(parts: ScenariosViewParts) {
    this.#parts = parts;
    const draw = () => this.#changed.fire(undefined);
    const watcher = workspace.createFileSystemWatcher(SCENARIO_GLOB);
    let running = "";
    this.#disposables = Disposable.from(
      this.#changed,
      watcher,
      watcher.onDidCreate(draw),
      watcher.onDidChange(draw),
      watcher.onDidDelete(draw),
      workspace.onDidChangeWorkspaceFolders(draw),
      new Disposable(parts.results.changed.on(draw)),
      new Disposable(
        parts.runs.changed.on(() => {
          const now = [...this.#running()].sort().join("\n");
          if (now !== running) draw();
          running = now;
        }),
      ),
    );
    parts.front.view(SCENARIOS_VIEW, this);
  }

  async getChildren(node?: ScenarioNode): Promise<ScenarioNode[]> {
    if (node) return [];
    const found = await findScenarios();
    const running = this.#running();
    return scenarioNodes(await Promise.all(found.map((uri) => this.#known(uri, running))));
  }

  getTreeItem(node: ScenarioNode): TreeItem {
    const item = treeItemOf(node, TreeItemCollapsibleState.None);
    item.command = { command: "vscode.open", title: t("Open"), arguments: [Uri.parse(node.scenario)] };
    return item;
  }

  dispose(): void {
    this.#disposables.dispose();
  }

  /** What runs of now are called. */
  #running(): ReadonlySet<string> {
    return new Set(this.#parts.runs.active().map(({ title }) => title));
  }

  /** A file that cannot be read is there all the same: opened, it says what is wrong. */
  async #known(uri: Uri, running: ReadonlySet<string>): Promise<KnownScenario> {
    const { scenarios, results } = this.#parts;
    const file = workspace.asRelativePath(uri);
    const title = await readFile(scenarios, uri).then(
      (read) => titleOf(read.file, read.scenario),
      () => baseName(file),
    );
    const [last] = await results.of(title);
    return { uri: uri.toString(), file, title, isRunning: running.has(title), last };
  }
}
