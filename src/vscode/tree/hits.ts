import type { TreeNode } from "./node.ts";

interface Known {
  /** How often the cause had struck when its lines were asked for. */
  version: string;
  lines: TreeNode[];
}

/**
 * The workspaces that each cause hit. Asked of the runner again only where there are more of them, and nobody waits
 * for that: a drawing would wait with it, and everything else in it.
 */
export class HitLines {
  readonly #ask: (cause: TreeNode) => Promise<TreeNode[]>;
  readonly #changed: () => void;
  #known = new Map<string, Known>();
  #asking = new Set<string>();

  constructor(ask: (cause: TreeNode) => Promise<TreeNode[]>, changed: () => void) {
    this.#ask = ask;
    this.#changed = changed;
  }

  /** Those that are known; the first ones have to be waited for. */
  of(cause: TreeNode): TreeNode[] | Promise<TreeNode[]> {
    const known = this.#known.get(cause.id);
    if (!known) return this.#learn(cause);
    if (known.version !== cause.description && !this.#asking.has(cause.id)) {
      this.#asking.add(cause.id);
      void this.#learn(cause)
        .then(() => this.#changed())
        .finally(() => this.#asking.delete(cause.id));
    }
    return known.lines;
  }

  async #learn(cause: TreeNode): Promise<TreeNode[]> {
    const lines = await this.#ask(cause);
    this.#known.set(cause.id, { version: cause.description, lines });
    return lines;
  }
}
