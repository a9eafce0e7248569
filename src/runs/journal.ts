import { readFile } from "node:fs/promises";
import path from "node:path";
import * as z from "zod";
import { type Left, NOTHING_LEFT } from "../protocol/left.ts";
import { NdjsonWriter, parseNdjson } from "./ndjson.ts";
import { JOURNAL_FILE } from "./run-file.ts";

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
export type ResourceKind = JournalEntry["kind"];

export interface JournalResource {
  kind: ResourceKind;
  name: string;
  id: string | undefined;
  owner: string | undefined;
  /** False: asked for, but never confirmed. */
  confirmed: boolean;
}

const KINDS = {
  user: "users",
  workspace: "workspaces",
  token: "tokens",
} as const satisfies Record<ResourceKind, keyof Left>;

/** What may still exist, by the entries so far. */
export class JournalState {
  #resources = new Map<string, JournalResource>();

  apply(entry: Omit<JournalEntry, "v" | "t">): void {
    const key = `${entry.kind}:${entry.owner ?? ""}:${entry.name}`;
    if (entry.op === "gone" || entry.op === "refused") {
      this.#resources.delete(key);
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
  left(): JournalResource[] {
    const users = new Set(this.remaining("user").map((user) => user.name));
    return this.remaining().filter((one) => one.kind !== "token" || !users.has(one.name));
  }

  /** How many of each kind have to be cleaned up by themselves. */
  leftByKind(): Left {
    const left = { ...NOTHING_LEFT };
    for (const { kind } of this.left()) left[KINDS[kind]]++;
    return left;
  }

  count(kind: ResourceKind): number {
    let count = 0;
    for (const resource of this.#resources.values()) if (resource.kind === kind) count++;
    return count;
  }
}

export class Journal {
  readonly state: JournalState;
  #writer: NdjsonWriter;

  private constructor(writer: NdjsonWriter, state: JournalState) {
    this.#writer = writer;
    this.state = state;
  }

  static async open(folder: string, state = new JournalState()): Promise<Journal> {
    return new Journal(await NdjsonWriter.open(path.join(folder, JOURNAL_FILE)), state);
  }

  /** Goes on with the journal that a folder has: its entries so far count, new ones come after them. */
  static async resume(folder: string): Promise<Journal> {
    const journal = await Journal.open(folder, await readJournal(folder));
    // A torn last line must not swallow the next entry.
    await journal.#writer.newLine();
    return journal;
  }

  /** Told once where the file cannot be written any more. */
  onWriteError: (error: Error) => void = () => undefined;
  #told = false;

  /**
   * Resolves when the entry is on the disk. Rejects where `asking` cannot be written: then nothing may be
   * created. That something exists or is gone can be found out again by its name, so the loss of such an
   * entry ends nothing.
   */
  async write(entry: Omit<JournalEntry, "v" | "t">): Promise<void> {
    try {
      await this.#writer.append({ v: 1, t: Date.now(), ...entry } satisfies JournalEntry, true);
    } catch (error) {
      const failure = error instanceof Error ? error : new Error(String(error));
      if (!this.#told) this.onWriteError(failure);
      this.#told = true;
      if (entry.op === "asking") throw new Error(`the run's journal cannot be written (${failure.message})`);
    }
    this.state.apply(entry);
  }

  async close(): Promise<void> {
    await this.#writer.close();
  }
}

/** Reads the journal of a run's folder; entries of an unknown form are left out. */
export async function readJournal(folder: string): Promise<JournalState> {
  const text = await readFile(path.join(folder, JOURNAL_FILE), "utf8").catch(() => "");
  const state = new JournalState();
  for (const value of parseNdjson(text)) {
    const entry = journalEntrySchema.safeParse(value);
    if (entry.success) state.apply(entry.data);
  }
  return state;
}
