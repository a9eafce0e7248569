import type { Node } from "yaml";
import { choicesOf, type Field } from "../../../../contract/fields/field.ts";
import type { ShortForm } from "../../../../contract/fields/short-form.ts";
import type { Workload } from "../../../../contract/workload.ts";
import { lookedUp, t } from "../../../../l10n/text.ts";
import { defaultOf } from "../../../../scenario/field-words.ts";
import { shownNames, THRESHOLDS } from "../../../../scenario/fields.ts";
import { fieldNames, Kinds, profileField, wordOf } from "../../../../scenario/kinds.ts";
import type { Step } from "../../../../scenario/model.ts";
import { LIMIT_KEYS, readScenario, SCENARIO_KEYS } from "../../../../scenario/read.ts";
import { DEFAULT_BUDGET, DEFAULT_PRECISION, SEARCH_KEYS, varyOffers } from "../../../../scenario/search.ts";
import { STAGE_KEYS, STEP_KEYS } from "../../../../scenario/step.ts";
import { DEFAULT } from "../../../../scenario/thresholds.ts";
import { type Cursor, cursorAt, type Path } from "./cursor.ts";
import { fieldHelp, formHelp, timeHelp } from "./field-help.ts";
import type { Offer } from "./offer.ts";
import { thresholdOffers } from "./threshold-help.ts";

/** What may be written at a place of a scenario, in place of the word there. */
export interface Offered {
  from: number;
  to: number;
  offers: readonly Offer[];
}

/** What the deployment that the scenario is meant for has; nothing while nobody is signed in to it. */
export interface DeploymentWords {
  templates: readonly string[];
  /** Of the scenario's template. */
  parameters: readonly { name: string; detail: string }[];
}

export function offersAt(
  text: string,
  offset: number,
  workloads: readonly Workload[],
  deployment: DeploymentWords = { templates: [], parameters: [] },
): Offered | undefined {
  const cursor = cursorAt(text, offset);
  if (!cursor) return undefined;
  const { from, to } = cursor;
  return { from, to, offers: new Completion(cursor, workloads, deployment).offers() };
}

/** Of keys whose value is more than a word. */
const ROOT_INSERTS = {
  parameters: "parameters: { $1 }",
  steps: "steps:\n  - $1",
  thresholds: "thresholds:\n  - $1",
  limits: "limits: { $1 }",
  search: "search: { vary: $1, from: $2, to: $3 }",
};
const STEP_INSERTS = { stages: "stages: [{ for: $1, to: $2 }]", thresholds: "thresholds:\n  - $1" };
const BEGINS = ["at", "after", "with"];
const PARTS = ["ramp", "hold", "share"] as const;

class Completion {
  readonly #cursor: Cursor;
  readonly #kinds: Kinds;
  readonly #workloads: readonly Workload[];
  readonly #deployment: DeploymentWords;

  constructor(cursor: Cursor, workloads: readonly Workload[], deployment: DeploymentWords) {
    this.#cursor = cursor;
    this.#workloads = workloads;
    this.#kinds = new Kinds(workloads);
    this.#deployment = deployment;
  }

