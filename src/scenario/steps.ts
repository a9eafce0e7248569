import path from "node:path";
import type { Node } from "yaml";
import { readTyped } from "../contract/fields/read.ts";
import type { CheckedWorkload, Workload } from "../contract/workload.ts";
import { parseThreshold, ThresholdError } from "../measure/threshold.ts";
import type { Begin } from "../protocol/step-request.ts";
import { say } from "../text/message.ts";
import { lengthOf } from "./along.ts";
import { knownBegin } from "./begin.ts";
import { SHARED, THRESHOLDS } from "./fields.ts";
import { fieldNames, profileField, wordOf } from "./kinds.ts";
import type { HeldTo, Step } from "./model.ts";
import { checkOrder } from "./order.ts";
import type { Reader } from "./reader.ts";
import { assignShares } from "./shares.ts";
import type { Place, Source } from "./source.ts";
import type { Draft } from "./step.ts";
import type { Text } from "./texts.ts";

/** What the whole scenario says for its steps, with where it does. */
export type SharedValues = ReadonlyMap<string, { value: unknown; place: Node }>;

/** What a step's configuration is made of besides what the step says. */
export interface Surroundings {
  shared: SharedValues;
  /** Of the file. */
  folder: string | undefined;
  env: Readonly<Record<string, string | undefined>>;
}

/** Each is held against all others. */
export const MOST_STEPS = 200;

interface Named {
  name: string;
  draft: Draft;
  /** Of the copies of a step, all but the first follow the one before. */
  follows: string | undefined;
}

/** Puts the steps together: names, copies, order, shares, and the check of each configuration. */
export function buildSteps(reader: Reader, drafts: readonly Draft[], surroundings: Surroundings): Step[] {
  const { source } = reader;
  const repeated = new Map<string, readonly string[]>();
  const all = namedSteps(source, drafts).flatMap((one) => copiesOf(source, one, repeated));
  const tooMany = all[MOST_STEPS];
  if (tooMany)
    source.error(
      tooMany.draft.places.kind,
      say("a scenario has {0} steps at most, copies included", MOST_STEPS),
    );
  const named = all.slice(0, MOST_STEPS);
  const names = named.map(({ name }) => name);
  const begun = named.map((one) => ({ ...one, begin: beginOf(reader, one, names, repeated) }));
  checkOrder(
    source,
    begun.map(({ name, begin, draft }) => ({ name, begin, place: draft.begin?.place ?? draft.places.kind })),
  );
  const configs = configsOf(source, begun, surroundings);
  const steps = begun.map(({ name, draft, begin }) =>
    stepOf(source, name, draft, begin, configs.get(name) ?? {}),
  );
  return assignShares(source, steps).map((step) => withPart(step));
}

/** Steps without a name have that of their kind; the second of a kind is `traffic-2`. */
function namedSteps(source: Source, drafts: readonly Draft[]): Named[] {
  const taken = new Set<string>();
  const own = new Map<Draft, string>();
  for (const draft of drafts) {
    const { name } = draft;
    if (!name) continue;
    if (taken.has(name.text))
      source.error(name.place, say('two steps have the name "{0}"; give each its own', name.text));
    else own.set(draft, name.text);
    taken.add(name.text);
  }
  return drafts.map((draft) => {
    const name = own.get(draft) ?? freeName(draft.name?.text ?? wordOf(draft.workload), taken);
    taken.add(name);
    return { name, draft, follows: undefined };
  });
}

function freeName(word: string, taken: ReadonlySet<string>): string {
  let name = word;
  for (let number = 2; taken.has(name); number++) name = `${word}-${number}`;
  return name;
}

function copiesOf(source: Source, step: Named, repeated: Map<string, readonly string[]>): Named[] {
  const { repeat, begin, places } = step.draft;
  if (repeat === 1) return [step];
  if (begin?.begin.kind === "with")
    source.error(
      begin.place,
      say('a step that goes along with another cannot be repeated; take "repeat" or "with" out'),
    );
  const copies = Array.from({ length: repeat }, (_, at) => `${step.name}-${at + 1}`);
  repeated.set(step.name, copies);
  if (copies.some((name) => name.length > 64))
    source.error(places.kind, say("the names of the copies are too long; shorten the name"));
  return copies.map((name, at) => ({ name, draft: step.draft, follows: copies[at - 1] }));
}

function beginOf(
  reader: Reader,
  { draft, follows }: Named,
  names: readonly string[],
  repeated: ReadonlyMap<string, readonly string[]>,
): Begin | undefined {
  if (follows !== undefined) return { kind: "after", step: follows };
  return draft.begin && knownBegin(reader, draft.begin, names, repeated);
}

/** By name; of a step that goes along with another, with the length that it has from that. */
function configsOf(
  source: Source,
  steps: readonly { name: string; draft: Draft; begin: Begin | undefined }[],
  surroundings: Surroundings,
): Map<string, Record<string, unknown>> {
  const own = new Map(steps.map(({ name, draft }) => [name, configOf(source, draft, surroundings)] as const));
  const wholeOf = (name: string, path: readonly string[]): Record<string, unknown> => {
    const step = steps.find((one) => one.name === name);
    const host = step?.begin?.kind === "with" ? step.begin.step : undefined;
    const hostDraft = steps.find((one) => one.name === host)?.draft;
    const config = own.get(name) ?? {};
    // Of steps that wait for each other there is no length.
    if (!step || !hostDraft || host === undefined || path.includes(host)) return config;
    return { ...lengthOf(step.draft, config, hostDraft, wholeOf(host, [...path, host])), ...config };
  };
  return new Map(steps.map(({ name }) => [name, wholeOf(name, [name])] as const));
}

