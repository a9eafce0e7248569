import { isScalar, type Node, parseDocument, visit } from "yaml";
import type { Workload } from "../../../../contract/workload.ts";
import { lookedUp, wordsOf } from "../../../../l10n/text.ts";
import { code } from "../../../../scenario/field-words.ts";
import { THRESHOLDS } from "../../../../scenario/fields.ts";
import { fieldNames, Kinds, profileField } from "../../../../scenario/kinds.ts";
import { planOf } from "../../../../scenario/plan.ts";
import { saysOfLoad, saysOfStep } from "../../../../scenario/plan-words.ts";
import { LIMIT_KEYS, readScenario, SCENARIO_KEYS } from "../../../../scenario/read.ts";
import { SEARCH_KEYS } from "../../../../scenario/search.ts";
import { isTooMuch } from "../../../../scenario/source.ts";
import { STAGE_KEYS, STEP_KEYS } from "../../../../scenario/step.ts";
import { type Path, pathOf } from "./cursor.ts";
import { fieldHelp, formHelp, timeHelp } from "./field-help.ts";
import { metricHelp } from "./threshold-help.ts";

/** The hover of a word of a scenario. */
export interface Hovered {
  from: number;
  to: number;
  /** Markdown. */
  help: string;
  /** The JSON schema of scenarios says it, too. */
  inSchema: boolean;
}

interface Word {
  path: Path;
  /** A key, else a value. */
  isKey: boolean;
  text: string;
  from: number;
  to: number;
}

export function hoverAt(text: string, offset: number, workloads: readonly Workload[]): Hovered | undefined {
  const word = wordAt(text, offset);
  if (!word) return undefined;
  const { from, to, path, isKey } = word;
  if (path.includes(THRESHOLDS) && !isKey) return hoveredThreshold(text, word, offset, workloads);
  if (isReference(path) && !isKey) {
    const help = stepHelp(text, referenceIn(word.text), workloads);
    return help === undefined ? undefined : { from, to, help, inSchema: false };
  }
  const help = isKey ? keyHelp(path, new Kinds(workloads)) : undefined;
  return help === undefined ? undefined : { from, to, help, inSchema: true };
}

function wordAt(text: string, offset: number): Word | undefined {
  if (isTooMuch(text)) return undefined;
  const document = parseDocument(text, { version: "1.2", schema: "core", logLevel: "silent" });
  let found: Word | undefined;
  visit(document, {
    Scalar: (role, node, ancestors) => {
      const [from, to] = node.range ?? [0, 0];
      if (offset < from || offset >= to) return;
      const path = pathOf(ancestors as readonly Node[], node);
      const isKey = role === "key";
      const name = isScalar(node) ? (node.source ?? String(node.value)) : "";
      found = { path: isKey ? [...path, name] : path, isKey, text: text.slice(from, to), from, to };
      return visit.BREAK;
    },
  });
  return found;
}

/** Of a key, by where it stands. */
function keyHelp([first, at, word, name, ...more]: Path, kinds: Kinds): string | undefined {
  const textIn = (texts: Readonly<Record<string, string>>, key: Path[number] | undefined) => {
    const text = typeof key === "string" && Object.hasOwn(texts, key) ? texts[key] : undefined;
    return text === undefined ? undefined : lookedUp(text);
  };
  if (at === undefined) return textIn(SCENARIO_KEYS, first);
  if (first === "limits" && word === undefined) return textIn(LIMIT_KEYS, at);
  if (first === "search" && word === undefined) return textIn(SEARCH_KEYS, at);
  if (first !== "steps" || typeof word !== "string") return undefined;
  const workload = kinds.of(word);
  if (name === undefined) {
    const own = textIn(STEP_KEYS, word);
    return own === undefined ? workload && lookedUp(workload.summary) : withForm(word, own);
  }
  if (word === "stages") return more.length === 1 ? textIn(STAGE_KEYS, more[0]) : undefined;
  return workload && typeof name === "string" && more.length === 0 ? fieldOf(workload, name) : undefined;
}

function withForm(key: string, text: string): string {
  return key === "ramp" || key === "hold" ? `${text}\n\n${timeHelp()}` : text;
}

function fieldOf(workload: Workload, name: string): string | undefined {
  const form = workload.shortForms.find((one) => one.name === name);
  if (form) return formHelp(form);
  const field = fieldNames(workload).get(name)?.field;
  if (field) return fieldHelp(field);
  const part = (["ramp", "hold", "share"] as const).find((one) => one === name);
  return part && profileField(workload, part) ? withForm(part, lookedUp(STEP_KEYS[part])) : undefined;
}

function isReference(path: Path): boolean {
  return path.length === 3 && path[0] === "steps" && ["at", "after", "with"].includes(String(path[2]));
}

function referenceIn(text: string): string {
  return /[A-Za-z][\w-]*/.exec(text)?.[0] ?? "";
}

/** What the plan says of a step: "begins when create ends; ramp 1m, hold 10m; 120 connections". */
function stepHelp(text: string, name: string, workloads: readonly Workload[]): string | undefined {
  const { scenario } = readScenario(text, { workloads, evenBroken: true });
  const step = planOf(scenario).find((one) => one.name === name);
  if (!step) return undefined;
  const load = saysOfLoad(step);
  const said = [saysOfStep(step), ...(load ? [load] : [])].map(wordsOf).join("; ");
  return `**${name}** ${code(step.kind)}\n\n${said}`;
}

/** Of a threshold, its metric, or the step that it is about. */
function hoveredThreshold(
  text: string,
  word: Word,
  offset: number,
  workloads: readonly Workload[],
): Hovered | undefined {
  const at = offset - word.from;
  const token = [...word.text.matchAll(/[A-Za-z_][\w-]*/g)].find(
    ({ index, 0: one }) => index <= at && at < index + one.length,
  );
  if (!token) return undefined;
  const [name] = token;
  const place = { from: word.from + token.index, to: word.from + token.index + name.length, inSchema: false };
  if (/step\s*=\s*"?$/.test(word.text.slice(0, token.index))) {
    const help = stepHelp(text, name, workloads);
    return help === undefined ? undefined : { ...place, help };
  }
  const { steps } = readScenario(text, { workloads, evenBroken: true }).scenario;
  const having = steps.filter(({ workload }) => workload.metrics.some((one) => one.name === name));
  const metric = having[0]?.workload.metrics.find((one) => one.name === name);
  if (!metric) return undefined;
  return {
    ...place,
    help: metricHelp(
      metric,
      having.map((step) => step.name),
    ),
  };
}
