import { listed, t, wordsOf } from "../../../l10n/text.ts";
import { oneStep } from "../../../protocol/step-request.ts";
import type { Scenario } from "../../../scenario/model.ts";
import { hasErrors } from "../../../scenario/problem.ts";
import { type ReadScenario, readScenario } from "../../../scenario/read.ts";
import {
  andOffer,
  DEFAULT_BUDGET,
  DEFAULT_PRECISION,
  type SearchAsked,
  type SearchKey,
  searchOf,
  varyOffers,
} from "../../../scenario/search.ts";
import { writeScenario } from "../../../scenario/write.ts";
import { startable, workloads } from "../../../workloads/index.ts";
import { headed, infoLines } from "../../ask/checks.ts";
import type { AskParts } from "../../ask/draft.ts";
import { taken } from "../../ask/steps.ts";
import { askThresholds } from "../../ask/thresholds-step.ts";
import { type Choice, runSteps, type Step } from "../../ui/inputs.ts";
import type { ScenarioToRun } from "./ask.ts";

/** What a limit can be searched of: a scenario's file, or a workload by its usual configuration. */
export interface Subject extends ScenarioToRun {
  label: string;
  detail?: string;
}

export interface FindLimitParts extends Pick<AskParts, "inputs" | "memory" | "limits" | "thresholds"> {
  /** Writes a scenario's text to where the person says. */
  save(text: string, name: string): Promise<unknown>;
}

interface FindLimitDraft {
  subject: Subject | undefined;
  search: SearchAsked;
  /** What has to hold, where the subject is held to nothing. */
  objectives: readonly string[];
  isSaved: boolean;
}

const LAST = "scaletest.lastLimit";
/** A free name: the file is nowhere yet. */
const UNSAVED = "untitled:limit.scaletest.yaml";
const PRECISIONS = ["2%", "5%", "10%", "20%"];
/** No number is written so. */
const NO_SECOND = "";
const USUAL = { connections: ["10", "1000"], concurrency: ["1", "50"] } as const;

/**
 * Asks what a search needs: of what, what is varied, from where to where, how near, how long and held to what. Resolves
 * with the scenario that is the search; undefined where the person left, or has saved it.
 */
export async function askForLimit(
  parts: FindLimitParts,
  subjects: readonly Subject[],
): Promise<ScenarioToRun | undefined> {
  const title = t("Scale Test: Find the Limit");
  const draft: FindLimitDraft = {
    ...{ subject: undefined, objectives: [], isSaved: false },
    search: kept(parts.memory.get<SearchAsked>(LAST) ?? {}),
  };
  if (!(await runSteps(title, draft, () => stepsOf(parts, subjects, draft)))) return undefined;
  const { scenario } = searching(draft, parts);
  await parts.memory.update(LAST, draft.search);
  const { uri, file, label } = subjectOf(draft);
  if (!draft.isSaved) return { uri, file, scenario };
  await parts.save(scenario.text, scenario.name ?? label);
  return undefined;
}

/** Whether something of it can be varied. */
export function canSearch({ scenario, problems }: Pick<ReadScenario, "scenario" | "problems">): boolean {
  return !hasErrors(problems) && varyOffers(scenario.steps).length > 0;
}

/** Workloads that need no answers: they load what is there, as scenarios of one step. */
export async function workloadSubjects(parts: Pick<FindLimitParts, "thresholds">): Promise<Subject[]> {
  const subjects: Subject[] = [];
  for (const workload of startable) {
    if (workload.notAStep || !workload.hasPreflight || workload.problems({}).length > 0) continue;
    const { config, title: name } = workload.check({});
    const thresholds = [...(await parts.thresholds(workload.name))];
    const run = { name: t("limit of {0}", name), steps: oneStep(workload.name, config), thresholds };
    const { text } = writeScenario(run, workloads);
    const read = readScenario(text, { workloads });
    if (canSearch(read))
      subjects.push({
        ...{ label: workload.name, detail: t("To workspaces that are there, with its usual settings") },
        ...{ uri: UNSAVED, file: UNSAVED, scenario: read.scenario },
      });
  }
  return subjects;
}

function subjectOf({ subject }: FindLimitDraft): Subject {
  if (!subject) throw new Error("Nothing is chosen");
  return subject;
}

/** The scenario with its search: what is wrong with it by now is told by its problems. */
function searching(draft: FindLimitDraft, { limits }: Pick<FindLimitParts, "limits">): ReadScenario {
  const { scenario } = subjectOf(draft);
  const search = Object.entries(draft.search)
    .filter(([, text]) => text !== undefined)
    .map(([key, text]) => `${key}: ${/^\d+$/.test(text ?? "") ? text : JSON.stringify(text)}`);
  return readScenario(scenario.text, {
    ...{ workloads, env: process.env, limits: limits() },
    set: [
      ...(draft.objectives.length > 0 ? [`thresholds=${JSON.stringify(draft.objectives)}`] : []),
      `search={ ${search.join(", ")} }`,
    ],
  });
}

