import type { Workspace } from "./state/model.ts";
import type { User } from "./state/users.ts";
import type { Workspaces } from "./state/workspaces.ts";

/** Requests under /api/v2 since the start: by route pattern, and by the workspace that they were for. */
export interface SandboxStats {
  routes: Record<string, number>;
  workspaces: Record<string, number>;
}

/** Counts requests. What was for a user who owns no workspace yet is kept under the user's name until then. */
export class Stats {
  readonly #routes = new Map<string, number>();
  readonly #workspaces = new Map<Workspace, number>();
  readonly #users = new Map<User, number>();

  countRoute(route: string): void {
    this.#routes.set(route, (this.#routes.get(route) ?? 0) + 1);
  }

  countWorkspace(workspace: Workspace): void {
    this.#workspaces.set(workspace, (this.#workspaces.get(workspace) ?? 0) + 1);
  }

  countUser(user: User): void {
    this.#users.set(user, (this.#users.get(user) ?? 0) + 1);
  }

  forgetWorkspace(workspace: Workspace): void {
    this.#workspaces.delete(workspace);
  }

  forgetUser(user: User): void {
    this.#users.delete(user);
  }

  read(workspaces: Workspaces): SandboxStats {
    const byName = new Map<string, number>();
    const add = (name: string, count: number) => byName.set(name, (byName.get(name) ?? 0) + count);
    for (const [workspace, count] of this.#workspaces) add(workspace.name, count);
    for (const [user, count] of this.#users)
      add(workspaces.everOwnedBy(user)[0]?.name ?? user.username, count);
    return { routes: Object.fromEntries(this.#routes), workspaces: Object.fromEntries(byName) };
  }
}
