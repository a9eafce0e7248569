import { isDeepStrictEqual } from "node:util";
import { Document, type ToStringOptions, YAMLMap } from "yaml";
import type { Field, Profile } from "../contract/fields/field.ts";
import type { Spelling } from "../contract/fields/spellings.ts";
import type { Workload } from "../contract/workload.ts";
import { parseThreshold, ThresholdError } from "../measure/threshold.ts";
import { writeDuration } from "../protocol/duration.ts";
import type { Begin, StepRequest } from "../protocol/step-request.ts";
import { type Message, say } from "../text/message.ts";
import { SaidError } from "../text/said-error.ts";
import { isSecretName, refusalOf, THRESHOLDS, variableFor } from "./fields.ts";
import { fieldNames, Kinds, profileField, wordOf } from "./kinds.ts";
import { STEP_KEYS } from "./step.ts";
import { reference } from "./variables.ts";

/** A run, as it is to be a scenario. */
export interface WritableRun {
  name: string;
  /** The deployment that the file is meant for; undefined: any. */
  deployment?: string | undefined;
  steps: readonly WritableStep[];
  thresholds?: readonly string[] | undefined;
}

export interface WritableStep extends StepRequest {
  /** Of maps in `config`, the names whose values are not known: they may be secret. */
  withheld?: Readonly<Record<string, readonly string[]>> | undefined;
}

export interface WrittenScenario {
  text: string;
  /** What the file does not hold, in a line each. */
  left: Message[];
}

/** Begins a reference to a variable. */
const OPENS = "$" + "{";
const STYLE: ToStringOptions = { lineWidth: 0, blockQuote: false, flowCollectionPadding: true };
/** Longer than this, a step's fields stand in a line each. */
const LONG = 80;

/**
 * A run's request as a scenario file: reading it gives the same request. Without defaults, and without what a file must
 * not hold: secrets are variables in it, and `left` says what is missing. Throws SaidError where a step can be none of a
 * scenario, and UsageError where its configuration is not good.
 */
export function writeScenario(run: WritableRun, workloads: readonly Workload[]): WrittenScenario {
  const kinds = new Kinds(workloads);
  const left: Message[] = [];
  const moved: string[] = [];
  const written = run.steps.map((step) => writeStep(kinds, step, { left, moved }));
  const thresholds = [...(run.thresholds ?? []), ...moved];
  const [only, ...more] = written;
  // The step of a single command has the workload's name, which nobody has chosen.
  if (
    only &&
    more.length === 0 &&
    only.isNamedByItself &&
    !thresholds.some((text) => /\bstep\s*=/.test(text))
  )
    delete only.map.name;
  const document = new Document(
    {
      name: escaped(run.name),
      ...(run.deployment === undefined ? {} : { deployment: escaped(run.deployment) }),
      steps: written.map(({ map }) => map),
      ...(thresholds.length > 0 ? { thresholds: thresholds.map(escaped) } : {}),
    },
    { version: "1.2", schema: "core", aliasDuplicateObjects: false },
  );
  written.forEach(({ word }, at) => {
    for (const path of [
      ["steps", at, word],
      ["steps", at, "stages"],
    ])
      inOneLine(document.getIn(path, true));
  });
  return { text: document.toString(STYLE), left };
}

/** Stages always, other maps where they are short and hold no map. */
function inOneLine(node: unknown): void {
  if (!(node instanceof YAMLMap)) {
    if (typeof node === "object" && node !== null && "flow" in node) node.flow = true;
    return;
  }
  const values: unknown[] = Object.values(node.toJSON() as object);
  const isFlat = values.every((value) => typeof value !== "object" || value === null || Array.isArray(value));
  if (isFlat && JSON.stringify(node.toJSON()).length <= LONG) node.flow = true;
}

/** Keys of a step besides its kind. */
interface Told {
  left: Message[];
  /** Thresholds that name a step, which stand among those of the run. */
  moved: string[];
}

interface WrittenStep {
  word: string;
  map: Record<string, unknown>;
  isNamedByItself: boolean;
}

function writeStep(kinds: Kinds, step: WritableStep, told: Told): WrittenStep {
  const workload = kinds.of(step.workload);
  if (!workload) throw new SaidError(say("{0} can be no step of a scenario", step.workload));
  const word = wordOf(workload);
  const { fields, beside } = writeFields(workload, word, step, told);
  const held = writeThresholds(workload, step, told);
  const [value] = Object.values(fields);
  // `- hold: 10m`: the word says what it is for.
  const isShort = word === "hold" && Object.keys(fields).length === 1 && typeof value === "string";
  const map: Record<string, unknown> = {
    [word]: isShort ? value : fields,
    ...(step.name === word ? {} : { name: step.name }),
    ...writeBegin(step.begin),
    ...beside,
    ...writeStages(step, told),
    ...(held.length > 0 ? { [THRESHOLDS]: held.map(escaped) } : {}),
  };
  return { word, map, isNamedByItself: step.name === workload.name };
}

function writeBegin(begin: Begin | undefined): Record<string, string> {
  switch (begin?.kind) {
    case undefined:
      return {};
    case "after":
    case "with":
      return { [begin.kind]: begin.step };
    case "at":
      return { at: writeDuration(begin.ms) };
    case "hold":
      return { at: begin.ms === 0 ? begin.step : `${begin.step} + ${writeDuration(begin.ms)}` };
  }
}

