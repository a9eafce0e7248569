import type { TreeNode } from "./node.ts";

interface Known {
  /** How often the cause had struck when its lines were asked for. */
  count: number;
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

  /** Those that are known; the first ones have to be waited for. None where nobody answers: then it is asked again. */
  of(cause: TreeNode): TreeNode[] | Promise<TreeNode[]> {
    const known = this.#known.get(cause.id);
    if (!known) return this.#learn(cause).catch(() => []);
    if (known.count !== countOf(cause) && !this.#asking.has(cause.id)) {
      this.#asking.add(cause.id);
      this.#learn(cause)
        .then(() => this.#changed())
        .catch(() => undefined)
        .finally(() => this.#asking.delete(cause.id));
    }
    return known.lines;
  }

  async #learn(cause: TreeNode): Promise<TreeNode[]> {
    const count = countOf(cause);
    const lines = await this.#ask(cause);
    this.#known.set(cause.id, { count, lines });
    return lines;
  }
}

function countOf({ hit }: TreeNode): number {
  return hit?.count ?? 0;
}
