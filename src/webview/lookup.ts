import type { WorkspacesPage, WorkspacesQuery } from "../protocol/messages.ts";
import type { WorkspaceRow } from "../protocol/snapshot.ts";
import type { Port } from "./port.ts";

/** Names may begin alike: of those that are found, one is the very one. */
const MOST = 50;

/** Asks for single workspaces by their name, wherever they are in the table. */
export class Lookup {
  readonly #port: Port;
  readonly #waiting = new Map<number, { name: string; found: (row: WorkspaceRow | undefined) => void }>();
  /** Below 0: those of the table count up. */
  #request = 0;

  constructor(port: Port) {
    this.#port = port;
  }

  /** `found` hears of undefined where there is none of that name. */
  ask(
    name: string,
    more: Pick<WorkspacesQuery, "step" | "cause">,
    found: (row: WorkspaceRow | undefined) => void,
  ): void {
    const request = --this.#request;
    this.#waiting.set(request, { name, found });
    this.#port.post({
      type: "page",
      request,
      query: { ...more, offset: 0, limit: MOST, filter: name, sort: "index", descending: false },
    });
  }

  /** Takes an answer. False where it is not one of these. */
  receive(request: number, { rows }: WorkspacesPage): boolean {
    const waiting = this.#waiting.get(request);
    if (!waiting) return false;
    this.#waiting.delete(request);
    waiting.found(rows.find(({ name }) => name === waiting.name));
    return true;
  }
}