function stepsOf(
  parts: FindLimitParts,
  subjects: readonly Subject[],
  draft: FindLimitDraft,
): Step<FindLimitDraft>[] {
  const isHeld = (draft.subject?.scenario.heldTo.length ?? 0) > 0;
  return [
    subjectStep(parts, subjects),
    varyStep(parts),
    andStep(parts),
    valueStep(parts, "from", t("Smallest level: the search starts here")),
    valueStep(parts, "to", t("Ceiling: the search never goes above this level")),
    precisionStep(parts),
    valueStep(parts, "budget", t("Time budget of the search"), DEFAULT_BUDGET),
    ...(isHeld ? [] : [objectivesStep(parts)]),
    confirmStep(parts),
  ];
}

function subjectStep({ inputs }: FindLimitParts, subjects: readonly Subject[]): Step<FindLimitDraft> {
  return async (draft, place) => {
    const [only, ...more] = subjects;
    if (only && more.length === 0) return choose(draft, only, "skip");
    const answer = await inputs.choose<Subject>({
      ...place,
      placeholder: t("Select what to find the limit of"),
      choices: subjects.map((subject) => ({
        label: subject.label,
        ...(subject.detail ? { detail: subject.detail } : {}),
        value: subject,
      })),
      active: ({ label }) => label === draft.subject?.label,
    });
    return taken(answer, (subject) => void choose(draft, subject, "next"));
  };
}

/** A second number is of one search: the next one begins without. */
function kept({ and: _and, ...search }: SearchAsked): SearchAsked {
  return search;
}

/** What its file says is what is offered. */
function choose<T>(draft: FindLimitDraft, subject: Subject, then: T): T {
  draft.subject = subject;
  draft.search = { ...kept(draft.search), ...subject.scenario.search };
  return then;
}

function varyStep({ inputs }: FindLimitParts): Step<FindLimitDraft> {
  return async (draft, place) => {
    const offers = varyOffers(subjectOf(draft).scenario.steps);
    const [only, ...more] = offers;
    if (only !== undefined && more.length === 0) {
      draft.search.vary = only;
      return "skip";
    }
    const answer = await inputs.choose<string>({
      ...place,
      placeholder: t("Select what to increase"),
      choices: offers.map((offer) => ({ label: offer, detail: saysOf(offer), value: offer })),
      active: (offer) => offer === draft.search.vary,
    });
    return taken(answer, (offer) => {
      if (offer !== draft.search.vary)
        draft.search = { ...draft.search, from: undefined, to: undefined, and: undefined };
      draft.search.vary = offer;
    });
  };
}

function saysOf(offer: string): string {
  if (offer.startsWith("connections")) return t("Connections that send at the same time");
  if (offer.startsWith("rate")) return t("Messages a second of all connections together");
  if (offer.startsWith("users")) return t("Users of all loads together, each load with its share");
  return t("Jobs at the same time");
}

/** Skipped where nothing can stand beside what is varied. */
function andStep({ inputs }: FindLimitParts): Step<FindLimitDraft> {
  return async (draft, place) => {
    const { vary = "", and = NO_SECOND } = draft.search;
    const offer = andOffer(vary);
    if (!offer) return "skip";
    const example = `${offer.word}=${offer.values}`;
    const known = [...new Set([example, and])].filter((one) => one !== NO_SECOND);
    const answer = await inputs.choose<string>({
      ...place,
      placeholder: t("Second number (optional): choose, or type values such as {0}", example),
      choices: [
        { label: t("No second number"), detail: t("One search, of {0} alone", vary), value: NO_SECOND },
        ...known.map((one) => ({ label: one, detail: secondSays(offer.word), value: one })),
      ],
      active: (one) => one === and,
      typed: (text) => typedSecond(draft, offer.word, text),
    });
    return taken(answer, (chosen) => {
      draft.search.and = chosen === NO_SECOND ? undefined : chosen;
    });
  };
}

/** What is typed, as a choice of its own, or what is wrong with it; the number's name may be left out. */
function typedSecond(draft: FindLimitDraft, word: string, typed: string): Choice<string> | undefined {
  const text = typed.trim();
  if (!/\d/.test(text)) return undefined;
  const and = text.includes("=") ? text : `${word}=${text}`;
  const problem = problemOf(draft, "and", and);
  return problem === undefined
    ? { label: `$(add) ${and}`, detail: secondSays(word), value: and }
    : { label: `$(error) ${problem}` };
}

