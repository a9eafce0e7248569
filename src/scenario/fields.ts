import { isMap, isScalar, isSeq, type Node } from "yaml";
import type { Field, Reading } from "../contract/fields/field.ts";
import type { ShortForm } from "../contract/fields/short-form.ts";
import { readSpelled, type Spelling } from "../contract/fields/spellings.ts";
import type { Workload } from "../contract/workload.ts";
import { type Message, ofWords, say } from "../text/message.ts";
import { orNearest } from "../text/nearest.ts";
import { fieldNames, wordOf } from "./kinds.ts";
import { bareNumber, type Reader } from "./reader.ts";
import type { Entry, Place } from "./source.ts";
import { reference } from "./variables.ts";

/** What a file says of a workload's fields, by key. */
export interface Said {
  config: Record<string, unknown>;
  places: Record<string, Place>;
  /** Of fields that could not be read: what is checked as a whole goes without them. */
  wrong: Set<string>;
}

/** Keys of the whole scenario that its steps take, where they have such a field and do not say it themselves. */
export const SHARED = ["template", "parameters", "pool"];
/** A field that has a key of its own in a step; its texts have places of their own. */
export const THRESHOLDS = "thresholds";

export function nothingSaid(): Said {
  return { config: {}, places: {}, wrong: new Set() };
}

/** Reads the fields of a step. `thresholds` is called with the node of that field, whose items are read apart. */
export function readFields(
  reader: Reader,
  workload: Workload,
  entries: readonly Entry[],
  thresholds: (node: Node) => void,
): Said {
  const said = nothingSaid();
  const names = fieldNames(workload);
  const forms: { form: ShortForm; entry: Entry }[] = [];
  const words = [...workload.shortForms.map(({ name }) => name), ...shownNames(names)];
  for (const entry of entries) {
    const form = workload.shortForms.find(({ name }) => name === entry.name);
    const spelling = names.get(entry.name);
    if (form) forms.push({ form, entry });
    else if (!spelling)
      reader.source.error(
        entry.key,
        orNearest(say('{0} has no "{1}"', wordOf(workload), entry.name), entry.name, words),
      );
    else if (spelling.key === THRESHOLDS) {
      const value = reader.valueOf(entry);
      if (value) thresholds(value);
    } else readField(reader, said, spelling, entry);
  }
  for (const { form, entry } of forms) readForm(reader, said, form, entry);
  return said;
}

/** What is offered: what a file can say, each once. */
export function shownNames(names: ReadonlyMap<string, Spelling>): string[] {
  return [...names]
    .filter(([name, spelling]) => spelling.preferred && refusalOf(spelling, name) === undefined)
    .map(([name]) => name);
}

function readField(reader: Reader, said: Said, spelling: Spelling, entry: Entry): void {
  const { source } = reader;
  const { key } = spelling;
  const refusal = refusalOf(spelling, entry.name);
  if (refusal !== undefined) {
    source.error(entry.key, refusal);
    said.wrong.add(key);
    return;
  }
  if (key in said.places) {
    source.error(entry.key, say('"{0}" is said twice, by two of its names; keep one of them', entry.name));
    return;
  }
  said.places[key] = entry.value ?? entry.key;
  said.wrong.add(key);
  const value = reader.valueOf(entry);
  const reading = value && readValueOf(reader, spelling, value);
  if (!value || !reading) return;
  if ("problem" in reading) source.error(value, say("{0} {1}", entry.name, reading.problem));
  else {
    said.wrong.delete(key);
    said.config[key] = reading.value;
  }
}

/** Why a file, which may be anybody's, cannot say this. */
export function refusalOf({ by, field, key }: Spelling, name: string): Message | undefined {
  if (by === "file")
    return say("a scenario reads no other file: write the values under parameters, not {0}", name);
  if (field.notInFiles !== undefined)
    return say("{0} {1}, so a scenario file cannot say it; leave it out", name, ofWords(field.notInFiles));
  if (!field.mayBeSecret || SHARED.includes(key)) return undefined;
  return field.env
    ? say("{0} may be a secret, which a file must not hold: leave it out, and set {1}", name, field.env)
    : say("{0} may be a secret, which a file must not hold: leave it out", name);
}

