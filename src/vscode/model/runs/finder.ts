import { type Log, messageOf } from "../../host.ts";
import type { RunList } from "./run-list.ts";
import { watchRuns } from "./watch-runs.ts";

const FIND_AGAIN_MS = 1_000;

/** Looks for runs that others started: at once, when the folder changes, and again while one is too young. */
export class Finder {
  readonly #first: Promise<void>;
  readonly #runs: RunList;
  readonly #log: Log;
  readonly #unwatch: () => void;
  #again: ReturnType<typeof setTimeout> | undefined;

  constructor(runs: RunList, folder: string, log: Log) {
    this.#runs = runs;
    this.#log = log;
    this.#first = this.#find();
    this.#unwatch = watchRuns(folder, () => void this.#find());
  }

  /** The same as the list's, for what is restored with the window: it may be of a run that is still being looked for. */
  async open(id: string): ReturnType<RunList["open"]> {
    await this.#first;
    return this.#runs.open(id);
  }

  dispose(): void {
    clearTimeout(this.#again);
    this.#unwatch();
  }

  async #find(): Promise<void> {
    clearTimeout(this.#again);
    try {
      const again = await this.#runs.find();
      if (again) this.#again = setTimeout(() => void this.#find(), FIND_AGAIN_MS);
    } catch (error) {
      this.#log.warn(`the folder of runs could not be read: ${messageOf(error)}`);
    }
  }
}
