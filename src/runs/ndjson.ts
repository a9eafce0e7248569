import { createReadStream } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { createInterface } from "node:readline";

/** The lines of a file as they are read, so that a long one is never in memory as a whole. */
export function ndjsonLines(file: string): AsyncIterable<string> {
  return createInterface({ input: createReadStream(file, "utf8") });
}

/**
 * Appends lines of JSON to a file. Lines of one moment go out in one write; `append` with `durable`
 * resolves when its line is on the disk, and shares the flush with all others that wait.
 */
export class NdjsonWriter {
  #file: FileHandle;
  #pending: string[] = [];
  #flushing: Promise<void> | undefined;
  #durable = false;
  /** The first write that failed; everything after it fails with the same. */
  #failed: Error | undefined;

  private constructor(file: FileHandle) {
    this.#file = file;
  }

  static async open(path: string): Promise<NdjsonWriter> {
    return new NdjsonWriter(await open(path, "a", 0o600));
  }

  /** Rejects where the disk refuses; a caller that needs no certainty may ignore the promise. */
  append(value: unknown, durable = false): Promise<void> {
    if (this.#failed) return Promise.reject(this.#failed);
    this.#pending.push(`${JSON.stringify(value)}\n`);
    this.#durable ||= durable;
    this.#flushing ??= this.#flush();
    return this.#flushing;
  }

  /** Ends a line that a crash may have left unfinished; an empty line is no entry. */
  async newLine(): Promise<void> {
    await this.#file.appendFile("\n");
  }

  async #flush(): Promise<void> {
    // One turn of the loop: whatever else is appended now shares this write.
    await new Promise((resolve) => setImmediate(resolve));
    const text = this.#pending.join("");
    const durable = this.#durable;
    this.#pending = [];
    this.#durable = false;
    try {
      await this.#file.appendFile(text);
      if (durable) await this.#file.datasync();
    } catch (error) {
      this.#failed = error instanceof Error ? error : new Error(String(error));
      throw this.#failed;
    } finally {
      this.#flushing = undefined;
    }
    if (this.#pending.length > 0) {
      this.#flushing = this.#flush();
      await this.#flushing;
    }
  }

  async close(): Promise<void> {
    await this.#flushing?.catch(() => undefined);
    await this.#file.close();
  }
}

/**
 * Lines of JSON of a file, as many at a time as a piece of it holds, so that others have their turn between them.
 * Rejects where the file cannot be read.
 */
export async function* readNdjson(file: string): AsyncGenerator<unknown[]> {
  let rest = "";
  for await (const piece of createReadStream(file, { encoding: "utf8" })) {
    const text = rest + String(piece);
    const end = text.lastIndexOf("\n") + 1;
    rest = text.slice(end);
    yield parseNdjson(text.slice(0, end));
  }
  yield parseNdjson(rest);
}

/** Lines of JSON; a torn last line, as a crash leaves it, is left out. */
export function parseNdjson(text: string): unknown[] {
  const values: unknown[] = [];
  for (const line of text.split("\n")) {
    if (line === "") continue;
    try {
      values.push(JSON.parse(line));
    } catch {
      // Only the last line can be torn; anything after it would be from another writer, and is kept.
    }
  }
  return values;
}