/** What the step says, and what the scenario says for all steps that have such a field. */
function configOf(
  source: Source,
  { workload, said }: Draft,
  { shared, folder, env }: Surroundings,
): Record<string, unknown> {
  const config = { ...secretsOf(workload, env), ...said.config };
  const place = profileField(workload, "folder")?.key;
  if (place !== undefined && folder !== undefined)
    config[place] = path.resolve(folder, String(config[place] ?? ""));
  for (const key of SHARED) {
    const field = workload.fields[key];
    const given = shared.get(key);
    // A clean-up deletes a pool only where it is named there.
    if (!field || !given || (key === "pool" && workload.removes)) continue;
    const reading = readTyped(field, given.value);
    if ("problem" in reading) source.error(given.place, say("{0} {1}", key, reading.problem));
    else if (isRecord(reading.value) && isRecord(config[key]))
      config[key] = { ...reading.value, ...config[key] };
    else if (!(key in said.places)) config[key] = reading.value;
  }
  return config;
}

/** A field that must not stand in a file comes from its variable, as for a command; parameters come from the file alone. */
function secretsOf(
  { fields }: Workload,
  env: Readonly<Record<string, string | undefined>>,
): Record<string, unknown> {
  const secret = Object.entries(fields).filter(([key, field]) => field.mayBeSecret && !SHARED.includes(key));
  return Object.fromEntries(
    secret.flatMap(([key, field]) => {
      const typed = field.env === undefined ? undefined : env[field.env];
      const reading = typed ? readTyped(field, typed) : undefined;
      return reading && "value" in reading ? [[key, reading.value] as const] : [];
    }),
  );
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function stepOf(
  source: Source,
  name: string,
  draft: Draft,
  begin: Begin | undefined,
  given: Readonly<Record<string, unknown>>,
): Step {
  const { workload, said, places } = draft;
  const heldTo = heldToOf(source, name, draft);
  const thresholds = heldTo.map(({ text }) => text);
  const config = { ...given, ...(thresholds.length > 0 ? { [THRESHOLDS]: thresholds } : {}) };
  return {
    name,
    workload,
    config,
    checked: checkedOf(source, draft, config),
    begin,
    share: draft.share?.part,
    stages: draft.stages?.list ?? [],
    heldTo: heldTo.map(({ text: _text, ...held }) => held),
    places: {
      ...places,
      range: source.rangeOf(places.step),
      ...(draft.begin ? { begin: draft.begin.place } : {}),
      ...(draft.share ? { share: draft.share.place } : {}),
      ...(draft.stages ? { stages: draft.stages.place } : {}),
      fields: said.places,
    },
  };
}

/** Those that can be read, each against the metrics of the step's kind. */
function heldToOf(
  source: Source,
  name: string,
  { workload, thresholds, places }: Draft,
): (HeldTo & { text: string })[] {
  const [first] = thresholds;
  if (first && !(THRESHOLDS in workload.fields)) {
    source.error(
      places.kind,
      say("a step of {0} cannot be held to anything; take its thresholds out", wordOf(workload)),
    );
    return [];
  }
  return thresholds.flatMap((text) => {
    const expression = readable(source, workload, text);
    return expression === undefined
      ? []
      : [{ expression, step: name, range: source.rangeOf(text.node), text: text.text }];
  });
}

/** Its one spelling; undefined where it cannot be read, and a problem says so. */
function readable(source: Source, workload: Workload, { text, node }: Text): string | undefined {
  try {
    const { step, expression } = parseThreshold(text, workload.metrics);
    if (step === undefined) return expression;
    source.error(
      node,
      say("a step's threshold is about that step: take step= out, or write it under the scenario's"),
    );
  } catch (error) {
    if (!(error instanceof ThresholdError)) throw error;
    source.error(source.inside(node, text, error.offset, error.length), error.said);
  }
  return undefined;
}

/** undefined where the configuration is not good; each mistake has a problem at its place. */
function checkedOf(
  source: Source,
  { workload, said, places }: Draft,
  config: Readonly<Record<string, unknown>>,
): CheckedWorkload | undefined {
  const problems = workload.problems(config).filter(({ key }) => key === undefined || !said.wrong.has(key));
  for (const { key, rule } of problems) {
    const place: Place = (key === undefined ? undefined : said.places[key]) ?? places.kind;
    source.error(place, say("{0} {1}", key === undefined ? wordOf(workload) : nameOf(workload, key), rule));
  }
  return problems.length === 0 && said.wrong.size === 0 ? workload.check(config) : undefined;
}

/** As the documentation of scenarios writes it. A step `hold` has no further key of that name. */
function nameOf(workload: Workload, key: string): string {
  const { profile } = workload.fields[key] ?? {};
  if ((profile === "ramp" || profile === "hold") && profile !== wordOf(workload)) return profile;
  return [...fieldNames(workload).values()].find((one) => one.preferred && one.key === key)?.name ?? key;
}

/** The share as the field that the workload declares for it. */
function withPart(step: Step): Step {
  const known = profileField(step.workload, "share");
  if (!step.part || !known || !step.checked) return step;
  const percent = (part: number) => `${Number((part * 100).toFixed(6))}%`;
  const config = { ...step.config, [known.key]: `${percent(step.part.from)}:${percent(step.part.to)}` };
  return { ...step, config, checked: step.workload.check(config) };
}
