import { isScalar, type Node } from "yaml";
import { parseDuration } from "../protocol/duration.ts";
import { say } from "../text/message.ts";
import { type Entry, type Source, sourceOf } from "./source.ts";
import { expand, type Variables } from "./variables.ts";

export const DURATION_WORDS = say("write a time with its unit, such as 30s or 1m30s");

/** Reads texts and times of a file, with its variables put in. What cannot be read is undefined, and has a problem. */
export class Reader {
  readonly source: Source;
  readonly #variables: Variables;
  readonly #texts = new Map<Node, string | undefined>();

  constructor(source: Source, variables: Variables) {
    this.source = source;
    this.#variables = variables;
  }

  /** As it stands in the file. `name` is the problem's word for it where it is none. */
  text(node: Node | undefined, name: string): string | undefined {
    const scalar = this.source.resolved(node);
    if (!scalar) return undefined;
    if (this.#texts.has(scalar)) return this.#texts.get(scalar);
    const text = this.#read(scalar, name);
    this.#texts.set(scalar, text);
    return text;
  }

  #read(scalar: Node, name: string): string | undefined {
    if (!isScalar(scalar)) {
      this.source.error(scalar, say("{0} must be a single value", name));
      return undefined;
    }
    if (scalar.value === null) {
      this.source.error(scalar, say('{0} has no value; write "" for an empty text', name));
      return undefined;
    }
    const text = sourceOf(scalar);
    if (typeof scalar.value !== "string") return text;
    const expanded = expand(text, this.#variables);
    if (!("problem" in expanded)) return expanded.text;
    this.source.error(this.source.inside(scalar, text, expanded.offset, expanded.length), expanded.problem);
    return undefined;
  }

  /** Whether a value is written out in the file, not put in by a variable. */
  isLiteral(node: Node): boolean {
    return isScalar(node) && this.#texts.get(node) === sourceOf(node);
  }

  duration(node: Node | undefined, name: string): number | undefined {
    const text = this.text(node, name);
    if (text === undefined || !node) return undefined;
    const bare = bareNumber(text);
    const ms = bare === undefined ? parseDuration(text) : undefined;
    if (ms === undefined)
      this.source.error(
        node,
        bare === undefined
          ? say('{0} is "{1}"; {2}', name, text, DURATION_WORDS)
          : say("{0} has no unit; write {1}s or {2}ms", name, bare, bare),
      );
    return ms;
  }

  /** Told where the value of a key is missing. */
  valueOf({ name, key, value, isTold }: Entry): Node | undefined {
    if (!value && !isTold)
      this.source.error(
        key,
        say('"{0}" has no value; write one behind the colon, or take the line out', name),
      );
    return value;
  }
}

/** A number without a unit, which is no time; 0 needs none. */
export function bareNumber(text: string): string | undefined {
  const trimmed = text.trim();
  return /^\d+(\.\d+)?$/.test(trimmed) && Number(trimmed) !== 0 ? trimmed : undefined;
}
