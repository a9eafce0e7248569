import { isMap, isScalar, isSeq, type Node } from "yaml";
import type { Profile } from "../contract/fields/field.ts";
import type { Workload } from "../contract/workload.ts";
import { say, words } from "../text/message.ts";
import { orNearest } from "../text/nearest.ts";
import { type BeginDraft, readBegin } from "./begin.ts";
import { nothingSaid, readFields, type Said } from "./fields.ts";
import { fieldNames, type Kinds, profileField, wordOf } from "./kinds.ts";
import type { Stage } from "./model.ts";
import type { Reader } from "./reader.ts";
import type { Entry, Place } from "./source.ts";
import { readTexts, type Text } from "./texts.ts";

/** A step as it was read by itself: names of other steps are not looked up yet. */
export interface Draft {
  /** As the file has it; undefined where it names none. */
  name: { text: string; place: Place } | undefined;
  workload: Workload;
  said: Said;
  begin: BeginDraft | undefined;
  share: { part: number; place: Place } | undefined;
  stages: { list: readonly Stage[]; place: Place } | undefined;
  repeat: number;
  thresholds: readonly Text[];
  places: { step: Place; kind: Place };
}

/** What a step has besides the word for its kind. */
export const STEP_KEYS = {
  name: words("Name of the step, for others and for thresholds; by default its kind"),
  after: words(
    "Begins when that step has ended; without at, after and with, a step follows the one above it",
  ),
  with: words("Begins and ends with that step"),
  at: words(
    "Begins so long after the run's begin (5m), or after the begin of a step's measured part (terminals + 5m)",
  ),
  ramp: words("How long the load grows"),
  hold: words("How long it is measured at full load"),
  stages: words("How the load changes while it is held: a list of { for: 1m, to: 50 }"),
  share: words(
    "Which part of the scenario's workspaces it takes, such as 60%; steps that overlap take others",
  ),
  repeat: words("So many times, one after the other; the copies are named NAME-1, NAME-2 and so on"),
  thresholds: words("What this step is held to"),
} as const;

export const STAGE_KEYS = {
  for: words("How long it takes"),
  to: words("The level that it comes to"),
} as const;

const NAME = /^[A-Za-z][\w-]{0,63}$/;
const MOST_REPEATS = 100;

/** undefined where the kind of step is unknown, and a problem says so. */
export function readStep(reader: Reader, kinds: Kinds, node: Node): Draft | undefined {
  const rule = say('a step must be a map such as "- {0}: { … }"', kinds.words[0] ?? "");
  const entries = reader.source.entries(node, rule);
  const kind = entries && kindOf(reader, kinds, node, entries);
  if (!kind) return undefined;
  const others = new Map(entries.filter((one) => one !== kind.entry).map((one) => [one.name, one]));
  const thresholds: Text[] = [];
  const takeThresholds = (list: Node) => {
    if (thresholds.length > 0)
      reader.source.error(list, say("the step's thresholds are said twice; keep one of the lists"));
    thresholds.push(...readTexts(reader, list));
  };
  const said = readKind(reader, kind, others, takeThresholds);
  const own = others.get("thresholds");
  const list = own && reader.valueOf(own);
  if (list) takeThresholds(list);
  readProfile(reader, kind.workload, said, "ramp", others.get("ramp"));
  readProfile(reader, kind.workload, said, "hold", others.get("hold"));
  return {
    name: readName(reader, others.get("name")),
    workload: kind.workload,
    said,
    begin: readBegin(reader, others),
    share: readShare(reader, kind.workload, said, others.get("share")),
    stages: readStages(reader, kind.workload, said, others.get("stages")),
    repeat: readRepeat(reader, others.get("repeat")),
    thresholds,
    places: { step: node, kind: kind.entry.key },
  };
}

interface Kind {
  workload: Workload;
  entry: Entry;
}

