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
import { reference } from "./variables.ts";

/** More than any scenario has. */
const MAX_LENGTH = 256 * 1024;
const MAX_DEPTH = 20;

/** Where a problem is: a node of the file, or a part of its text. */
export type Place = Node | { offset: number; length: number };

/** A key with its value; `value` is undefined where nothing is behind the colon. */
export interface Entry {
  name: string;
  key: Place;
  value: Node | undefined;
}

/** A file that has been parsed, with its places, and what was found wrong with it so far. */
export class Source {
  readonly text: string;
  readonly document: Document;
  readonly problems: Problem[] = [];
  /** It has no tree to go on with. */
  readonly isBroken: boolean;
  /** What `--set` has put in: it has no place of its own in the file. */
  readonly #given = new WeakMap<object, string>();
  readonly #lineStarts: number[];

  constructor(text: string) {
    // A byte order mark is none of the text, for editors either.
    this.text = text.replace(/^\uFEFF/, "");
    this.#lineStarts = [0, ...[...this.text.matchAll(/\n/g)].map(({ index }) => index + 1)];
    const isTooLong = this.text.length > MAX_LENGTH;
    this.document = parseDocument(isTooLong ? "" : this.text, {
      version: "1.2",
      schema: "core",
      merge: false,
      prettyErrors: false,
      logLevel: "silent",
    });
    if (isTooLong)
      this.error(
        { offset: 0, length: 1 },
        say("is longer than {0} KiB; make it shorter", MAX_LENGTH / 1_024),
      );
    const { errors, warnings } = this.document;
    for (const error of errors) this.#yamlError(error);
    for (const { pos, message } of warnings)
      this.warn({ offset: pos[0], length: pos[1] - pos[0] }, foreign(message));
    this.isBroken = isTooLong || errors.some(({ code }) => code !== "DUPLICATE_KEY") || this.#isDeep();
  }

  error(place: Place, message: Message): void {
    this.#add("error", place, message);
  }

  warn(place: Place, message: Message): void {
    this.#add("warning", place, message);
  }

  #add(severity: Problem["severity"], place: Place, message: Message): void {
    const given = this.#given.get(place);
    const told = given === undefined ? message : say("--set {0}: {1}", given, message);
    this.problems.push({ message: withTexts(told, oneLine), severity, range: this.rangeOf(place) });
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

  /** Something that is not in the file stands for what is told of it at `place`. */
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

  /** Keys and values of a map; undefined where it is none, which is told: "must be …". */
  entries(node: Node | undefined, rule: Message): Entry[] | undefined {
    const map = this.resolved(node);
    if (!isMap(map)) {
      if (map) this.error(map, rule);
      return undefined;
    }
    return map.items.flatMap(({ key, value }) => {
      const name = this.resolved(key);
      if (!isScalar(name)) {
        this.error(name ?? map, say("a key must be a word; quote it if it has to hold anything else"));
        return [];
      }
      const text = sourceOf(name);
      if (text === "<<") this.error(name, say("merge keys (<<) are not supported; write the keys out"));
      return text === "<<"
        ? []
        : [{ name: text, key: name, value: isEmpty(value) ? undefined : this.resolved(value) }];
    });
  }

  /** Items of a list; undefined where it is none, which is told. */
  items(node: Node | undefined, rule: Message): Node[] | undefined {
    const list = this.resolved(node);
    if (isSeq(list)) return list.items.flatMap((item) => this.resolved(item) ?? []);
    if (list) this.error(list, rule);
    return undefined;
  }

  #yamlError({ code, message, pos: [from, to] }: YAMLError): void {
    const line = this.text.slice(this.#lineStarts[this.#position(from).line] ?? 0).split("\n")[0] ?? "";
    if (code === "DUPLICATE_KEY") {
      const name = /^[\w.-]+/.exec(this.text.slice(from))?.[0] ?? "this key";
      this.error({ offset: from, length: name.length }, say('"{0}" is here twice; keep one of them', name));
      return;
    }
    const place = { offset: from, length: Math.max(1, to - from) };
    if (line.includes("${") && /[{[,]\s*\S*:?\s*\$\{/.test(line))
      this.error(place, say("a variable inside { } or [ ] has to be quoted: {0}", `"${reference("NAME")}"`));
    else if (code === "TAB_AS_INDENT") this.error(place, say("indent with spaces, not with a tab"));
    else if (code === "BLOCK_AS_IMPLICIT_KEY" || code === "MULTILINE_IMPLICIT_KEY")
      this.error(
        place,
        say("a text with a colon and a blank has to be quoted, and a key stands on one line"),
      );
    else this.error(place, say("this is no YAML: {0}", message));
  }

  #isDeep(): boolean {
    let isDeep = false;
    visit(this.document, {
      Node: (_key, node, path) => {
        if (path.length <= MAX_DEPTH * 2) return undefined;
        isDeep = true;
        this.error(node, say("is nested too deeply"));
        return visit.BREAK;
      },
    });
    return isDeep;
  }
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
