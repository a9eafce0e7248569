import type { PrepareContext } from "../contract/prepare.ts";
import { say } from "../text/message.ts";

/** Workspaces that a clean-up has deleted without what they stand for, to be told of at its end. */
export class Orphaned {
  readonly #allowed: boolean;
  readonly #names: string[] = [];

  constructor(allowed: boolean) {
    this.#allowed = allowed;
  }

  /** For the deletion of one. */
  of(name: string): { orphan: boolean; orphaned: () => void } {
    return { orphan: this.#allowed, orphaned: () => void this.#names.push(name) };
  }

  tell({ warn }: Pick<PrepareContext, "warn">): void {
    const [first, ...others] = this.#names;
    if (first === undefined) return;
    const names = others.length > 0 ? say("{0} and {1} more", first, others.length) : first;
    warn(
      say(
        "deleted without their resources, which may still exist and have to be removed by hand: {0}",
        names,
      ),
    );
  }
}
