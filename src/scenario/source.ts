import {
  type Document,
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  type Node,
  parseDocument,
  type Scalar,
  visit,
  type YAMLError,
} from "yaml";
import { foreign, type Message, say, withTexts } from "../text/message.ts";
import type { Problem, Range } from "./problem.ts";
import { yamlProblem } from "./yaml-error.ts";

/** More than any scenario has. */
const MAX_LENGTH = 64 * 1024;
/** Of a file that is no YAML at all. */
const MOST_ERRORS = 50;
const LONG_LINE = 1_000;
const MAX_DEPTH = 200;

/** Where a problem is: a node of the file, or a part of its text. */
export type Place = Node | { offset: number; length: number };

/** A key with its value; `value` is undefined where nothing is behind the colon, or what is there could not be read. */
export interface Entry {
  name: string;
  key: Place;
  value: Node | undefined;
  /** Why there is no value has been told. */
  isTold: boolean;
}

/** A file that has been parsed, with its places, and what was found wrong with it so far. */
export class Source {
  readonly text: string;
  readonly document: Document;
  readonly problems: Problem[] = [];
  /** It has no tree to go on with. */
  readonly isBroken: boolean;
  /** Lines whose one mistake has several consequences: it alone is a problem. */
  readonly #toldLines = new Set<number>();
  /** What `--set` has put in: it has no place of its own in the file. */
  readonly #given = new WeakMap<object, string>();
  readonly #lineStarts: number[];

  constructor(text: string) {
    // A byte order mark is none of the text, for editors either.
    this.text = text.replace(/^\uFEFF/, "");
    this.#lineStarts = [0, ...[...this.text.matchAll(/\n/g)].map(({ index }) => index + 1)];
    const isTooMuch = this.#isTooMuch();
    this.document = parseDocument(isTooMuch ? "" : this.text, {
      version: "1.2",
      schema: "core",
      merge: false,
      prettyErrors: false,
      logLevel: "error",
    });
    const { errors, warnings } = this.document;
    for (const error of errors.slice(0, MOST_ERRORS)) this.#yamlError(error);
    for (const { pos, message } of warnings)
      this.warn({ offset: pos[0], length: pos[1] - pos[0] }, foreign(message));
    this.isBroken = isTooMuch || errors.some(({ code }) => code !== "DUPLICATE_KEY");
  }

