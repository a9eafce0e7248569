import { choicesOf, type Field } from "../../../contract/fields/field.ts";
import type { Workload } from "../../../contract/workload.ts";
import { listed, lookedUp, t } from "../../../l10n/text.ts";
import type { Check } from "../../../protocol/check.ts";
import { messageOf } from "../../host.ts";
import { hostOf } from "../../model/deployments/origin.ts";
import type { Choice, Place, Step } from "../../ui/inputs.ts";
import { checkLines, headed, infoLines, saveChoice } from "../checks.ts";
import { type AskParts, chosen, type RunDraft } from "../draft.ts";
import type { RunRequest } from "../run-request.ts";
import { deploymentStep, namingStep, taken } from "../steps.ts";
import { askThresholds } from "../thresholds-step.ts";
import {
  answerProblem,
  defaultShown,
  isNeeded,
  placeholderOf,
  questionOf,
  readAnswer,
  shownFields,
  THRESHOLDS,
  typedText,
} from "./answers.ts";

/** The answers so far. */
export interface FieldsDraft extends RunDraft {
  /** By key; a field that is not among them has its default. */
  config: Record<string, unknown>;
  /** Keys of the further options that the person wants to change. */
  more: readonly string[];
}

/** What the steps need of the world. */
export interface FieldsParts
  extends Pick<AskParts, "inputs" | "deployments" | "hasToken" | "isStaging" | "from"> {
  workload: Workload;
  /** What was answered last on the deployment. */
  last(url: string): Readonly<Record<string, unknown>>;
  /** What the run is held to where the person says nothing else. */
  thresholds: readonly string[];
  /** The configuration that the answers come to. */
  config(draft: FieldsDraft): Record<string, unknown>;
  checks(draft: FieldsDraft): Promise<Check[]>;
}

type FieldsStep = Step<FieldsDraft>;

/**
 * The questions of a workload that has no wizard of its own: the deployment, the fields that every run has to name, a
 * list of the others, those that were picked there, thresholds, and whether to start.
 */
export function fieldsSteps(parts: FieldsParts, request: RunRequest, draft: FieldsDraft): FieldsStep[] {
  const { fields, metrics } = parts.workload;
  const given = request.config ?? {};
  const open = shownFields(fields).filter(([key]) => given[key] === undefined);
  const needed = open.filter(([, field]) => isNeeded(field));
  const others = open.filter(([, field]) => !isNeeded(field));
  const steps = [
    deploymentStep<FieldsDraft>(parts, request.url),
    ...needed.map(([key, field]) => fieldStep(parts, key, field)),
  ];
  if (request.start) return steps;
  const wanted = others.filter(([key]) => draft.more.includes(key));
  const thresholds = metrics.length > 0 ? fields[THRESHOLDS] : undefined;
  return [
    ...steps,
    ...(others.length > 0 ? [moreStep(parts, others)] : []),
    ...wanted.map(([key, field]) => fieldStep(parts, key, field)),
    ...(thresholds && given[THRESHOLDS] === undefined ? [thresholdsStep(parts)] : []),
    confirmStep(parts),
    ...(draft.deployment?.sandbox ? [] : [namingStep<FieldsDraft>(parts)]),
  ];
}

/** An answer, what was answered last, or the default. */
function knownValue(parts: FieldsParts, draft: FieldsDraft, key: string, field: Field): unknown {
  const { deployment, config } = draft;
  return config[key] ?? (deployment && parts.last(deployment.url)[key]) ?? field.default;
}

/** An input that fits the field's kind. */
function fieldStep(parts: FieldsParts, key: string, field: Field): FieldsStep {
  return (draft, place) => {
    const known = knownValue(parts, draft, key, field);
    if (field.kind === "choice") return choiceStep(parts, { key, field, known }, draft, place);
    if (field.kind === "boolean") return booleanStep(parts, { key, field, known }, draft, place);
    return textStep(parts, { key, field, known }, draft, place);
  };
}

interface Asked {
  key: string;
  field: Field;
  known: unknown;
}

async function choiceStep(
  { inputs }: FieldsParts,
  { key, field, known }: Asked,
  draft: FieldsDraft,
  place: Place,
) {
  const answer = await inputs.choose<string>({
    ...place,
    placeholder: questionOf(field),
    choices: choicesOf(field).map((value) => ({ label: value, value })),
    active: (value) => value === known,
  });
  return taken(answer, (value) => {
    draft.config[key] = value;
  });
}

