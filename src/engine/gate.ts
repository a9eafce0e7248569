/** A gate that new work passes: closed, it waits; what is under way goes on. */
export class Gate {
  #closed: Promise<void> | undefined;
  #open: () => void = () => undefined;

  get paused(): boolean {
    return this.#closed !== undefined;
  }

  pause(): void {
    this.#closed ??= new Promise((resolve) => {
      this.#open = resolve;
    });
  }

  resume(): void {
    this.#open();
    this.#closed = undefined;
  }

  /** Resolves when the gate is open; rejects with the signal's reason. */
  async pass(signal: AbortSignal): Promise<void> {
    while (this.#closed) {
      signal.throwIfAborted();
      await Promise.race([this.#closed, aborted(signal)]);
    }
    signal.throwIfAborted();
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
}
