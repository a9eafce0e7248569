import { Disposable, EventEmitter, ThemeIcon, type TreeDataProvider, TreeItem, window } from "vscode";
import { DEPLOYMENTS_VIEW } from "../ids.ts";
import type { DeploymentStore } from "./store.ts";
import type { DeploymentTags } from "./tags.ts";
import { type DeploymentNode, deploymentNodes } from "./tree-model.ts";

/** The deployments that are signed in to. */
export class DeploymentsView implements TreeDataProvider<DeploymentNode>, Disposable {
  readonly #changed = new EventEmitter<undefined>();
  readonly onDidChangeTreeData = this.#changed.event;
  readonly #store: DeploymentStore;
  readonly #tags: DeploymentTags;
  readonly #disposables: Disposable[];

  constructor(store: DeploymentStore, tags: DeploymentTags) {
    this.#store = store;
    this.#tags = tags;
    const redraw = () => this.#changed.fire(undefined);
    this.#disposables = [
      new Disposable(store.changed.on(redraw)),
      new Disposable(tags.changed.on(redraw)),
      window.createTreeView<DeploymentNode>(DEPLOYMENTS_VIEW, { treeDataProvider: this }),
      this.#changed,
    ];
  }

  getChildren(node?: DeploymentNode): DeploymentNode[] {
    return node ? [] : deploymentNodes(this.#store.list(), ({ url }) => this.#tags.isStaging(url));
  }

  getTreeItem(node: DeploymentNode): TreeItem {
    const item = new TreeItem(node.label);
    item.id = node.url;
    item.description = node.description;
    item.tooltip = node.tooltip;
    item.accessibilityInformation = { label: node.spoken };
    item.iconPath = new ThemeIcon(node.icon);
    item.contextValue = node.context;
    return item;
  }

  dispose(): void {
    for (const disposable of this.#disposables) disposable.dispose();
  }
}
