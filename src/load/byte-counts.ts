/** Bytes of payload by connection, for whoever shows them. */
export interface ByteCounts {
  read(connection: number): number;
  written(connection: number): number;
  /** Calls the listener on each change to one of the connections, until the returned function is called. */
  onChange(connections: readonly number[], listener: () => void): () => void;
}

/** Bytes of payload by connection, as the places report them. */
export class ConnectionBytes implements ByteCounts {
  #read: Float64Array;
  #written: Float64Array;
  #listeners = new Map<number, () => void>();

  constructor(connections: number) {
    this.#read = new Float64Array(connections);
    this.#written = new Float64Array(connections);
  }

  /** Triples of connection, bytes read, bytes written. */
  add(triples: readonly number[]): void {
    const told = new Set<() => void>();
    for (let at = 0; at + 2 < triples.length; at += 3) {
      const id = triples[at] ?? 0;
      this.#read[id] = this.read(id) + (triples[at + 1] ?? 0);
      this.#written[id] = this.written(id) + (triples[at + 2] ?? 0);
      const listener = this.#listeners.get(id);
      if (listener) told.add(listener);
    }
    for (const listener of told) listener();
  }

  /** Something other than bytes has changed: a connection that is dropped has no more of them. */
  changed(connection: number): void {
    this.#listeners.get(connection)?.();
  }

  read(connection: number): number {
    return this.#read[connection] ?? 0;
  }

  written(connection: number): number {
    return this.#written[connection] ?? 0;
  }

  onChange(connections: readonly number[], listener: () => void): () => void {
    for (const id of connections) this.#listeners.set(id, listener);
    return () => {
      for (const id of connections) this.#listeners.delete(id);
    };
  }
}