/** The one key that says what the step is. A word that is a kind and a key of steps is the kind where no other is. */
function kindOf(reader: Reader, kinds: Kinds, node: Node, entries: readonly Entry[]): Kind | undefined {
  const isKey = ({ name }: Entry) => Object.hasOwn(STEP_KEYS, name);
  const named = entries.flatMap((entry) => {
    const workload = kinds.of(entry.name);
    return workload ? [{ workload, entry }] : [];
  });
  const plain = named.filter(({ entry }) => !isKey(entry));
  const [kind, second] = plain.length > 0 ? plain : named;
  const known = [...kinds.words, ...Object.keys(STEP_KEYS)];
  for (const entry of entries)
    if (!isKey(entry) && !kinds.of(entry.name))
      reader.source.error(
        entry.key,
        kind
          ? orNearest(say('a step has no "{0}"', entry.name), entry.name, known)
          : orNearest(say('"{0}" is no kind of step', entry.name), entry.name, kinds.words),
      );
  if (second)
    reader.source.error(
      second.entry.key,
      say('a step is of one kind: make "{0}" a step of its own', second.entry.name),
    );
  if (!kind && entries.every(isKey))
    reader.source.error(node, say("a step needs its kind: one of {0}", kinds.words.join(", ")));
  return kind;
}

/** Words of a step's profile that may stand among its fields as well. */
const INNER = ["ramp", "hold", "share"];

/** What stands among the fields and belongs beside them is moved to `others`. */
function readKind(
  reader: Reader,
  { workload, entry }: Kind,
  others: Map<string, Entry>,
  thresholds: (node: Node) => void,
): Said {
  const { value } = entry;
  const isNull = isScalar(value) && value.value === null;
  if (!value || isNull) return nothingSaid();
  // `- hold: 10m`, where hold is a kind of step by itself.
  if (!isMap(value) && (entry.name === "hold" || entry.name === "ramp")) {
    const said = nothingSaid();
    readProfile(reader, workload, said, entry.name, entry);
    return said;
  }
  const entries = reader.source.entries(
    value,
    say("{0} must be a map of its fields, such as {1}", entry.name, "{ count: 10 }"),
  );
  if (!entries) return nothingSaid();
  const names = fieldNames(workload);
  const isInner = ({ name }: Entry) => INNER.includes(name) && !names.has(name);
  for (const inner of entries.filter(isInner)) {
    if (others.has(inner.name))
      reader.source.error(inner.key, say("{0} is said twice in this step; keep one of them", inner.name));
    else others.set(inner.name, inner);
  }
  return readFields(
    reader,
    workload,
    entries.filter((one) => !isInner(one)),
    thresholds,
  );
}

/** `ramp: 1m` beside the kind is the field that the workload declares as its ramp. */
function readProfile(
  reader: Reader,
  workload: Workload,
  said: Said,
  part: Extract<Profile, "ramp" | "hold">,
  entry: Entry | undefined,
): void {
  if (!entry) return;
  const known = profileField(workload, part);
  if (!known) {
    reader.source.error(entry.key, say("a step of {0} has no {1}; take it out", wordOf(workload), part));
    return;
  }
  if (known.key in said.places) {
    reader.source.error(
      entry.key,
      say("{0} is said in the fields of {1}, too; keep one of them", part, wordOf(workload)),
    );
    return;
  }
  const value = reader.valueOf(entry);
  const ms = reader.duration(value, part);
  said.places[known.key] = value ?? entry.key;
  const issue = ms === undefined ? undefined : known.field.type.safeParse(ms).error?.issues[0];
  if (issue && value) reader.source.error(value, say("{0} {1}", part, issue.message));
  if (ms === undefined || issue) said.wrong.add(known.key);
  else said.config[known.key] = ms;
}

function readName(reader: Reader, entry: Entry | undefined): Draft["name"] {
  const value = entry && reader.valueOf(entry);
  const text = reader.text(value, "name");
  if (text === undefined || !value) return undefined;
  if (NAME.test(text)) return { text, place: value };
  reader.source.error(
    value,
    say("a step's name has letters, digits, - and _, and begins with a letter; rename it"),
  );
  return undefined;
}

