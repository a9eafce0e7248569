import { createHash } from "node:crypto";
import type { Scenario } from "../../../scenario/model.ts";
import type { Memory } from "../../host.ts";

const KEY = "scaletest.allowedPrograms";
/** The oldest are asked for again. */
const MOST = 500;

/** Which programs of scenarios a person has seen and allowed: by a hash of what is run, and of the file that says it. */
export class Consents {
  readonly #memory: Memory;

  constructor(memory: Memory) {
    this.#memory = memory;
  }

  has(hash: string): boolean {
    return this.#list().includes(hash);
  }

  async add(hash: string): Promise<void> {
    await this.#memory.update(KEY, [...this.#list().filter((one) => one !== hash), hash].slice(-MOST));
  }

  #list(): readonly string[] {
    return this.#memory.get<string[]>(KEY) ?? [];
  }
}

/** Changes with each word of what the steps run, with the folder, and with the file; not with anything else in it. */
export function programsHash(file: string, { steps }: Pick<Scenario, "steps">): string {
  const programs = steps.flatMap(({ checked }) => (checked?.program === undefined ? [] : [checked.config]));
  return createHash("sha256")
    .update(JSON.stringify([file, programs]))
    .digest("hex");
}
