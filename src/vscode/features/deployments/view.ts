import {
  Disposable,
  EventEmitter,
  type TreeDataProvider,
  type TreeItem,
  TreeItemCollapsibleState,
} from "vscode";
import { t } from "../../../l10n/text.ts";
import type { Front } from "../../front/front.ts";
import { DEPLOYMENTS_VIEW } from "../../ids.ts";
import type { MetricsPlaces } from "../../model/deployments/metrics-places.ts";
import type { DeploymentStore } from "../../model/deployments/store.ts";
import type { DeploymentTags } from "../../model/deployments/tags.ts";
import { distinct } from "../../ui/tree-ids.ts";
import { treeItemOf } from "../../ui/tree-item.ts";
import { type Details, detailNodes } from "./details.ts";
import { type DeploymentNode, type DetailNode, deploymentNodes, type Standing, tagOf } from "./tree-model.ts";

type Node = DeploymentNode | DetailNode;

/** What was found out is good for so long; after that it is asked again when somebody looks. */
const FRESH_MS = 60_000;

/** The deployments that are signed in to. A line that is opened asks its deployment; none asks by itself. */
export class DeploymentsView implements TreeDataProvider<Node>, Disposable {
  readonly #changed = new EventEmitter<undefined>();
  readonly onDidChangeTreeData = this.#changed.event;
  readonly #store: DeploymentStore;
  readonly #tags: DeploymentTags;
  readonly #places: MetricsPlaces;
  readonly #inspect: (url: string) => Promise<Details>;
  readonly #titles: () => Promise<ReadonlyMap<string, string>>;
  readonly #disposables: Disposable[];
  readonly #asked = new Map<string, { at: number; answer: Promise<Details> }>();
  /** Of deployments that are not as they should be. */
  readonly #standings = new Map<string, Standing>();

  /** `titles`: of the runs that this machine knows, by their ids. */
  constructor(
    store: DeploymentStore,
    {
      tags,
      places,
      front,
      titles,
    }: {
      tags: DeploymentTags;
      places: MetricsPlaces;
      front: Pick<Front, "view">;
      titles: () => Promise<ReadonlyMap<string, string>>;
    },
    inspect: (url: string) => Promise<Details>,
  ) {
    this.#store = store;
    this.#tags = tags;
    this.#places = places;
    this.#inspect = inspect;
    this.#titles = titles;
    this.#disposables = [
      new Disposable(store.changed.on(() => this.refresh())),
      new Disposable(
        store.signedIn.on(({ url }) => {
          this.#standings.delete(url);
        }),
      ),
      new Disposable(tags.changed.on(() => this.#changed.fire(undefined))),
      new Disposable(places.changed.on(() => this.#changed.fire(undefined))),
      this.#changed,
    ];
    front.view(DEPLOYMENTS_VIEW, this);
  }

  async getChildren(node?: Node): Promise<Node[]> {
    if (!node) return distinct(await this.#deployments());
    return node.kind === "deployment" ? distinct(await this.#details(node.url)) : [...(node.children ?? [])];
  }

  /** Whose token is gone is signed out, and whose token was refused when it was last used. */
  async #deployments(): Promise<DeploymentNode[]> {
    const known = this.#store.list();
    const tokens = await Promise.all(known.map(({ url }) => this.#store.token(url)));
    const lost = new Set(known.filter((_, index) => !tokens[index]).map(({ url }) => url));
    return deploymentNodes(
      known,
      ({ url }) => this.#tags.isStaging(url),
      ({ url }) => (lost.has(url) ? "signed_out" : (this.#standings.get(url) ?? "signed_in")),
    );
  }

  getTreeItem(node: Node): TreeItem {
    const isParent = node.kind === "deployment" || (node.children ?? []).length > 0;
    const collapsible = isParent ? TreeItemCollapsibleState.Collapsed : TreeItemCollapsibleState.None;
    const item = treeItemOf(node, collapsible);
    if (node.kind === "detail" && node.command)
      item.command = { command: node.command, title: node.label, arguments: [{ url: node.url }] };
    return item;
  }

  /** Asks anew what is open, of one deployment or of all. */
  refresh(url?: string): void {
    if (url === undefined) this.#asked.clear();
    else this.#asked.delete(url);
    this.#changed.fire(undefined);
  }

  /** Draws what is known anew, and asks nothing. */
  redraw(): void {
    this.#changed.fire(undefined);
  }

  dispose(): void {
    for (const disposable of this.#disposables) disposable.dispose();
  }

  async #details(url: string): Promise<Node[]> {
    const deployment = this.#store.find(url);
    if (!deployment) return [];
    const details = await this.#ask(url);
    // Without them, runs are named by their ids.
    const titles = await this.#titles().catch(() => new Map<string, string>());
    const tag = tagOf(deployment, this.#tags.isStaging(url));
    return detailNodes(url, details, { tag, metrics: this.#places.count(url) }, titles);
  }

  #ask(url: string): Promise<Details> {
    const known = this.#asked.get(url);
    if (known && Date.now() - known.at < FRESH_MS) return known.answer;
    const answer = this.#inspect(url).then((details) => {
      this.#mark(url, details.kind === "known" ? "signed_in" : details.kind);
      return details;
    });
    this.#asked.set(url, { at: Date.now(), answer });
    return answer;
  }

  /** The deployment's own line shows that it does not answer, or is signed out of. */
  #mark(url: string, standing: Standing): void {
    if ((this.#standings.get(url) ?? "signed_in") === standing) return;
    this.#standings.set(url, standing);
    this.#changed.fire(undefined);
  }
}

/** Where the editor's store has lost the token, there is nobody to ask as. */
export function withoutToken(): Details {
  return { kind: "signed_out", at: Date.now(), message: t("The editor no longer has the token") };
}
