import * as z from "zod";
import { type Left, NOTHING_LEFT } from "../protocol/left.ts";

/**
 * What a run makes on the deployment. Every entry is on the disk *before* the request that it is about:
 * `asking` before a creation, `exists` when it is known to be there, `refused` when it is known not to have
 * been made, `gone` when it is known to be deleted. Whatever was asked for and is not known to be gone or
 * refused may exist, and is looked for by name.
 */
export const journalEntrySchema = z.object({
  v: z.literal(1),
  /** Unix milliseconds. */
  t: z.number(),
  kind: z.enum(["user", "workspace", "token"]),
  op: z.enum(["asking", "exists", "refused", "gone"]),
  name: z.string(),
  /** A token's id is its first ten characters, never its secret. */
  id: z.string().optional(),
  /** User that a workspace or token belongs to. */
  owner: z.string().optional(),
});
export type JournalEntry = z.infer<typeof journalEntrySchema>;
/** As it is written: time and version are added. */
export type NewEntry = Omit<JournalEntry, "v" | "t">;
export type ResourceKind = JournalEntry["kind"];

export interface JournalResource {
  kind: ResourceKind;
  name: string;
  id: string | undefined;
  owner: string | undefined;
  /** False: asked for, but never confirmed. */
  confirmed: boolean;
}

/** What may still exist, by the entries so far. */
export class JournalState {
  #resources = new Map<string, JournalResource>();
  #removed: Left = { ...NOTHING_LEFT };
  /** What `left` says until the next entry: it is asked several times a second, of thousands of resources. */
  #left: readonly JournalResource[] | undefined;

  apply(entry: NewEntry): void {
    this.#left = undefined;
    const key = `${entry.kind}:${entry.owner ?? ""}:${entry.name}`;
    if (entry.op === "gone" || entry.op === "refused") {
      this.#resources.delete(key);
      if (entry.op === "gone") this.#removed[`${entry.kind}s`]++;
      return;
    }
    const known = this.#resources.get(key);
    this.#resources.set(key, {
      kind: entry.kind,
      name: entry.name,
      id: entry.id ?? known?.id,
      owner: entry.owner ?? known?.owner,
      confirmed: entry.op === "exists" || (known?.confirmed ?? false),
    });
  }

  remaining(kind?: ResourceKind): JournalResource[] {
    const all = [...this.#resources.values()];
    return kind ? all.filter((resource) => resource.kind === kind) : all;
  }

  /** All that has to be cleaned up by itself: a token of one of the run's own users goes with the user. */
  left(): readonly JournalResource[] {
    this.#left ??= this.#findLeft();
    return this.#left;
  }

  #findLeft(): JournalResource[] {
    const users = this.remaining("user");
    const names = new Set(users.map((user) => user.name));
    const ids = new Set(users.map((user) => user.id));
    const goesAlong = ({ name, owner }: JournalResource) =>
      names.has(name) || (owner !== undefined && ids.has(owner));
    return this.remaining().filter((one) => one.kind !== "token" || !goesAlong(one));
  }

  /** What was found to be gone so far. */
  get removed(): Left {
    return { ...this.#removed };
  }

  /**
   * Entries by which this journal takes note of what another run has found to be gone: the same thing under the same
   * name, and what goes with a user: its tokens, and its workspaces, without which alone a deployment lets it go.
   * Where both sides know an id, it decides.
   */
  ends(gone: NewEntry): NewEntry[] {
    const ended = this.remaining().filter((one) => isSame(one, gone) || goesWith(one, gone));
    return ended.map(({ kind, name, owner }) => ({
      kind,
      op: "gone",
      name,
      ...(owner === undefined ? {} : { owner }),
    }));
  }

  count(kind: ResourceKind): number {
    let count = 0;
    for (const resource of this.#resources.values()) if (resource.kind === kind) count++;
    return count;
  }
}

/** Applies a line of a journal; one of an unknown form is left out. */
export function takeEntry(state: JournalState, line: unknown): void {
  const entry = journalEntrySchema.safeParse(line);
  if (entry.success) state.apply(entry.data);
}

function isSame(known: JournalResource, gone: NewEntry): boolean {
  if (known.kind !== gone.kind) return false;
  if (known.id !== undefined && gone.id !== undefined) return known.id === gone.id;
  return known.name === gone.name && (known.owner ?? "") === (gone.owner ?? "");
}

function goesWith(known: JournalResource, gone: NewEntry): boolean {
  if (gone.kind !== "user" || gone.id === undefined) return false;
  return (
    (known.kind === "token" && known.owner === gone.id) ||
    (known.kind === "workspace" && known.owner === gone.name)
  );
}
