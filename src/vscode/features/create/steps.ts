import { NO_PRESET, type Preset } from "../../../coder/presets.ts";
import type { Template } from "../../../coder/schemas.ts";
import { type FormParameter, shownValue } from "../../../coder/secret-parameters.ts";
import { defaultText } from "../../../contract/fields/default-text.ts";
import { t } from "../../../l10n/text.ts";
import type { Check } from "../../../protocol/check.ts";
import type { Metric } from "../../../protocol/description.ts";
import type { createWorkspacesFields } from "../../../workloads/create-workspaces/config.ts";
import { checkLines, headed, infoLines, saveChoice, thresholdsChoice } from "../../ask/checks.ts";
import { type AskParts, chosen } from "../../ask/draft.ts";
import { fieldProblem, numberOf } from "../../ask/field-problem.ts";
import { deploymentStep, namingStep, taken } from "../../ask/steps.ts";
import { askThresholds } from "../../ask/thresholds-step.ts";
import { hostOf } from "../../model/deployments/origin.ts";
import type { KnownDeployment } from "../../model/deployments/store.ts";
import { BACK, type Choice, type Step } from "../../ui/inputs.ts";
import { askParameter, isAskedAgain } from "./ask-parameter.ts";
import { type CreateRequest, type Draft, findTemplate, type LastAnswers, presetValues } from "./draft.ts";
import { likeLastChoices, type TemplateAnswer, takeLast } from "./like-last.ts";
import { isAsked } from "./parameters.ts";
import { costSentence, type PlanSummary, planSentence, useSentence } from "./plan.ts";

/** What the steps need of the world. */
export interface CreateParts
  extends Pick<AskParts, "inputs" | "deployments" | "hasToken" | "isStaging" | "from"> {
  templates(deployment: KnownDeployment): Promise<Template[]>;
  /** Those that the template has with these values. */
  parameters(
    deployment: KnownDeployment,
    template: Template,
    values: Readonly<Record<string, string>>,
  ): Promise<readonly FormParameter[]>;
  presets(deployment: KnownDeployment, template: Template): Promise<readonly Preset[]>;
  last(deployment: KnownDeployment): LastAnswers;
  /** What can be found out before a load, without making anything. */
  checks(draft: Draft): Promise<Check[]>;
  /** Whether a `coder` command for SSH is named in the settings or on PATH. */
  hasCli(): Promise<boolean>;
  /** What the run is held to by the settings. */
  thresholds: readonly string[];
  /** What it can be held to. */
  metrics: readonly Metric[];
  /** The workload's, for what its answers may be. */
  fields: typeof createWorkspacesFields;
}

/** To start a run, or only to look whether it could be started. */
export type Goal = "start" | "check";

type CreateStep = Step<Draft>;

/** All steps for what is known so far: a template's parameters come in once it is chosen. */
export function createSteps(
  parts: CreateParts,
  request: CreateRequest,
  draft: Draft,
  goal: Goal,
): CreateStep[] {
  return [
    deploymentStep(parts, request.url),
    templateStep(parts, request),
    ...formSteps(parts, request, draft),
    ...(draft.isLikeLast ? [] : answerSteps(parts, request)),
    ...(draft.deployment?.sandbox ? [] : [cliStep(parts, request)]),
    ...lastSteps(parts, request, draft, goal),
  ];
}

function answerSteps(parts: CreateParts, request: CreateRequest): CreateStep[] {
  return [
    ...(request.count === undefined ? [countStep(parts)] : []),
    ...(request.runCommand === undefined ? [commandStep(parts)] : []),
    ...(request.start || request.config?.runTimeoutMs !== undefined ? [] : [commandTimeStep(parts)]),
    ...(request.concurrency === undefined ? [concurrencyStep(parts)] : []),
  ];
}

function lastSteps(parts: CreateParts, request: CreateRequest, draft: Draft, goal: Goal): CreateStep[] {
  if (goal === "check") return [checkStep(parts)];
  if (request.start) return [];
  return [confirmStep(parts, request), ...(draft.deployment?.sandbox ? [] : [namingStep(parts)])];
}

