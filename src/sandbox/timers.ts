/** Timers that end with the sandbox. */
export class Timers {
  readonly #pending = new Set<NodeJS.Timeout>();
  #closed = false;

  after(ms: number, run: () => void): () => void {
    if (this.#closed) return () => undefined;
    const timer = setTimeout(() => {
      this.#pending.delete(timer);
      run();
    }, ms);
    this.#pending.add(timer);
    return () => {
      clearTimeout(timer);
      this.#pending.delete(timer);
    };
  }

  every(ms: number, run: () => void): () => void {
    if (this.#closed) return () => undefined;
    const timer = setInterval(run, ms);
    this.#pending.add(timer);
    return () => {
      clearInterval(timer);
      this.#pending.delete(timer);
    };
  }

  /** Never resolves once the sandbox is closed. */
  wait(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.after(ms, resolve);
    });
  }

  close(): void {
    this.#closed = true;
    for (const timer of this.#pending) clearTimeout(timer);
    this.#pending.clear();
  }
}