/** undefined where a part of it could not be read, and a problem says so. */
function readValueOf(reader: Reader, spelling: Spelling, node: Node): Reading | undefined {
  const { field, by, name } = spelling;
  const raw = rawOf(reader, field, node, name);
  if (raw === undefined) return undefined;
  const bare = field.kind === "duration" && typeof raw === "string" ? bareNumber(raw) : undefined;
  if (bare !== undefined) return { problem: say("has no unit; write {0}s or {1}ms", bare, bare) };
  return readSpelled({ ...spelling, by }, raw);
}

/** The value by its kind: texts as they stand in the file. */
function rawOf(reader: Reader, { kind }: Field, node: Node, name: string): unknown {
  if (kind === "map") return mapOf(reader, node, name);
  if (kind === "list" && isSeq(node)) return listOf(reader, node, name);
  return reader.text(node, name);
}

function listOf(reader: Reader, node: Node, name: string): string[] | undefined {
  const items = reader.source.items(node, say("{0} must be a list", name)) ?? [];
  const texts = items.map((item) => reader.text(item, name));
  return texts.every((text) => text !== undefined) ? texts : undefined;
}

/** Names with their values: texts as they stand in the file, lists as JSON of such texts. */
export function mapOf(reader: Reader, node: Node, name: string): Record<string, string> | undefined {
  const entries = reader.source.entries(node, say("{0} must be names with their values", name));
  if (!entries) return undefined;
  const values = new Map<string, string>();
  let isWhole = true;
  for (const entry of entries) {
    const value = reader.valueOf(entry);
    const text = value && parameterOf(reader, value, entry.name);
    if (text === undefined) isWhole = false;
    else values.set(entry.name, text);
    if (value) warnOfSecret(reader, entry.name, value);
  }
  return isWhole ? Object.fromEntries(values) : undefined;
}

function parameterOf(reader: Reader, node: Node, name: string): string | undefined {
  if (isSeq(node)) {
    const texts = listOf(reader, node, name);
    return texts && JSON.stringify(texts);
  }
  if (!isMap(node)) return reader.text(node, name);
  reader.source.error(
    node,
    say("{0} must be a text, a number, true, false or a list; quote it if it is JSON", name),
  );
  return undefined;
}

const SECRET = /secret|token|passw|credential|api[_-]?key|private[_-]?key/i;

/** Whether a parameter of this name looks like one whose value a file should not hold. */
export function isSecretName(name: string): boolean {
  return SECRET.test(name);
}

/** The variable that a file can have for the value of a parameter. */
export function variableFor(name: string): string {
  return `SCALETEST_${name.toUpperCase().replace(/\W/g, "_")}`;
}

function warnOfSecret(reader: Reader, name: string, value: Node): void {
  if (isSecretName(name) && isScalar(value) && reader.isLiteral(value))
    reader.source.warn(
      value,
      say(
        '"{0}" looks like a secret, which a file should not hold: write {1} and set that variable',
        name,
        `"${reference(variableFor(name))}"`,
      ),
    );
}

/** A word that stands for several fields. */
function readForm(reader: Reader, said: Said, form: ShortForm, entry: Entry): void {
  const { source } = reader;
  const value = reader.valueOf(entry);
  const text = reader.text(value, form.name);
  if (text === undefined || !value) return;
  const choice = Object.hasOwn(form.choices, text) ? form.choices[text] : undefined;
  if (!choice) {
    const words = Object.keys(form.choices);
    source.error(value, say('{0} must be one of {1}, not "{2}"', form.name, words.join(", "), text));
    return;
  }
  const doubled = [...Object.keys(choice.config), ...(choice.excludes ?? [])].find(
    (key) => key in said.places,
  );
  if (doubled !== undefined) {
    source.error(
      value,
      say('{0}: {1} and "{2}" say the same in two ways; keep one of them', form.name, text, doubled),
    );
    return;
  }
  const missing = choice.needs?.find((key) => !(key in said.places));
  if (missing !== undefined)
    source.error(value, say('{0}: {1} needs "{2}"; write it beside', form.name, text, missing));
  for (const [key, one] of Object.entries(choice.config)) {
    said.config[key] = one;
    said.places[key] = value;
  }
}