/** A file has the load's first level, from nothing where there is no ramp. */
function writeStages({ name, profile }: StepRequest, { left }: Told): Record<string, unknown> {
  if (!profile) return {};
  if (profile.level !== undefined)
    left.push(say('step "{0}": a file cannot say that its stages are of {1}', name, profile.level));
  return { stages: profile.stages.map(({ forMs, to }) => ({ for: writeDuration(forMs), to })) };
}

/** The step's own; one that names a step is the run's to say. */
function writeThresholds(workload: Workload, { config }: StepRequest, { moved }: Told): string[] {
  const texts = config[THRESHOLDS];
  if (!Array.isArray(texts)) return [];
  return texts.map(String).filter((text) => {
    if (!namesStep(text, workload)) return true;
    moved.push(text);
    return false;
  });
}

function namesStep(text: string, { metrics }: Workload): boolean {
  try {
    return parseThreshold(text, metrics).step !== undefined;
  } catch (error) {
    if (error instanceof ThresholdError) return false;
    throw error;
  }
}

/** The fields by the names that a file has for them; ramp and hold stand beside them. */
function writeFields(
  workload: Workload,
  word: string,
  step: WritableStep,
  { left }: Told,
): { fields: Record<string, unknown>; beside: Record<string, unknown> } {
  const fields: Record<string, unknown> = {};
  const beside: { ramp?: unknown; hold?: unknown } = {};
  const names = [...fieldNames(workload).values()];
  for (const [key, value] of Object.entries(saidConfig(workload, step))) {
    const spelling =
      names.find((one) => one.key === key && one.preferred && one.by !== "file") ??
      names.find((one) => one.key === key && one.by === "key");
    if (!spelling || refusalOf(spelling, spelling.name) !== undefined) {
      left.push(
        say('step "{0}": {1} is left out, which a file cannot say', step.name, spelling?.name ?? key),
      );
      continue;
    }
    const { profile } = spelling.field;
    const isBeside = (profile === "ramp" || profile === "hold") && !Object.hasOwn(STEP_KEYS, word);
    const written = writeValue(spelling, value, step.withheld?.[key] ?? [], left);
    if (isBeside) beside[profile] = written;
    else fields[spelling.name] = written;
  }
  const { ramp, hold } = beside;
  return { fields, beside: { ...(ramp ? { ramp } : {}), ...(hold ? { hold } : {}) } };
}

/** What has to be said for the same to be read: no defaults, but where something else holds without a word. */
function saidConfig(workload: Workload, step: WritableStep): Record<string, unknown> {
  const { begin, profile, withheld = {} } = step;
  const keyOf = (part: Profile) => profileField(workload, part)?.key ?? "";
  const isAlong = begin?.kind === "with";
  // As long as the other one, where the file says nothing.
  const along = isAlong ? (["ramp", "warm_up", "hold", "limit"] as const).map(keyOf) : [];
  const dropped = new Set([THRESHOLDS]);
  if (profile) {
    dropped.add(keyOf("hold"));
    // Stages begin at nothing where there is no ramp.
    if (profile.from !== undefined) dropped.add(keyOf("ramp"));
  }
  const config = isAlong ? workload.check(step.config).config : step.config;
  // In the order of the help.
  const names = [...Object.keys(workload.fields), ...Object.keys(config)];
  return Object.fromEntries(
    [...new Set(names)].flatMap((key) => {
      const value = config[key] ?? (withheld[key] ? {} : undefined);
      if (value === undefined || dropped.has(key)) return [];
      const isDefault = isDeepStrictEqual(value, defaultOf(workload.fields[key]));
      const isNeeded = along.includes(key) || (withheld[key]?.length ?? 0) > 0;
      return isDefault && !isNeeded ? [] : [[key, value]];
    }),
  );
}

function defaultOf(field: Field | undefined): unknown {
  return field?.schema.safeParse(undefined).data;
}

function writeValue(
  { field }: Spelling,
  value: unknown,
  withheld: readonly string[],
  left: Message[],
): unknown {
  switch (field.kind) {
    case "duration":
      return typeof value === "number" ? writeDuration(value) : value;
    case "map":
      return writeMap(Object(value) as Record<string, unknown>, withheld, left);
    case "list":
      return Array.isArray(value) ? value.map(plain) : value;
    default:
      return typeof value === "string" ? plain(value) : value;
  }
}

/** Values that are not known, or that look like secrets, are variables. */
function writeMap(
  values: Readonly<Record<string, unknown>>,
  withheld: readonly string[],
  left: Message[],
): Record<string, unknown> {
  const written: Record<string, unknown> = {};
  const hidden = new Set([...withheld, ...Object.keys(values).filter(isSecretName)]);
  for (const [name, value] of Object.entries(values)) if (!hidden.has(name)) written[name] = plain(value);
  for (const name of hidden) {
    const variable = variableFor(name);
    written[name] = reference(variable);
    left.push(say("{0} may be secret: set the variable {1} for it", name, variable));
  }
  return written;
}

/** Numbers and truth values need no quotes; whatever a text looks like, it is read as it stands. */
function plain(value: unknown): unknown {
  const text = String(value);
  if (/^(0|-?[1-9]\d{0,14})$/.test(text)) return Number(text);
  if (text === "true" || text === "false") return text === "true";
  return escaped(text);
}

/** A reference to a variable that is none. */
function escaped(text: string): string {
  return text.replaceAll(OPENS, () => `$${OPENS}`);
}