  /** Told where it is. */
  #isTooMuch(): boolean {
    const isLong = this.text.length > MAX_LENGTH;
    const deepAt = isLong ? -1 : deepIn(this.text);
    if (isLong)
      this.error(
        { offset: 0, length: 1 },
        say("is longer than {0} KiB; make it shorter", MAX_LENGTH / 1_024),
      );
    if (deepAt >= 0) this.error({ offset: deepAt, length: 1 }, say("is nested too deeply"));
    return isLong || deepAt >= 0;
  }

  error(place: Place, message: Message): void {
    this.#add("error", place, message);
  }

  warn(place: Place, message: Message): void {
    this.#add("warning", place, message);
  }

  #add(severity: Problem["severity"], place: Place, message: Message): void {
    const given = this.#given.get(place);
    const bare = withTexts(message, oneLine);
    const told =
      given === undefined
        ? { message: bare }
        : { message: withTexts(say("--set {0}: {1}", given, message), oneLine), bare };
    this.problems.push({ ...told, severity, range: this.rangeOf(place) });
  }

  rangeOf(place: Place): Range {
    const [start, end] = "offset" in place ? [place.offset, place.offset + place.length] : edgesOf(place);
    return { start: this.#position(start), end: this.#position(Math.max(start, end)) };
  }

  #position(offset: number): Range["start"] {
    let [low, high] = [0, this.#lineStarts.length];
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if ((this.#lineStarts[middle] ?? 0) <= offset) low = middle;
      else high = middle;
    }
    return { line: low, column: offset - (this.#lineStarts[low] ?? 0) };
  }

  /** A part of a scalar's text; the whole scalar where the text stands otherwise in the file, with escapes. */
  inside(node: Node, text: string, offset: number, length: number): Place {
    const [start, end] = edgesOf(node);
    const at = this.#given.has(node) || text === "" ? -1 : this.text.slice(start, end).indexOf(text);
    if (at < 0) return node;
    return { offset: start + at + offset, length: Math.min(length, Math.max(1, end - start - at - offset)) };
  }

  /** Problems of something that is not in the file stand at `place`. */
  give(node: Node, place: Place, as: string): void {
    const [start, end] = "offset" in place ? [place.offset, place.offset + place.length] : edgesOf(place);
    visit(node, {
      Node: (_key, one) => {
        one.range = [start, end, end];
        this.#given.set(one, as);
      },
    });
  }

  /** What an alias stands for. Told where it stands for nothing. */
  resolved(node: unknown): Node | undefined {
    if (!isNode(node)) return undefined;
    if (!isAlias(node)) return node;
    const target = node.resolve(this.document);
    if (!target) this.error(node, say("there is no anchor &{0}; write the value here", node.source));
    return target;
  }

  /** Keys and values of a map; undefined where it is none, and a problem says: "must be …". */
  entries(node: Node | undefined, rule: Message): Entry[] | undefined {
    const map = this.resolved(node);
    if (!isMap(map)) {
      if (map) this.error(map, rule);
      return undefined;
    }
    const found = new Map<string, Entry>();
    for (const { key, value } of map.items) {
      const entry = this.#entry(this.resolved(key) ?? map, value);
      // A key that is there twice has a problem; the first one counts.
      if (entry && !found.has(entry.name)) found.set(entry.name, entry);
    }
    return [...found.values()];
  }

  #entry(key: Node, node: unknown): Entry | undefined {
    if (!isScalar(key)) {
      this.error(key, say("a key must be a word; quote it if it has to hold anything else"));
      return undefined;
    }
    const name = sourceOf(key);
    if (name === "<<") {
      this.error(key, say("merge keys (<<) are not supported; write the keys out"));
      return undefined;
    }
    const value = isEmpty(node) ? undefined : this.resolved(node);
    return { name, key, value, isTold: value === undefined && !isEmpty(node) };
  }

  /** Items of a list; undefined where it is none, and a problem says so. */
  items(node: Node | undefined, rule: Message): Node[] | undefined {
    const list = this.resolved(node);
    if (isSeq(list)) return list.items.flatMap((item) => this.resolved(item) ?? []);
    if (list) this.error(list, rule);
    return undefined;
  }

  /** As much of a line as says what is wrong with it. */
  #line(at: number): string {
    const from = this.#lineStarts[at] ?? 0;
    const until = this.#lineStarts[at + 1] ?? this.text.length;
    return this.text.slice(from, Math.min(until, from + LONG_LINE));
  }

  #yamlError({ code, message, pos: [from, to] }: YAMLError): void {
    const at = this.#position(from).line;
    const line = this.#line(at);
    if (this.#toldLines.has(at)) return;
    if (code === "DUPLICATE_KEY") {
      const name = /^[\w.-]+/.exec(this.text.slice(from))?.[0] ?? "this key";
      this.error({ offset: from, length: name.length }, say('"{0}" is here twice; keep one of them', name));
      return;
    }
    const { said, perLine } = yamlProblem(code, line, message);
    if (perLine) this.#toldLines.add(at);
    this.error({ offset: from, length: Math.max(1, to - from) }, said);
  }
}

/** What would take a parser for ever: a file may be anybody's. */
export function isTooMuch(text: string): boolean {
  return text.length > MAX_LENGTH || deepIn(text) >= 0;
}

/** Where brackets, dashes or blanks go deeper than any scenario does, in quotes or not; -1: nowhere. */
function deepIn(text: string): number {
  let depth = 0;
  for (const { 0: sign, index } of text.matchAll(/[[\]{}]/g)) {
    depth = Math.max(0, depth + (sign === "[" || sign === "{" ? 1 : -1));
    if (depth > MAX_DEPTH) return index;
  }
  return /^[ \t?-]{100}/m.exec(text)?.index ?? -1;
}

/** The text of a scalar as it stands in the file, without its quotes: `1.10` is "1.10". */
export function sourceOf(scalar: Scalar): string {
  return scalar.source ?? String(scalar.value ?? "");
}

/** Nothing, where `null` and `~` are something. */
function isEmpty(value: unknown): boolean {
  return value === null || (isScalar(value) && value.value === null && sourceOf(value) === "");
}

function edgesOf(node: Node): [number, number] {
  return node.range ? [node.range[0], node.range[1]] : [0, 0];
}

function oneLine(text: string): string {
  return text.replace(/\s*[\r\n]+\s*/g, " ").trim();
}
