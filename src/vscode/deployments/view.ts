import {
  type Disposable,
  EventEmitter,
  ThemeIcon,
  type TreeDataProvider,
  TreeItem,
  window,
  workspace,
} from "vscode";
import { DEPLOYMENTS_VIEW } from "../ids.ts";
import type { DeploymentStore, KnownDeployment } from "./store.ts";
import { type DeploymentNode, deploymentNodes } from "./tree-model.ts";

/** The deployments that are signed in to. */
export class DeploymentsView implements TreeDataProvider<DeploymentNode>, Disposable {
  readonly #changed = new EventEmitter<undefined>();
  readonly onDidChangeTreeData = this.#changed.event;
  readonly #store: DeploymentStore;
  readonly #isStaging: (deployment: KnownDeployment) => boolean;
  readonly #disposables: Disposable[];

  constructor(store: DeploymentStore, isStaging: (deployment: KnownDeployment) => boolean) {
    this.#store = store;
    this.#isStaging = isStaging;
    const unsubscribe = store.changed.on(() => this.#changed.fire(undefined));
    this.#disposables = [
      { dispose: unsubscribe },
      window.createTreeView<DeploymentNode>(DEPLOYMENTS_VIEW, { treeDataProvider: this }),
      workspace.onDidChangeConfiguration((change) => {
        if (change.affectsConfiguration("scaletest.stagingDeployments")) this.#changed.fire(undefined);
      }),
      this.#changed,
    ];
  }

  getChildren(node?: DeploymentNode): DeploymentNode[] {
    return node ? [] : deploymentNodes(this.#store.list(), this.#isStaging);
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