  offers(): readonly Offer[] {
    const { path, writes } = this.#cursor;
    const [first, at, ...rest] = path;
    const last = path.at(-1);
    if (isThreshold(path)) return this.#thresholds();
    if (last === "parameters" && writes === "key") return this.#parameters();
    // A word that is written out is followed by nothing.
    if (writes === "value" && this.#cursor.before.trim() !== "") return [];
    if (last === "template" && writes === "value" && (path.length === 1 || path.length === 4))
      return this.#deployment.templates.map(ofDeployment);
    if (first === "steps" && typeof at === "number")
      return writes === "key" ? this.#inStep(rest) : this.#valuesIn(rest);
    if (first === "search" && path.length === 2 && writes === "value") return this.#searchValues(at);
    if (path.length > 1) return [];
    if (first === "baseline") return [value("last-passed")];
    if (writes === "value") return [];
    if (first === undefined) return this.#keys(SCENARIO_KEYS, ROOT_INSERTS);
    if (first === "steps") return this.#stepKinds().map(asItem);
    if (first === "search") return this.#keys(SEARCH_KEYS);
    return first === "limits" ? this.#keys(LIMIT_KEYS) : [];
  }

  /** What of which step can be varied, and what holds where the rest is left out. */
  #searchValues(key: Path[number] | undefined): Offer[] {
    if (key === "precision") return [value(DEFAULT_PRECISION, t("default"))];
    if (key === "budget") return [value(DEFAULT_BUDGET, t("default"))];
    if (key === "and") return [value('"rate=1,2,5,10"'), value('"connections=100,200,400"')];
    return key === "vary" ? varyOffers(this.#read().all).map((word) => value(word)) : [];
  }

  /** Those that the map does not have yet. */
  #keys(texts: Readonly<Record<string, string>>, inserts: Readonly<Record<string, string>> = {}): Offer[] {
    return Object.entries(texts)
      .filter(([key]) => !this.#cursor.siblings.includes(key))
      .map(([key, text]) => this.#key(key, "key", lookedUp(text), inserts[key]));
  }

  #key(label: string, kind: Offer["kind"], help: string, insert = `${label}: `): Offer {
    const { hasColon } = this.#cursor;
    const isSnippet = !hasColon && insert.includes("$");
    return {
      label,
      kind,
      help,
      insert: hasColon ? label : insert,
      ...(isSnippet ? { isSnippet } : {}),
      leadsOn: !hasColon,
      inSchema: true,
    };
  }

  /** A key of a step, of its fields, or of a stage. */
  #inStep(path: Path): Offer[] {
    const [word, item] = path;
    if (word === undefined) return this.#stepKeys();
    if (word === "stages" && typeof item === "number") return this.#keys(STAGE_KEYS);
    const workload = this.#kinds.of(String(word));
    return workload && path.length === 1 ? this.#fields(workload) : [];
  }

  #stepKinds(): Offer[] {
    return this.#kinds.all.map((workload) => {
      const word = wordOf(workload);
      const insert = Object.hasOwn(STEP_KEYS, word) ? `${word}: ` : `${word}: { $1 }`;
      return this.#key(word, "step", lookedUp(workload.summary), insert);
    });
  }

  #stepKeys(): Offer[] {
    const { siblings } = this.#cursor;
    const kind = siblings.flatMap((name) => this.#kinds.of(name) ?? [])[0];
    const kinds = kind ? [] : this.#stepKinds();
    const begins = siblings.some((name) => BEGINS.includes(name));
    const keys = this.#keys(STEP_KEYS, STEP_INSERTS).filter(
      ({ label }) =>
        !kinds.some((one) => one.label === label) &&
        !(begins && BEGINS.includes(label)) &&
        (!kind || canSay(kind, label)),
    );
    return [...kinds, ...keys];
  }

  #fields(workload: Workload): Offer[] {
    const { siblings } = this.#cursor;
    const names = fieldNames(workload);
    const said = new Set(siblings.flatMap((name) => keysOf(workload, name)));
    const forms = workload.shortForms
      .filter((form) => !siblings.includes(form.name) && !keysOfForm(form).some((key) => said.has(key)))
      .map((form) => this.#key(form.name, "field", formHelp(form)));
    const fields = shownNames(names).flatMap((name) => {
      const { key, field } = names.get(name) ?? {};
      if (!field || key === undefined || key === THRESHOLDS || said.has(key)) return [];
      const value = defaultOf(field);
      const offer = this.#key(name, "field", fieldHelp(field), insertOf(name, field));
      return [value === undefined ? offer : { ...offer, detail: t("default {0}", value) }];
    });
    const parts = PARTS.filter(
      (part) => canSay(workload, part) && !names.has(part) && !siblings.includes(part),
    ).map((part) => this.#key(part, "field", lookedUp(STEP_KEYS[part])));
    return [...forms, ...fields, ...parts];
  }

  /** Values of a step's keys and fields. */
  #valuesIn([word, name, ...more]: Path): Offer[] {
    if (word === "at") return [...this.#steps(" + "), value("5m", timeHelp())];
    if (word === "after" || word === "with") return this.#steps("");
    const workload = this.#kinds.of(String(word));
    return workload && typeof name === "string" && more.length === 0 ? valuesOf(workload, name) : [];
  }

  /** The other steps. */
  #steps(more: string): Offer[] {
    const { all, own } = this.#read();
    return all
      .filter((step) => step !== own)
      .map(({ name, workload }) => ({
        label: name,
        kind: "reference",
        insert: `${name}${more}`,
        detail: wordOf(workload),
        inSchema: false,
      }));
  }

  #thresholds(): readonly Offer[] {
    const { path, before, behind, writes } = this.#cursor;
    const { all, own } = this.#read();
    const isOfStep = path[0] === "steps";
    const steps = isOfStep ? (own ? [own] : []) : all;
    const measured = steps.map(({ name, workload }) => ({ name, metrics: workload.metrics }));
    const offers = thresholdOffers({ before, behind }, measured, isOfStep);
    const isFirst = before.trim() === "";
    const set = isFirst && !isOfStep ? [value(DEFAULT, t("The default set, in Coder's own terms"))] : [];
    const isNoItemYet = writes === "key" && path.at(-1) === THRESHOLDS;
    return isNoItemYet ? [...offers, ...set].map(asItem) : [...offers, ...set];
  }

  #parameters(): Offer[] {
    const { siblings } = this.#cursor;
    return this.#deployment.parameters
      .filter(({ name }) => !siblings.includes(name))
      .map(({ name, detail }) => ({
        ...this.#key(name, "field", ""),
        detail,
        leadsOn: false,
        inSchema: false,
      }));
  }

  /** The steps as far as they are written, and the one that is being written. */
  #read(): { all: readonly Step[]; own: Step | undefined } {
    const { text, from } = this.#cursor;
    const options = { workloads: this.#workloads, evenBroken: true };
    const all = readScenario(text, options).scenario.steps;
    return { all, own: all.find(({ places }) => isIn(places.step as Node, from)) };
  }
}

