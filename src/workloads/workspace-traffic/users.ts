import { now } from "../../measure/clock.ts";

/** Users with more connections are counted with those that have so many. */
const MOST_TOLD_APART = 100;
/** What a user loses within so long is one loss. */
const ONE_LOSS_MS = 10_000;

/** The users of a run, by how many connections each has open. */
export class ConnectedUsers {
  readonly #owners: readonly string[];
  readonly #open = new Map<string, number>();
  readonly #byCount = new Map<number, number>();
  readonly #lostAt = new Map<string, number>();

  /** `owners`: whose each job is. Connections are dealt to jobs in turn. */
  constructor(owners: readonly string[]) {
    this.#owners = owners;
  }

  opened(connection: number): void {
    this.#change(this.#ownerOf(connection), 1);
  }

  /** @returns whether its user is hit by it anew: several connections that are lost together hit once. */
  lost(connection: number): boolean {
    const owner = this.#ownerOf(connection);
    this.#change(owner, -1);
    const at = now();
    if (at - (this.#lostAt.get(owner) ?? Number.NEGATIVE_INFINITY) < ONE_LOSS_MS) return false;
    this.#lostAt.set(owner, at);
    return true;
  }

  /** How many users have so many connections open; a number that there was once stays, with none. */
  byConnections(): ReadonlyMap<number, number> {
    return this.#byCount;
  }

  #ownerOf(connection: number): string {
    return this.#owners[connection % this.#owners.length] ?? "";
  }

  #change(owner: string, by: number): void {
    const before = this.#open.get(owner) ?? 0;
    const after = Math.max(0, before + by);
    this.#open.set(owner, after);
    if (before > 0) this.#count(before, -1);
    if (after > 0) this.#count(after, 1);
  }

  #count(connections: number, by: number): void {
    const told = Math.min(connections, MOST_TOLD_APART);
    this.#byCount.set(told, (this.#byCount.get(told) ?? 0) + by);
  }
}