/** The question is that of the flag: a yes to "Do not connect" makes the value false. */
async function booleanStep(
  { inputs }: FieldsParts,
  { key, field, known }: Asked,
  draft: FieldsDraft,
  place: Place,
) {
  const yes = !field.negated;
  const answer = await inputs.choose<"yes" | "no">({
    ...place,
    placeholder: questionOf(field),
    choices: [
      { label: t("Yes"), value: "yes" },
      { label: t("No"), value: "no" },
    ],
    active: (value) => (value === "yes") === (known === yes),
  });
  return taken(answer, (value) => {
    draft.config[key] = value === "yes" ? yes : !yes;
  });
}

async function textStep(
  { inputs }: FieldsParts,
  { key, field, known }: Asked,
  draft: FieldsDraft,
  place: Place,
) {
  const placeholder = placeholderOf(field);
  const answer = await inputs.ask({
    ...place,
    prompt: questionOf(field),
    value: typedText(field, known),
    ...(placeholder ? { placeholder } : {}),
    ...(field.mayBeSecret ? { password: true } : {}),
    validate: (text) => answerProblem(field, text),
  });
  return taken(answer, (text) => take(draft, key, field, text));
}

/** Nothing typed: the default holds. */
function take(draft: FieldsDraft, key: string, field: Field, text: string): void {
  const reading = text.trim() === "" && !isNeeded(field) ? undefined : readAnswer(field, text);
  if (reading && "value" in reading) draft.config[key] = reading.value;
  else delete draft.config[key];
}

/** The other options with what holds for them: those that are ticked are asked for. */
function moreStep(parts: FieldsParts, others: readonly [string, Field][]): FieldsStep {
  return async (draft, place) => {
    const answer = await parts.inputs.chooseMany<string>({
      ...place,
      placeholder: t("Change more options? Select them; Enter continues"),
      choices: others.map(([key, field]) => {
        const value = draft.config[key];
        const text = value === undefined ? defaultShown(field) : typedText(field, value);
        return { label: questionOf(field), ...(text ? { description: text } : {}), value: key };
      }),
      picked: (key) => draft.more.includes(key),
    });
    return taken(answer, (keys) => {
      // What is not to be changed any more has its default again.
      for (const key of draft.more) if (!keys.includes(key)) delete draft.config[key];
      draft.more = keys;
    });
  };
}

function thresholdsStep(parts: FieldsParts): FieldsStep {
  return async (draft, place) => {
    const held = (draft.config[THRESHOLDS] ?? parts.thresholds) as readonly string[];
    const answer = await askThresholds(parts.inputs, place, parts.workload.metrics, held, { isStep: true });
    return taken(answer, (changed) => {
      draft.config[THRESHOLDS] = changed;
    });
  };
}

function confirmStep(parts: FieldsParts): FieldsStep {
  return async (draft, place) => {
    const answer = await parts.inputs.choose<"start" | "save">({
      ...place,
      placeholder: t("Enter starts the scale test"),
      choices: confirmChoices(parts, draft),
    });
    return taken(answer, (value) => {
      draft.saved = value === "save";
      draft.confirmed = true;
    });
  };
}

/** Where the answers do not go together, what is wrong stands in place of the start: the person can go back. */
async function confirmChoices(parts: FieldsParts, draft: FieldsDraft): Promise<Choice<"start" | "save">[]> {
  const { workload } = parts;
  const config = parts.config(draft);
  let title: string;
  try {
    title = workload.check(config).title;
  } catch (error) {
    return [{ label: `$(error) ${messageOf(error)}` }];
  }
  const said = shownFields(workload.fields).filter(([key]) => config[key] !== undefined);
  const held = (config[THRESHOLDS] ?? []) as readonly string[];
  return [
    { label: t("$(play) Start"), description: title, detail: lookedUp(workload.summary), value: "start" },
    saveChoice(),
    ...headed(t("What will happen"), [
      ...infoLines<"start">(t("Load comes from"), parts.from),
      ...infoLines<"start">(t("Target"), hostOf(chosen(draft.deployment).url)),
      ...said.flatMap(([key, field]) => infoLines<"start">(questionOf(field), shownText(field, config[key]))),
      ...(held.length > 0 ? infoLines<"start">(t("Thresholds"), listed(held)) : []),
    ]),
    ...checkLines<"start">(await parts.checks(draft), false),
  ];
}

/** Secrets are not shown again. */
function shownText(field: Field, value: unknown): string {
  if (field.mayBeSecret) return "…";
  if (field.kind === "boolean") return (value === true) !== (field.negated ?? false) ? t("Yes") : t("No");
  return typedText(field, value);
}