/** The preset, and what it leaves open. One that a later answer takes away keeps its place, and is skipped. */
function formSteps(parts: CreateParts, request: CreateRequest, draft: Draft): CreateStep[] {
  const isOpen =
    !request.start && !draft.isLikeLast && draft.presets.length > 0 && request.config.preset === undefined;
  return [
    ...(isOpen ? [presetStep(parts)] : []),
    ...draft.order
      .filter((name) => isOpenFor(name, request, draft))
      .map((name) => parameterStep(parts, name)),
  ];
}

/** Whether it is for a person to say, as far as it is there at all. */
function isOpenFor(name: string, request: CreateRequest, draft: Draft): boolean {
  if (name in presetValues(draft) || draft.given.includes(name)) return false;
  const parameter = draft.form.find((one) => one.name === name);
  if (!parameter) return true;
  // A request that is to start by itself asks nothing: the template's defaults are good enough.
  // Only what nobody may keep for it is asked for again.
  return request.start || draft.isLikeLast ? isAskedAgain(parameter) : isAsked(parameter);
}

function templateStep(parts: CreateParts, request: CreateRequest): CreateStep {
  return async (draft, place) => {
    const deployment = chosen(draft.deployment);
    const before = draft.template;
    if (request.template) {
      draft.template = findTemplate(await parts.templates(deployment), request);
      await askForm(parts, draft);
      return "skip";
    }
    const last = parts.last(deployment);
    const wanted = before?.id ?? last.template;
    const answer = await parts.inputs.choose<TemplateAnswer>({
      ...place,
      placeholder: t("Select a template"),
      choices: parts
        .templates(deployment)
        .then((templates) => [...likeLastChoices(last, templates), ...templateChoices(templates)]),
      active: ({ template, isLikeLast }) =>
        template.id === wanted && isLikeLast === (draft.isLikeLast || before === undefined),
    });
    const outcome = taken(answer, ({ template, isLikeLast }) => {
      draft.template = template;
      draft.isLikeLast = isLikeLast;
    });
    if (outcome !== "next" || !draft.template) return outcome;
    if (draft.isLikeLast) takeLast(draft, request, last);
    else if (before?.id !== draft.template.id) {
      draft.parameters = { ...request.parameters };
      draft.preset = request.config.preset;
      draft.order = [];
    }
    await askForm(parts, draft);
    return "next";
  };
}

/** What the template asks for with the values so far. */
async function askForm(parts: CreateParts, draft: Draft): Promise<void> {
  const deployment = chosen(draft.deployment);
  const { template } = draft;
  if (!template) return;
  draft.presets = await parts.presets(deployment, template);
  const set = presetValues(draft);
  draft.form = await parts.parameters(deployment, template, { ...draft.parameters, ...set });
  const names = draft.form.map(({ name }) => name);
  draft.order.push(...names.filter((name) => !draft.order.includes(name)));
  // An earlier answer for what is not there, or is the preset's; what the request gives is not ours to take away.
  const isLeft = (name: string) => draft.given.includes(name) || (names.includes(name) && !(name in set));
  for (const name of Object.keys(draft.parameters)) if (!isLeft(name)) delete draft.parameters[name];
}

/** The template's default is the first choice, as Coder's own form has it. */
function presetStep(parts: CreateParts): CreateStep {
  return async (draft, place) => {
    const last = parts.last(chosen(draft.deployment));
    const before = draft.preset ?? (last.template === draft.template?.id ? last.preset : undefined);
    const standard = draft.presets.find(({ isDefault }) => isDefault)?.name ?? NO_PRESET;
    const wanted =
      draft.presets.some(({ name }) => name === before) || before === NO_PRESET ? before : standard;
    const answer = await parts.inputs.choose({
      ...place,
      placeholder: t("Preset of the template's parameters"),
      choices: presetChoices(draft),
      active: (name) => name === wanted,
    });
    const outcome = taken(answer, (name) => {
      draft.preset = name;
    });
    if (outcome === "next") await askForm(parts, draft);
    return outcome;
  };
}

