import path from "node:path";
import { say } from "../text/message.ts";
import { SaidError } from "../text/said-error.ts";
import { type JournalEntry, JournalState, type NewEntry, takeEntry } from "./journal-state.ts";
import { NdjsonWriter, readNdjson } from "./ndjson.ts";
import { JOURNAL_FILE, refuseNewer } from "./run-file.ts";
import { Siblings } from "./siblings.ts";

export class Journal {
  readonly state: JournalState;
  #writer: NdjsonWriter;
  #siblings: Siblings;

  private constructor(writer: NdjsonWriter, state: JournalState, siblings: Siblings) {
    this.#writer = writer;
    this.state = state;
    this.#siblings = siblings;
  }

  static async open(folder: string, state = new JournalState()): Promise<Journal> {
    const writer = await NdjsonWriter.open(path.join(folder, JOURNAL_FILE));
    return new Journal(writer, state, new Siblings(folder));
  }

  /**
   * Goes on with the journal that a folder has: its entries so far count, new ones come after them. Rejects with
   * NewerRun where a newer version made it: what it names cannot be told.
   */
  static async resume(folder: string): Promise<Journal> {
    await refuseNewer(folder);
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
   * entry ends nothing. What is gone is recorded in every journal beside this one that names it.
   */
  async write(entry: NewEntry): Promise<void> {
    try {
      await this.#writer.append({ v: 1, t: Date.now(), ...entry } satisfies JournalEntry, true);
    } catch (error) {
      const failure = error instanceof Error ? error : new Error(String(error));
      if (!this.#told) this.onWriteError(failure);
      this.#told = true;
      if (entry.op === "asking")
        throw new SaidError(say("the run's journal cannot be written ({0})", failure.message));
    }
    this.state.apply(entry);
    if (entry.op === "gone") await this.#siblings.gone(entry);
  }

  async close(): Promise<void> {
    await this.#writer.close();
  }
}

/**
 * Reads the journal of a run's folder, a piece at a time; entries of an unknown form are left out. Where it cannot be
 * read to its end, what was read counts.
 */
export async function readJournal(folder: string): Promise<JournalState> {
  const state = new JournalState();
  try {
    for await (const lines of readNdjson(path.join(folder, JOURNAL_FILE)))
      for (const line of lines) takeEntry(state, line);
  } catch {
    // A run that made nothing has no journal.
  }
  return state;
}
