import { appendFile, readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { JournalState, type NewEntry, takeEntry } from "./journal-state.ts";
import { parseNdjson } from "./ndjson.ts";
import { isNewer } from "./newer.ts";
import { JOURNAL_FILE, readRunHead } from "./run-file.ts";

interface Sibling {
  file: string;
  state: JournalState;
}

/**
 * The journals of the other runs beside one. What a run removes may be named there, too: by the run that made it, by
 * a clean-up that failed at it, by traffic that had a token of its owner.
 */
export class Siblings {
  readonly #folder: string;
  #all: Promise<Sibling[]> | undefined;

  /** `folder` is that of the run itself. */
  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Records there what is gone. Never rejects: what cannot be recorded is looked for, and not found, another time. */
  async gone(entry: NewEntry): Promise<void> {
    this.#all ??= this.#read();
    for (const { file, state } of await this.#all) {
      const entries = state.ends(entry);
      if (entries.length === 0) continue;
      for (const one of entries) state.apply(one);
      const lines = entries.map((one) => `${JSON.stringify({ v: 1, t: Date.now(), ...one })}\n`);
      await appendFile(file, lines.join(""), { mode: 0o600 }).catch(() => undefined);
    }
  }

  /** Those that name anything. A last line that a crash has torn is ended, so that it swallows no entry. */
  async #read(): Promise<Sibling[]> {
    const runs = path.dirname(this.#folder);
    const names = await readdir(runs).catch(() => [] as string[]);
    const found: Sibling[] = [];
    for (const name of names) {
      if (name === path.basename(this.#folder)) continue;
      const folder = path.join(runs, name);
      // A journal of a newer version is that version's to write.
      const head = await readRunHead(folder).catch(() => undefined);
      if (head && isNewer(head)) continue;
      const file = path.join(folder, JOURNAL_FILE);
      const text = await readFile(file, "utf8").catch(() => "");
      const state = stateOf(text);
      if (state.remaining().length === 0) continue;
      if (!text.endsWith("\n")) await appendFile(file, "\n").catch(() => undefined);
      found.push({ file, state });
    }
    return found;
  }
}

/** What a journal's text comes to; entries of an unknown form are left out. */
function stateOf(text: string): JournalState {
  const state = new JournalState();
  for (const value of parseNdjson(text)) takeEntry(state, value);
  return state;
}
