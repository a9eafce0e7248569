import { type FileHandle, open } from "node:fs/promises";
import { ndjsonLines } from "./ndjson.ts";

/** A file up to this size is read as a whole. */
const WHOLE_BYTES = 4 * 1024 * 1024;
const PIECE_BYTES = 32 * 1024;
/** No line of ours is longer. */
const MOST_LINE_BYTES = 8 * 1024 * 1024;

/**
 * Lines of a file, evenly spread over it, at most about `most`; of a small one, all of them. Of a long file, only the
 * lines that are asked for are read. A line that was not written to its end is none. Rejects where it cannot be read.
 */
export async function* spreadLines(path: string, most: number): AsyncGenerator<string> {
  const file = await open(path, "r");
  try {
    const { size } = await file.stat();
    if (size > WHOLE_BYTES) yield* linesAt(file, size, most);
    else yield* thinned(path, most);
  } finally {
    await file.close();
  }
}

async function* thinned(path: string, most: number): AsyncGenerator<string> {
  const lines: string[] = [];
  for await (const line of ndjsonLines(path)) if (line !== "") lines.push(line);
  const every = Math.max(1, Math.ceil(lines.length / most));
  for (let at = 0; at < lines.length; at += every) yield lines[at] ?? "";
}

/** The line that begins behind each of so many places, and none twice. */
async function* linesAt(file: FileHandle, size: number, most: number): AsyncGenerator<string> {
  let readUpTo = 0;
  for (let n = 0; n < most; n++) {
    const place = Math.floor((n / most) * size);
    if (place < readUpTo) continue;
    const found = await lineAfter(file, place, place === 0);
    if (!found) return;
    readUpTo = found.end;
    yield found.text;
  }
}

/** The first whole line from a place on; `begins`: one begins at that place. */
async function lineAfter(
  file: FileHandle,
  place: number,
  begins: boolean,
): Promise<{ text: string; end: number } | undefined> {
  let read = Buffer.alloc(0);
  while (read.length < MOST_LINE_BYTES) {
    const piece = Buffer.alloc(Math.max(PIECE_BYTES, read.length));
    const { bytesRead } = await file.read(piece, 0, piece.length, place + read.length);
    if (bytesRead === 0) return undefined;
    read = Buffer.concat([read, piece.subarray(0, bytesRead)]);
    const from = begins ? 0 : read.indexOf(NEWLINE) + 1;
    const end = from === 0 && !begins ? -1 : read.indexOf(NEWLINE, from);
    if (end !== -1) return { text: read.toString("utf8", from, end), end: place + end + 1 };
  }
  return undefined;
}

const NEWLINE = 0x0a;
