export type Unsubscribe = () => void;

/** An event with listeners, for code that knows nothing of the editor. */
export class Signal<T> {
  #listeners = new Set<(value: T) => void>();

  on(listener: (value: T) => void): Unsubscribe {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  emit(value: T): void {
    for (const listener of [...this.#listeners]) listener(value);
  }
}
