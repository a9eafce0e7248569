/** Why new work waits. */
type Reason = "paused" | "session";

/** A gate that new work passes: closed, for one reason or several, it waits; what is under way goes on. */
export class Gate {
  #reasons = new Set<Reason>();
  #closed: Promise<void> | undefined;
  #open: () => void = () => undefined;

  get paused(): boolean {
    return this.#reasons.has("paused");
  }

  close(reason: Reason): void {
    this.#reasons.add(reason);
    this.#closed ??= new Promise((resolve) => {
      this.#open = resolve;
    });
  }

  open(reason: Reason): void {
    this.#reasons.delete(reason);
    if (this.#reasons.size > 0) return;
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
