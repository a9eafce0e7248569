import {
  isMap,
  isPair,
  isScalar,
  isSeq,
  type Node,
  type Pair,
  parseDocument,
  type Scalar,
  visit,
} from "yaml";

import { isTooMuch } from "../../../../scenario/source.ts";

/** Where in a file something is written: keys and places of lists from the root to it. */
export type Path = readonly (string | number)[];

/** What is being written at a place of a file. */
export interface Cursor {
  /** Of the map that a key is written in, or of the value. */
  path: Path;
  writes: "key" | "value";
  /** Keys that the map has already. */
  siblings: readonly string[];
  /** The word that is written, which what is chosen takes the place of. */
  from: number;
  to: number;
  /** What stands before that word in its text: of a threshold, all that says what may follow. */
  before: string;
  /** What follows the word on its line. */
  behind: string;
  /** Behind the word of a key, a colon stands already. */
  hasColon: boolean;
  /** The file with a word of no meaning at the cursor: it can be parsed where the unfinished one cannot. */
  text: string;
}

/** Of the private use area: nobody writes it. */
const MARK = "\u{E000}";

/** undefined where nothing can be offered: in a comment, in a key that is written out. */
export function cursorAt(text: string, offset: number): Cursor | undefined {
  if (isTooMuch(text)) return undefined;
  const start = text.lastIndexOf("\n", offset - 1) + 1;
  const end = lineEnd(text, offset);
  const from = offset - (/[\w-]*$/.exec(text.slice(start, offset))?.[0].length ?? 0);
  const to = offset + (/^[\w-]*/.exec(text.slice(offset, end))?.[0].length ?? 0);
  const [ahead, behind] = [text.slice(start, from), text.slice(to, end)];
  // A colon without a blank behind it is no end of a key.
  if (ahead.endsWith(":")) return undefined;
  const isAlone = /^\s*(-\s+)*$/.test(ahead) && /^\s*(#.*)?$/.test(behind);
  const marked = text.slice(0, from) + (isAlone ? `${MARK}:` : MARK);
  // What follows may be what keeps it from being parsed.
  for (const whole of [marked + text.slice(to), marked + behind, marked]) {
    const found = markIn(whole);
    if (found) return { ...found, from, to, behind, hasColon: /^\s*:(\s|$)/.test(behind), text: whole };
  }
  return undefined;
}

function lineEnd(text: string, offset: number): number {
  const end = text.indexOf("\n", offset);
  return end < 0 ? text.length : end;
}

function markIn(text: string): Pick<Cursor, "path" | "writes" | "siblings" | "before"> | undefined {
  const document = parseDocument(text, { version: "1.2", schema: "core", logLevel: "silent" });
  let found: ReturnType<typeof markIn>;
  visit(document, {
    Scalar: (role, node, ancestors) => {
      const before = beforeMark(node);
      if (before === undefined) return;
      const path = pathOf(ancestors as readonly Node[], node);
      // A key and nothing else, in a list of texts, is the begin of a text.
      found =
        role === "key"
          ? { path, writes: "key", siblings: siblingsOf(ancestors as readonly Node[]), before }
          : { path, writes: "value", siblings: [], before };
      return visit.BREAK;
    },
  });
  return found;
}

function beforeMark(node: Scalar): string | undefined {
  const text = typeof node.value === "string" ? node.value : "";
  const at = text.indexOf(MARK);
  return at < 0 ? undefined : text.slice(0, at);
}

/** Keys and places down to a node; of a key, those of its map. */
export function pathOf(ancestors: readonly unknown[], node: unknown): Path {
  const line = [...ancestors, node];
  return line.flatMap((one, at): (string | number)[] => {
    const next = line[at + 1];
    if (isSeq(one)) return [one.items.indexOf(next as Node)];
    if (isPair(one) && next !== undefined && next !== one.key) return [keyOf(one)];
    return [];
  });
}

function siblingsOf(ancestors: readonly unknown[]): string[] {
  const map = ancestors.findLast((one) => isMap(one));
  return isMap(map) ? map.items.map(keyOf).filter((key) => !key.includes(MARK)) : [];
}

function keyOf({ key }: Pair): string {
  return isScalar(key) ? (key.source ?? String(key.value)) : "";
}