function isIn({ range }: Pick<Node, "range">, offset: number): boolean {
  return !!range && range[0] <= offset && offset <= range[2];
}

function isThreshold(path: Path): boolean {
  const at = path.indexOf(THRESHOLDS);
  return (at === 0 || (path[0] === "steps" && (at === 2 || at === 3))) && path.length <= at + 2;
}

/** Whether a step of this kind may have the key. */
function canSay(workload: Workload, key: string): boolean {
  const part = PARTS.find((one) => one === key);
  if (part) return profileField(workload, part) !== undefined;
  return key !== THRESHOLDS || THRESHOLDS in workload.fields;
}

/** Fields that share one name. */
function keysOf(workload: Workload, name: string): string[] {
  const form = workload.shortForms.find((one) => one.name === name);
  const key = fieldNames(workload).get(name)?.key;
  return [...(form ? keysOfForm(form) : []), ...(key === undefined ? [] : [key])];
}

function keysOfForm({ choices }: ShortForm): string[] {
  return Object.values(choices).flatMap(({ config }) => Object.keys(config));
}

function insertOf(name: string, { kind }: Field): string | undefined {
  if (kind === "map") return `${name}: { $1 }`;
  return kind === "list" ? `${name}: [$1]` : undefined;
}

function valuesOf(workload: Workload, name: string): Offer[] {
  const form = workload.shortForms.find((one) => one.name === name);
  if (form) return Object.keys(form.choices).map((choice) => value(choice));
  const field = fieldNames(workload).get(name)?.field;
  if (!field) return [];
  const shown = defaultOf(field);
  const choices = field.kind === "boolean" ? ["true", "false"] : choicesOf(field);
  if (choices.length > 0)
    return choices.map((choice) => value(choice, choice === shown ? t("default") : undefined));
  return shown === undefined ? [] : [{ ...value(shown, t("default")), inSchema: field.kind !== "duration" }];
}

function value(label: string, detail?: string): Offer {
  return { label, kind: "value", insert: label, inSchema: true, ...(detail === undefined ? {} : { detail }) };
}

function ofDeployment(label: string): Offer {
  return { label, kind: "value", insert: label, inSchema: false };
}

/** As an item of a list that has none yet. */
function asItem(offer: Offer): Offer {
  return { ...offer, insert: `- ${offer.insert}` };
}
