import type { CoderClient } from "../coder/client.ts";
import type { WorkspaceWatch } from "../coder/watch.ts";

const POLL_MS = 20_000;

/**
 * The safety net under all watches of a run: where one has been silent for long, one list of the run's
 * workspaces tells all of them what is new. A follow can stay silent for ever (fact sheet §0.10), and a
 * list costs the deployment one call instead of one for each.
 */
export class ListPoll {
  #client: CoderClient;
  #query: string;
  #watches = new Map<string, WorkspaceWatch>();
  #timer: NodeJS.Timeout | undefined;
  #polling = false;

  constructor(client: CoderClient, namePrefix: string) {
    this.#client = client;
    this.#query = `name:"${namePrefix}"`;
  }

  add(workspaceId: string, watch: WorkspaceWatch): void {
    this.#watches.set(workspaceId, watch);
    this.#timer ??= setInterval(() => void this.#poll(), POLL_MS);
  }

  remove(workspaceId: string): void {
    this.#watches.delete(workspaceId);
    if (this.#watches.size === 0) this.close();
  }

  close(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  async #poll(): Promise<void> {
    const since = Date.now() - POLL_MS;
    const silent = [...this.#watches.values()].some((watch) => watch.waiting && watch.lastNewsAt < since);
    if (!silent || this.#polling) return;
    this.#polling = true;
    try {
      for (const workspace of await this.#client.findWorkspaces(this.#query)) {
        this.#watches.get(workspace.id)?.offer(workspace);
      }
    } catch {
      // The next poll is the retry.
    } finally {
      this.#polling = false;
    }
  }
}