function readShare(reader: Reader, workload: Workload, said: Said, entry: Entry | undefined): Draft["share"] {
  if (!entry) return undefined;
  const known = profileField(workload, "share");
  const word = wordOf(workload);
  if (!known) {
    reader.source.error(entry.key, say("a step of {0} takes no share of the workspaces; take it out", word));
    return undefined;
  }
  if (known.key in said.places) {
    reader.source.error(
      entry.key,
      say("which workspaces it takes is said in the fields of {0}, too; keep one of them", word),
    );
    return undefined;
  }
  return readPart(reader, entry);
}

function readPart(reader: Reader, entry: Entry): Draft["share"] {
  const value = reader.valueOf(entry);
  const text = reader.text(value, "share");
  if (text === undefined || !value) return undefined;
  const percent = /^\s*(\d+(?:\.\d+)?)\s*%\s*$/.exec(text)?.[1];
  const part = percent === undefined ? Number.NaN : Number(percent) / 100;
  if (part > 0 && part <= 1) return { part, place: value };
  reader.source.error(value, say("share must be more than 0% and at most 100%; write it like 60%"));
  return undefined;
}

/** Stages say how long the step is held, where its kind is held at all. */
function readStages(
  reader: Reader,
  workload: Workload,
  said: Said,
  entry: Entry | undefined,
): Draft["stages"] {
  if (!entry) return undefined;
  const { source } = reader;
  const value = reader.valueOf(entry);
  const rule = say("stages must be a list such as {0}", "[{ for: 1m, to: 50 }]");
  const items = source.items(value, rule) ?? [];
  if (value && isSeq(value) && items.length === 0) source.error(value, rule);
  const list = items.flatMap((item) => readStage(reader, item) ?? []);
  if (list.length === 0) return undefined;
  const hold = profileField(workload, "hold");
  const isHeld = hold && hold.key in said.places;
  if (isHeld)
    source.error(entry.key, say("stages and hold both say how long it is held; take one of them out"));
  else if (hold) {
    said.config[hold.key] = list.reduce((sum, { forMs }) => sum + forMs, 0);
    said.places[hold.key] = value ?? entry.key;
  }
  return { list, place: entry.key };
}

function readStage(reader: Reader, item: Node): Stage | undefined {
  const entries = reader.source.entries(item, say("a stage must be a map such as { for: 1m, to: 50 }")) ?? [];
  const found = new Map(entries.map((one) => [one.name, one]));
  for (const { name, key } of entries)
    if (name !== "for" && name !== "to")
      reader.source.error(key, say('a stage has no "{0}": it has for and to', name));
  const [time, level] = [found.get("for"), found.get("to")];
  if (!time || !level) {
    reader.source.error(
      item,
      say("a stage needs for (how long it takes) and to (the level that it comes to)"),
    );
    return undefined;
  }
  const forMs = reader.duration(reader.valueOf(time), "for");
  const text = reader.text(reader.valueOf(level), "to");
  const to = text !== undefined && /^\d+(\.\d+)?$/.test(text) ? Number(text) : undefined;
  if (text !== undefined && to === undefined && level.value)
    reader.source.error(level.value, say("to must be a number of 0 or more"));
  return forMs === undefined || to === undefined ? undefined : { forMs, to };
}

function readRepeat(reader: Reader, entry: Entry | undefined): number {
  const value = entry && reader.valueOf(entry);
  const text = reader.text(value, "repeat");
  if (text === undefined || !value) return 1;
  const times = /^\d+$/.test(text) ? Number(text) : 0;
  if (times >= 1 && times <= MOST_REPEATS) return times;
  reader.source.error(value, say("repeat must be a whole number from 1 to {0}", MOST_REPEATS));
  return 1;
}