function presetChoices({ presets, form }: Pick<Draft, "presets" | "form">): Choice<string>[] {
  const known = new Map(form.map((one) => [one.name, one]));
  // One that only this preset brings is not in the form yet: nobody can tell whether its value may be shown.
  const setBy = (name: string, value: string) => {
    const parameter = known.get(name);
    return parameter ? `${name} = ${shownValue(parameter, value)}` : name;
  };

  return [
    ...[...presets]
      .sort((a, b) => Number(b.isDefault) - Number(a.isDefault))
      .map(({ name, isDefault, values }) => ({
        label: name,
        ...(isDefault ? { description: t("default") } : {}),
        detail: Object.entries(values)
          .map(([parameter, value]) => setBy(parameter, value))
          .join(" · "),
        value: name,
      })),
    { label: t("No preset"), detail: t("Each parameter is asked for"), value: NO_PRESET },
  ];
}

/** A choice's line has its organization: names may be the same in several. */
function templateChoices(templates: readonly Template[]): Choice<TemplateAnswer>[] {
  if (templates.length === 0) throw new Error(t("The deployment has no template that this user can see"));
  return templates
    .filter(({ deprecated }) => !deprecated)
    .map((template) => ({
      label: template.display_name || template.name,
      description: [template.display_name ? template.name : "", template.organization_name]
        .filter(Boolean)
        .join(" · "),
      ...(template.description ? { detail: template.description } : {}),
      value: { template, isLikeLast: false },
    }));
}

function parameterStep(parts: CreateParts, name: string): CreateStep {
  return async (draft, place) => {
    const deployment = chosen(draft.deployment);
    const parameter = draft.form.find((one) => one.name === name);
    if (!parameter) return "skip";
    const last = parts.last(deployment);
    const sameTemplate = last.template === draft.template?.id;
    const known =
      draft.parameters[parameter.name] ?? (sameTemplate ? last.parameters?.[parameter.name] : undefined);
    const answer = await askParameter(parts.inputs, parameter, known, place);
    const outcome = taken(answer, (value) => {
      // The server fills in a default by itself; a name without a value would be refused.
      if (value === "") delete draft.parameters[parameter.name];
      else draft.parameters[parameter.name] = value;
    });
    // The answer may bring further parameters, or take some away.
    if (outcome === "next") await askForm(parts, draft);
    return outcome;
  };
}

function countStep(parts: CreateParts): CreateStep {
  return async (draft, place) => {
    const answer = await parts.inputs.ask({
      ...place,
      prompt: t("Workspaces to create"),
      value: String(draft.count ?? parts.last(chosen(draft.deployment)).count ?? 10),
      validate: (value) => fieldProblem(parts.fields.count, value),
    });
    return taken(answer, (value) => {
      draft.count = numberOf(parts.fields.count, value);
    });
  };
}

function commandStep(parts: CreateParts): CreateStep {
  return async (draft, place) => {
    const answer = await parts.inputs.ask({
      ...place,
      prompt: t("Command to run in each workspace's web terminal (optional)"),
      placeholder: "sleep 2 && echo hello",
      value: draft.runCommand ?? parts.last(chosen(draft.deployment)).runCommand ?? "",
    });
    return taken(answer, (value) => {
      draft.runCommand = value.trim();
    });
  };
}

/** A command has a limit, which fails every workspace where it is too short: it is asked for with the command. */
function commandTimeStep(parts: CreateParts): CreateStep {
  return async (draft, place) => {
    if (!draft.runCommand) return "skip";
    const answer = await parts.inputs.ask({
      ...place,
      prompt: t("Time limit of the command in each workspace"),
      value: draft.runTimeout ?? parts.last(chosen(draft.deployment)).runTimeout ?? defaultRunTimeout(parts),
      validate: (value) => fieldProblem(parts.fields.runTimeoutMs, value),
    });
    return taken(answer, (value) => {
      draft.runTimeout = value.trim();
    });
  };
}

function concurrencyStep(parts: CreateParts): CreateStep {
  return async (draft, place) => {
    const answer = await parts.inputs.ask({
      ...place,
      prompt: t("Maximum concurrent workspace builds (0 = unlimited)"),
      value: String(draft.concurrency ?? parts.last(chosen(draft.deployment)).concurrency ?? 10),
      validate: (value) => fieldProblem(parts.fields.concurrency, value),
    });
    return taken(answer, (value) => {
      draft.concurrency = numberOf(parts.fields.concurrency, value);
    });
  };
}

