import { createHash } from "node:crypto";
import type { Scenario } from "../../../scenario/model.ts";
import type { Memory } from "../../host.ts";

const KEY = "scaletest.allowedPrograms";
/** The oldest are asked for again. */
const MOST = 500;

/** Which programs of scenarios a person has seen and allowed: by hashes of what is run, and of the file that says it. */
export class Consents {
  readonly #memory: Memory;

  constructor(memory: Memory) {
    this.#memory = memory;
  }

  /** Whether all of them have been allowed. */
  has(hashes: readonly string[]): boolean {
    const known = new Set(this.#list());
    return hashes.every((hash) => known.has(hash));
  }

  async add(hashes: readonly string[]): Promise<void> {
    const others = this.#list().filter((one) => !hashes.includes(one));
    await this.#memory.update(KEY, [...others, ...hashes].slice(-MOST));
  }

  #list(): readonly string[] {
    return this.#memory.get<string[]>(KEY) ?? [];
  }
}

/** Each changes with every word of what a step runs, with its folder, and with the file; not with anything else in it. */
export function programHashes(file: string, { steps }: Pick<Scenario, "steps">): string[] {
  return steps.flatMap(({ checked }) =>
    checked?.program === undefined
      ? []
      : [
          createHash("sha256")
            .update(JSON.stringify([file, checked.config]))
            .digest("hex"),
        ],
  );
}
