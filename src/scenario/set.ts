import { isMap, isScalar, isSeq, type Node, Pair, parseDocument, Scalar, YAMLMap, type YAMLSeq } from "yaml";
import { UsageError } from "../contract/fields/usage-error.ts";
import { say } from "../text/message.ts";
import { orNearest } from "../text/nearest.ts";
import { type Kinds, wordOf } from "./kinds.ts";
import { type Source, sourceOf } from "./source.ts";
import { STEP_KEYS } from "./step.ts";

/**
 * Puts a value into the file's tree: `steps.0.create.count=5`, or by a step's name `steps.terminals.hold=30s`, where
 * the word for its kind may be left out. Items of lists are counted from 0, and the next one is added:
 * `thresholds.1=failures.rate < 1%`. Throws UsageError where the path leads nowhere.
 */
export function setValue(source: Source, kinds: Kinds, text: string): void {
  const at = text.indexOf("=");
  const path = text.slice(0, at).trim().split(".");
  if (at < 1 || path.some((part) => part === ""))
    throw new UsageError(say("--set {0} must be PATH=VALUE, such as steps.create.count=5", text));
  const given = text.slice(0, at);
  const root = source.document.contents;
  if (!isMap(root)) throw new UsageError(say("--set {0}: the file has no keys to set", given));
  const { holder, key } = place(source, kinds, root, path, given);
  const value = nodeOf(text.slice(at + 1));
  if (isSeq(holder)) setItem(source, holder, key, value, given);
  else setKey(source, holder, key, value, given);
}

function setKey(source: Source, map: YAMLMap, key: string, value: Node, given: string): void {
  const pair = map.items.find((one) => isScalar(one.key) && sourceOf(one.key) === key);
  const old = pair?.value ?? pair?.key ?? map;
  const name = pair?.key instanceof Scalar ? pair.key : new Scalar(key);
  source.give(value, nodeIn(source, old), given);
  if (pair) pair.value = value;
  else {
    source.give(name, map, given);
    map.items.push(new Pair(name, value));
  }
}

function setItem(source: Source, list: YAMLSeq, key: string, value: Node, given: string): void {
  const at = indexIn(list, key, given, list.items.length);
  source.give(value, nodeIn(source, list.items[at] ?? list), given);
  list.items[at] = value;
}

/** `most`: the last valid index. Throws UsageError. */
function indexIn(list: YAMLSeq, key: string, given: string, most: number): number {
  const at = /^\d{1,6}$/.test(key) ? Number(key) : Number.NaN;
  if (at <= most) return at;
  throw new UsageError(
    say("--set {0}: the list has no item {1}; it has {2}, the first is 0", given, key, list.items.length),
  );
}

function nodeIn(source: Source, node: unknown): Node {
  return source.resolved(node) ?? new Scalar("");
}

/** A list or a map in brackets; else the very text. */
function nodeOf(text: string): Node {
  if (/^\s*[[{]/.test(text)) {
    const { contents, errors } = parseDocument(text, { version: "1.2", schema: "core", logLevel: "silent" });
    if (contents && errors.length === 0) return contents;
  }
  const scalar = new Scalar(text);
  scalar.source = text;
  return scalar;
}

function place(source: Source, kinds: Kinds, root: YAMLMap, path: readonly string[], given: string): Holder {
  const [first = "", second, ...rest] = path;
  if (first !== "steps" || second === undefined) return inMaps(source, root, path, given);
  if (rest.length === 0) throw new UsageError(say("--set {0} names a step, and nothing of it", given));
  const step = stepOf(source, kinds, root, second, given);
  const kind = kindIn(kinds, step);
  const [key = ""] = rest;
  const isOfStep = Object.hasOwn(STEP_KEYS, key) || kinds.of(key) !== undefined;
  return inMaps(source, step, isOfStep || !kind ? rest : [kind, ...rest], given);
}

/** What has the value: a map by its key, or a list by its index. */
interface Holder {
  holder: YAMLMap | YAMLSeq;
  key: string;
}

/** Maps that are not there yet are made. */
function inMaps(source: Source, map: YAMLMap, path: readonly string[], given: string): Holder {
  const [key = "", ...rest] = path;
  if (rest.length === 0) return { holder: map, key };
  const pair = map.items.find((one) => isScalar(one.key) && sourceOf(one.key) === key);
  const next = source.resolved(pair?.value);
  if (isMap(next)) return inMaps(source, next, rest, given);
  if (isSeq(next)) return inList(source, next, rest, given);
  if (next && !(isScalar(next) && next.value === null))
    throw new UsageError(say('--set {0}: "{1}" is no map, so it has no "{2}"', given, key, rest[0] ?? ""));
  const made = new YAMLMap();
  made.flow = true;
  const name = pair?.key instanceof Scalar ? pair.key : new Scalar(key);
  source.give(made, name.range ? name : map, given);
  if (pair) pair.value = made;
  else {
    source.give(name, map, given);
    map.items.push(new Pair(name, made));
  }
  return inMaps(source, made, rest, given);
}

function inList(source: Source, list: YAMLSeq, path: readonly string[], given: string): Holder {
  const [key = "", ...rest] = path;
  if (rest.length === 0) return { holder: list, key };
  const next = source.resolved(list.items[indexIn(list, key, given, list.items.length - 1)]);
  if (isMap(next)) return inMaps(source, next, rest, given);
  if (isSeq(next)) return inList(source, next, rest, given);
  throw new UsageError(say('--set {0}: item {1} is no map, so it has no "{2}"', given, key, rest[0] ?? ""));
}

/** By its place in the list from 0, or by its name. */
function stepOf(source: Source, kinds: Kinds, root: YAMLMap, word: string, given: string): YAMLMap {
  const list = source.resolved(root.get("steps", true));
  const steps = isSeq(list) ? list.items.flatMap((one) => mapOf(source.resolved(one))) : [];
  const step = /^\d+$/.test(word)
    ? steps[Number(word)]
    : steps.find((one) => namesOf(kinds, one).includes(word));
  if (step) return step;
  if (/^\d+$/.test(word))
    throw new UsageError(
      say("--set {0}: there is no step {1}; there are {2}, the first is 0", given, word, steps.length),
    );
  const names = steps.flatMap((one) => namesOf(kinds, one)[0] ?? []);
  throw new UsageError(orNearest(say('--set {0}: there is no step "{1}"', given, word), word, names));
}

function mapOf(node: Node | undefined): YAMLMap | [] {
  return isMap(node) ? node : [];
}

function namesOf(kinds: Kinds, step: YAMLMap): string[] {
  const name = step.get("name", true);
  if (isScalar(name)) return [sourceOf(name)];
  const kind = kindIn(kinds, step);
  const workload = kind === undefined ? undefined : kinds.of(kind);
  return workload ? [wordOf(workload), workload.name] : [];
}

function kindIn(kinds: Kinds, step: YAMLMap): string | undefined {
  const words = step.items.flatMap(({ key }) => (isScalar(key) ? sourceOf(key) : []));
  const found = words.filter((word) => kinds.of(word) !== undefined);
  return found.find((word) => !Object.hasOwn(STEP_KEYS, word)) ?? found[0];
}