/** Where SSH is to go through Coder's own command and there is none, it is asked once for a deployment what to do. */
function cliStep(parts: CreateParts, request: CreateRequest): CreateStep {
  return async (draft, place) => {
    const deployment = chosen(draft.deployment);
    // SSH is this tool's own, through the deployment's relay, unless a request wants it otherwise.
    const byCommand = request.config?.sshVia === "cli" || request.config?.connectMode === "direct";
    const decided =
      !byCommand || request.start || request.config?.ssh === false || request.config?.downloadCli === true;
    if (decided || deployment.sandbox || (await parts.hasCli())) return "skip";
    const last = parts.last(deployment).cli;
    if (last === "download") {
      draft.cli = last;
      return "skip";
    }
    const host = hostOf(deployment.url);
    const answer = await parts.inputs.choose<NonNullable<Draft["cli"]>>({
      ...place,
      placeholder: t("SSH needs the coder command, and none is on PATH"),
      choices: [
        {
          label: t("Download the coder command from {0}", host),
          detail: t("From the deployment itself, checked against its sum, kept for later runs"),
          value: "download",
        },
        { label: t("Leave out SSH"), detail: t("The command still runs in the web terminal"), value: "none" },
      ],
    });
    return taken(answer, (cli) => {
      draft.cli = cli;
    });
  };
}

function confirmStep(parts: CreateParts, request: CreateRequest): CreateStep {
  return async (draft, place) => {
    const plan = { ...planOf(parts, draft), cleanup: true };
    const checks = parts.checks(draft);
    while (true) {
      const held = draft.thresholds ?? request.config.thresholds ?? parts.thresholds;
      const answer = await parts.inputs.choose<"start" | "keep" | "save" | "thresholds">({
        ...place,
        placeholder: t("Enter starts the scale test"),
        choices: checks.then((found) => confirmChoices(plan, held, found)),
        active: (value) => value === (draft.keep ? "keep" : "start"),
      });
      if (answer === "thresholds") {
        const changed = await askThresholds(parts.inputs, place, parts.metrics, held);
        if (changed !== undefined && changed !== BACK) draft.thresholds = changed;
        continue;
      }
      return taken(answer, (value) => {
        draft.keep = value === "keep" || (value === "save" && draft.keep);
        draft.saved = value === "save";
        draft.confirmed = true;
      });
    }
  };
}

/** What can be chosen stands first; what only tells, below a heading. */
function confirmChoices(
  plan: PlanSummary,
  held: readonly string[],
  checks: readonly Check[],
): Choice<"start" | "keep" | "save" | "thresholds">[] {
  return [
    { label: t("$(play) Start"), detail: planSentence(plan), value: "start" },
    {
      label: t("$(archive) Start, and keep the workspaces"),
      detail: t("For traffic to them. They stay until they are cleaned up."),
      value: "keep",
    },
    thresholdsChoice(held),
    saveChoice(),
    ...headed(t("What will happen"), [
      ...infoLines<"start">(t("Each workspace gets its own user"), useSentence(plan)),
      ...infoLines<"start">(t("Load on the deployment"), costSentence(plan)),
    ]),
    ...checkLines<"start">(checks, false),
  ];
}

/** All checks, to be read. */
function checkStep(parts: CreateParts): CreateStep {
  return async (draft, place) => {
    const answer = await parts.inputs.choose<never>({
      ...place,
      placeholder: t("What was found; Escape closes"),
      choices: parts.checks(draft).then((checks) => checkLines<never>(checks, true)),
    });
    return answer === BACK ? "back" : "cancel";
  };
}

function defaultRunTimeout({ fields }: Pick<CreateParts, "fields">): string {
  return defaultText(fields.runTimeoutMs) ?? "";
}

export function planOf(parts: Pick<CreateParts, "from" | "fields">, draft: Draft): PlanSummary {
  return {
    host: hostOf(chosen(draft.deployment).url),
    template: draft.template?.display_name || draft.template?.name || "",
    count: draft.count ?? 1,
    concurrency: draft.concurrency ?? 1,
    runCommand: draft.runCommand ?? "",
    runTimeout: draft.runTimeout ?? defaultRunTimeout(parts),
    ssh: draft.cli !== "none",
    from: parts.from,
    cleanup: !draft.keep,
  };
}
