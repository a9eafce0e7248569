import type { Build, Workspace } from "./model.ts";
import type { User } from "./users.ts";

export function latestBuild(workspace: Workspace): Build {
  const build = workspace.builds.at(-1);
  if (!build) throw new Error(`workspace ${workspace.name} has no build`);
  return build;
}

/** All workspaces, with the deleted ones still found by id. */
export class Workspaces {
  readonly #byId = new Map<string, Workspace>();
  readonly #live = new Set<Workspace>();
  readonly #ofOwner = new Map<string, Map<string, Workspace>>();
  readonly #deletedOf = new Map<string, Workspace[]>();
  readonly #builds = new Map<string, Build>();

  add(workspace: Workspace): void {
    this.#byId.set(workspace.id, workspace);
    this.#live.add(workspace);
    const own = this.#ofOwner.get(workspace.owner.id) ?? new Map<string, Workspace>();
    own.set(workspace.name.toLowerCase(), workspace);
    this.#ofOwner.set(workspace.owner.id, own);
  }

  addBuild(build: Build): void {
    build.workspace.builds.push(build);
    this.#builds.set(build.id, build);
  }

  byId(id: string): Workspace | undefined {
    return this.#byId.get(id);
  }

  build(id: string): Build | undefined {
    return this.#builds.get(id);
  }

  byName(owner: User, name: string): Workspace | undefined {
    return this.#ofOwner.get(owner.id)?.get(name.toLowerCase());
  }

  /** The last deleted one of that name. */
  deletedByName(owner: User, name: string): Workspace | undefined {
    return this.#deletedOf.get(owner.id)?.findLast((one) => one.name.toLowerCase() === name.toLowerCase());
  }

  /** Those that are not deleted. */
  live(): ReadonlySet<Workspace> {
    return this.#live;
  }

  ownedBy(user: User): Workspace[] {
    return [...(this.#ofOwner.get(user.id)?.values() ?? [])];
  }

  /** Every workspace that a user ever had, oldest first. */
  everOwnedBy(user: User): Workspace[] {
    return [...(this.#deletedOf.get(user.id) ?? []), ...this.ownedBy(user)];
  }

  delete(workspace: Workspace): void {
    if (workspace.deleted) return;
    workspace.deleted = true;
    this.#live.delete(workspace);
    const own = this.#ofOwner.get(workspace.owner.id);
    own?.delete(workspace.name.toLowerCase());
    if (own?.size === 0) this.#ofOwner.delete(workspace.owner.id);
    const gone = this.#deletedOf.get(workspace.owner.id) ?? [];
    gone.push(workspace);
    this.#deletedOf.set(workspace.owner.id, gone);
  }

  /** Forgets a build; with the last one of a deleted workspace, the workspace. @returns whether it is gone, too */
  forget(build: Build): boolean {
    const { workspace } = build;
    this.#builds.delete(build.id);
    if (build !== workspace.builds.at(-1)) {
      workspace.builds.splice(workspace.builds.indexOf(build), 1);
      return false;
    }
    this.#byId.delete(workspace.id);
    const gone = this.#deletedOf.get(workspace.owner.id)?.filter((one) => one !== workspace) ?? [];
    if (gone.length) this.#deletedOf.set(workspace.owner.id, gone);
    else this.#deletedOf.delete(workspace.owner.id);
    return true;
  }

  /** Tells everybody who watches that something about it changed. */
  changed(workspace: Workspace): void {
    for (const watcher of workspace.watchers) watcher();
  }
}
