/**
 * What requests that are not answered yet have just made. The real server decides such races in its database:
 * the losers of equal creates get an error of the database's, not the conflict that a later request gets.
 */
export class Claims {
  /** About as long as the real server's transaction takes: requests that arrive meanwhile lose the race. */
  transactionMs = 5;
  readonly #held = new Set<string>();

  /** Whether a request that overlaps this one has made it. */
  has(key: string): boolean {
    return this.#held.has(key);
  }

  /** Keeps keys for as long as a transaction takes; the request that made them is answered after that. */
  async hold(...keys: string[]): Promise<void> {
    for (const key of keys) this.#held.add(key);
    await new Promise((resolve) => setTimeout(resolve, this.transactionMs));
    for (const key of keys) this.#held.delete(key);
  }
}

export function duplicateKey(what: string, constraint: string): string {
  return `${what}pq: duplicate key value violates unique constraint "${constraint}"`;
}
