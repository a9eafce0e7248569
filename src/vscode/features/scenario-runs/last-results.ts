import { access } from "node:fs/promises";
import path from "node:path";
import { SCENARIO_FILE } from "../../../runs/run-file.ts";
import type { RunEntry } from "../../../runs/run-list.ts";
import type { RunEnd } from "../../../runs/summary.ts";
import type { Log } from "../../host.ts";
import { messageOf } from "../../host.ts";
import type { RunList } from "../../model/runs/run-list.ts";
import { Signal } from "../../signal.ts";

/** A run of a scenario that has come to a result. */
export type ScenarioResult = RunEntry & { result: RunEnd };

/** Earlier results of scenarios, by what their runs are called: those of the command line are among them. */
export class LastResults {
  readonly changed = new Signal<void>();
  readonly #runs: Pick<RunList, "stored">;
  #found: Promise<ReadonlyMap<string, readonly ScenarioResult[]>> | undefined;
  readonly #unsubscribe: () => void;

  constructor(runs: Pick<RunList, "stored" | "finished">, log: Log) {
    this.#runs = {
      stored: () =>
        runs.stored().catch((error: unknown) => {
          log.warn(messageOf(error));
          return [];
        }),
    };
    this.#unsubscribe = runs.finished.on(() => {
      this.#found = undefined;
      this.changed.emit();
    });
  }

  /** The newest first. */
  async of(title: string): Promise<readonly ScenarioResult[]> {
    this.#found ??= this.#find();
    return (await this.#found).get(title) ?? [];
  }

  async #find(): Promise<ReadonlyMap<string, readonly ScenarioResult[]>> {
    const found = new Map<string, ScenarioResult[]>();
    for (const { result, ...entry } of await this.#runs.stored()) {
      if (!result || !(await hasScenario(entry.folder))) continue;
      const { title } = entry.file;
      found.set(title, [...(found.get(title) ?? []), { ...entry, result }]);
    }
    return found;
  }

  dispose(): void {
    this.#unsubscribe();
  }
}

function hasScenario(folder: string): Promise<boolean> {
  return access(path.join(folder, SCENARIO_FILE)).then(
    () => true,
    () => false,
  );
}