function secondSays(word: string): string {
  return word === "rate"
    ? t("A search for each of these rates: messages a second of each connection")
    : t("A search for each of these numbers of connections");
}

function valueStep(
  parts: FindLimitParts,
  key: "from" | "to" | "budget",
  prompt: string,
  usual?: string,
): Step<FindLimitDraft> {
  return async (draft, place) => {
    const answer = await parts.inputs.ask({
      ...place,
      prompt,
      value: draft.search[key] ?? usual ?? usualOf(draft, key),
      validate: (text) => problemOf(draft, key, text.trim()),
    });
    return taken(answer, (text) => {
      draft.search[key] = text.trim();
    });
  };
}

function usualOf({ search: { vary = "" } }: FindLimitDraft, key: "from" | "to" | "budget"): string {
  const [from, to] = vary.startsWith("concurrency") ? USUAL.concurrency : USUAL.connections;
  return key === "from" ? from : to;
}

/** What is wrong with one value; of those that are not asked for yet, nothing is said. */
function problemOf(draft: FindLimitDraft, key: SearchKey, text: string): string | undefined {
  const { vary, from } = draft.search;
  const known = { vary, ...(key === "to" ? { from } : {}), [key]: text };
  let problem: string | undefined;
  searchOf(known, subjectOf(draft).scenario.steps.map(variable), (at, said) => {
    if (at === key) problem ??= wordsOf(said);
  });
  return problem;
}

function variable({ name, workload, config, checked }: Scenario["steps"][number]) {
  return { name, workload, config: checked?.config ?? config };
}

function precisionStep({ inputs }: FindLimitParts): Step<FindLimitDraft> {
  return async (draft, place) => {
    const { precision = DEFAULT_PRECISION } = draft.search;
    const answer = await inputs.choose<string>({
      ...place,
      placeholder: t("Precision: how close the largest passing and the smallest failing level have to be"),
      choices: [...new Set([...PRECISIONS, precision])].map((share) => ({ label: share, value: share })),
      active: (share) => share === precision,
    });
    return taken(answer, (share) => {
      draft.search.precision = share;
    });
  };
}

/** As other runs are asked for their thresholds. */
function objectivesStep({ inputs }: FindLimitParts): Step<FindLimitDraft> {
  return async (draft, place) => {
    const metrics = subjectOf(draft).scenario.steps.flatMap(({ workload }) => workload.metrics);
    const distinct = [...new Map(metrics.map((metric) => [metric.name, metric])).values()];
    const answer = await askThresholds(inputs, place, distinct, draft.objectives, { isStep: true });
    return taken(answer, (objectives) => {
      draft.objectives = objectives;
    });
  };
}

function firstError(draft: FindLimitDraft, parts: FindLimitParts): string | undefined {
  const error = searching(draft, parts).problems.find(({ severity }) => severity === "error");
  return error && wordsOf(error.bare ?? error.message);
}

function confirmStep(parts: FindLimitParts): Step<FindLimitDraft> {
  return async (draft, place) => {
    const answer = await parts.inputs.choose<"start" | "save">({
      ...place,
      placeholder: t("Enter starts the search"),
      choices: linesOf(draft, firstError(draft, parts), searching(draft, parts).scenario),
    });
    return taken(answer, (value) => {
      draft.isSaved = value === "save";
    });
  };
}

function linesOf(
  { search }: FindLimitDraft,
  problem: string | undefined,
  { heldTo }: Scenario,
): Choice<"start" | "save">[] {
  const { vary = "", from = "", to = "", budget = DEFAULT_BUDGET, precision = DEFAULT_PRECISION } = search;
  const { and } = search;
  const group = t("What will happen");
  if (problem !== undefined) return [{ label: t("$(error) Cannot be searched"), detail: problem }];
  return [
    {
      label: t("$(play) Start"),
      detail: t("{0} from {1} to {2}, to {3}, in {4} at most", vary, from, to, precision, budget),
      value: "start",
    },
    { label: t("$(save) Save as Scenario…"), value: "save" },
    ...headed(group, [
      ...infoLines<"start" | "save">(
        t("Objectives"),
        listed([...new Set(heldTo.map(({ expression }) => expression))]),
      ),
      ...(and ? infoLines<"start" | "save">(t("Second number: a search for each value"), and) : []),
      ...infoLines<"start" | "save">(
        t("Schedule"),
        t("The load grows until an objective breaks, then the limit is narrowed down and looked at again"),
      ),
    ]),
  ];
}
