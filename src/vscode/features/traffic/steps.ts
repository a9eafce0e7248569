import type { Reach, Survey } from "../../../app/reach.ts";
import { isNamed } from "../../../app/templates.ts";
import { formatLoad, formatMessages, formatRate } from "../../../l10n/figures.ts";
import { listed, plural, t } from "../../../l10n/text.ts";
import type { Check } from "../../../protocol/check.ts";
import { DEFAULT_TIMEOUT_MS } from "../../../protocol/defaults.ts";
import type { Metric } from "../../../protocol/description.ts";
import { parseDuration } from "../../../protocol/duration.ts";
import { messagesPerSecond, parseRate } from "../../../protocol/rate.ts";
import type { trafficFields } from "../../../workloads/workspace-traffic/config.ts";
import { checkLines, headed, infoLines, saveChoice, thresholdsChoice } from "../../ask/checks.ts";
import { type AskParts, chosen } from "../../ask/draft.ts";
import { fieldProblem, numberOf } from "../../ask/field-problem.ts";
import { deploymentStep, durationProblem, namingStep, roundDuration, taken } from "../../ask/steps.ts";
import { askThresholds } from "../../ask/thresholds-step.ts";
import { NothingToReach } from "../../ask/wizard.ts";
import { hostOf } from "../../model/deployments/origin.ts";
import type { KnownDeployment } from "../../model/deployments/store.ts";
import { workspacesText } from "../../text.ts";
import { BACK, type Choice, type Step } from "../../ui/inputs.ts";
import {
  DEFAULTS,
  type LastTraffic,
  lengthOf,
  rateOf,
  type TrafficDraft,
  type TrafficRequest,
  type Transport,
  timeLimitFor,
} from "./draft.ts";
import { likeLastChoices, plainReach, type ReachAnswer, takeLast } from "./like-last.ts";
import {
  connectionsProblem,
  courseSentence,
  loadOf,
  rateProblem,
  sumText,
  type TrafficPlan,
  trafficCost,
  trafficSentence,
  waySentence,
} from "./plan.ts";

/** What the steps need of the world. */
export interface TrafficStepParts extends Omit<AskParts, "memory" | "target" | "thresholds"> {
  survey(deployment: KnownDeployment): Promise<Survey>;
  /** Titles of known runs by their id. */
  titles(): Promise<ReadonlyMap<string, string>>;
  last(deployment: KnownDeployment): LastTraffic;
  checks(draft: TrafficDraft): Promise<Check[]>;
  /** What the run is held to by the settings. */
  thresholds: readonly string[];
  /** What it can be held to. */
  metrics: readonly Metric[];
  /** The workload's, for what its answers may be. */
  fields: typeof trafficFields;
}

type TrafficStep = Step<TrafficDraft>;
const RATES = ["1KB/s", "10KB/s", "40KB/s", "200KB/s"] as const;
/** A value that no rate has: the next question asks for one, by `ownRate`. */
const OTHER = "";

export function trafficSteps(
  parts: TrafficStepParts,
  request: TrafficRequest,
  draft: TrafficDraft,
): TrafficStep[] {
  const asks = !request.start;
  const steps = [deploymentStep<TrafficDraft>(parts, request.url), reachStep(parts, request)];
  if (!asks) return steps;
  return [
    ...steps,
    ...(draft.isLikeLast ? [] : answerSteps(parts, request, draft)),
    ...(request.config?.timeoutMs === undefined ? [timeLimitStep(parts)] : []),
    confirmStep(parts, request),
    ...(draft.deployment?.sandbox ? [] : [namingStep<TrafficDraft>(parts)]),
  ];
}

function answerSteps(parts: TrafficStepParts, request: TrafficRequest, draft: TrafficDraft): TrafficStep[] {
  return [
    ...(request.transport || request.app ? [] : [transportStep(parts)]),
    ...(request.connections === undefined ? [connectionsStep(parts)] : []),
    ...(request.rate === undefined && request.config?.bytesPerTick === undefined ? [rateStep(parts)] : []),
    ...(draft.ownRate ? [otherRateStep(parts)] : []),
    ...courseSteps(parts, request),
  ];
}

/** Which workspaces: those of one run, of one template, or all of scale tests. */
function reachStep(parts: TrafficStepParts, request: TrafficRequest): TrafficStep {
  return async (draft, place) => {
    const deployment = chosen(draft.deployment);
    if (request.runId || request.template || request.start) {
      draft.reach = namedReach(await parts.survey(deployment), request, hostOf(deployment.url));
      return "skip";
    }
    const last = parts.last(deployment);
    const wanted = draft.reach ?? {
      run: last.run,
      template: last.template ? { id: last.template } : undefined,
    };
    const isWanted = ({ run, template }: Reach) => run === wanted.run && template?.id === wanted.template?.id;
    const isFirst = draft.reach === undefined;
    const answer = await parts.inputs.choose<ReachAnswer>({
      ...place,
      placeholder: t("Which workspaces should receive traffic?"),
      choices: Promise.all([parts.survey(deployment), parts.titles()]).then(([survey, titles]) => {
        const reaches = reachChoices(survey, titles, hostOf(deployment.url));
        return [...likeLastChoices(last, reaches, request), ...reaches.map(plainReach)];
      }),
      active: ({ reach, isLikeLast }) => isWanted(reach) && isLikeLast === (draft.isLikeLast || isFirst),
    });
    return taken(answer, ({ reach, isLikeLast }) => {
      draft.reach = reach;
      draft.isLikeLast = isLikeLast;
      if (isLikeLast) takeLast(draft, request, last);
    });
  };
}

/** Throws with one sentence where nothing that runs is meant. */
function namedReach(survey: Survey, { runId, template }: TrafficRequest, host: string): Reach {
  if (survey.all.running === 0) throw new NothingToReach(nothingText(survey, host));
  const ofTemplate = template ? reachOfTemplate(survey, template, host) : undefined;
  if (!runId) return ofTemplate ?? survey.all;
  const ofRun = survey.runs.find(({ run }) => run === runId);
  if (!ofRun) throw new Error(t("No workspace of run {0} is running on {1}", runId, host));
  return ofTemplate?.template ? { ...ofRun, template: ofTemplate.template } : ofRun;
}

function reachOfTemplate(survey: Survey, template: string, host: string): Reach {
  const [found, ...others] = survey.templates.filter(
    (one) => one.template && isNamed(one.template, template),
  );
  if (others.length > 0)
    throw new Error(t('Several templates are called "{0}". Name one by its id', template));
  if (found) return found;
  const names = listed(survey.templates.map((one) => one.template?.name ?? ""));
  throw new Error(
    t('No scaletest- workspace of template "{0}" is running on {1}, only of {2}', template, host, names),
  );
}

function nothingText({ all }: Survey, host: string): string {
  return all.stopped > 0
    ? plural(
        all.stopped,
        {
          one: "The {0} scaletest- workspace on {1} is not running",
          other: "None of the {0} scaletest- workspaces on {1} is running",
        },
        host,
      )
    : t(
        'No workspace of a scale test is on {0}. Create some first, with "Start, and keep the workspaces"',
        host,
      );
}

export function reachChoices(
  survey: Survey,
  titles: ReadonlyMap<string, string>,
  host: string,
): Choice<Reach>[] {
  if (survey.all.running === 0) throw new NothingToReach(nothingText(survey, host));
  const amount = ({ running, stopped }: Reach) =>
    [workspacesText(running), stopped > 0 ? t("{0} not running", stopped) : ""].filter(Boolean).join(" · ");
  const runs = survey.runs.map((reach, index): Choice<Reach> => {
    const title = titles.get(reach.run ?? "");
    return {
      label: `$(history) ${t("Run {0}", reach.run ?? "")}`,
      description: amount(reach),
      ...(title ? { detail: title } : {}),
      ...(index === 0 ? { group: t("Kept by a run") } : {}),
      value: reach,
    };
  });
  const templates = survey.templates.map(
    (reach, index): Choice<Reach> => ({
      label: `$(file-code) ${reach.template?.name ?? ""}`,
      description: amount(reach),
      ...(index === 0 ? { group: t("Of a template") } : {}),
      value: reach,
    }),
  );
  const all: Choice<Reach> = {
    label: `$(globe) ${t("All workspaces of scale tests")}`,
    description: amount(survey.all),
    value: survey.all,
  };
  return [all, ...runs, ...templates];
}

function transportStep(parts: TrafficStepParts): TrafficStep {
  return async (draft, place) => {
    const wanted = draft.transport ?? parts.last(chosen(draft.deployment)).transport ?? "terminal";
    const answer = await parts.inputs.choose<Transport>({
      ...place,
      placeholder: t("Connect to workspaces through"),
      choices: transportChoices(draft.reach?.apps ?? []),
      active: (transport) => sameTransport(transport, wanted),
    });
    return taken(answer, (transport) => {
      draft.transport = transport;
    });
  };
}

function transportChoices(apps: readonly string[]): Choice<Transport>[] {
  return [
    {
      label: `$(terminal) ${t("Web terminal")}`,
      detail: t("Like a user typing in the web terminal: coderd carries every byte"),
      value: "terminal",
    },
    {
      label: `$(remote) ${t("SSH")}`,
      detail: t("Like a remote editor: through the deployment's relay"),
      value: "ssh",
    },
    ...apps.map(
      (app, index): Choice<Transport> => ({
        label: `$(window) ${t("App {0}", app)}`,
        detail: t("By a WebSocket; the app has to send back what it gets"),
        ...(index === 0 ? { group: t("An app that all of them have") } : {}),
        value: { app },
      }),
    ),
  ];
}

function sameTransport(one: Transport, other: Transport): boolean {
  if (typeof one === "object") return typeof other === "object" && one.app === other.app;
  return one === other;
}

function connectionsStep(parts: TrafficStepParts): TrafficStep {
  return async (draft, place) => {
    const last = parts.last(chosen(draft.deployment)).connections;
    const workspaces = draft.reach?.running ?? 0;
    const answer = await parts.inputs.ask({
      ...place,
      prompt: plural(workspaces, {
        one: "Connections to the {0} workspace",
        other: "Connections to each of the {0} workspaces",
      }),
      value: String(draft.connections ?? last ?? DEFAULTS.connections),
      validate: (value) =>
        fieldProblem(parts.fields.connectionsPerWorkspace, value) ??
        connectionsProblem(Number(value), workspaces, 0, parts.limits()),
    });
    return taken(answer, (value) => {
      draft.connections = numberOf(parts.fields.connectionsPerWorkspace, value);
    });
  };
}

function rateStep(parts: TrafficStepParts): TrafficStep {
  return async (draft, place) => {
    const known = draft.rate ?? parts.last(chosen(draft.deployment)).rate ?? DEFAULTS.rate;
    const connections = connectionsIn(draft);
    const limits = parts.limits();
    const rates = [...new Set([...RATES, known])];
    const possible = rates.filter((rate) => rateProblem(rate, connections, limits) === undefined);
    const answer = await parts.inputs.choose<string>({
      ...place,
      placeholder: t("Rate of each connection"),
      choices: [
        ...possible.map((rate) => rateChoice(rate, connections, draft.tickIntervalMs)),
        { label: `$(edit) ${t("Another rate…")}`, value: OTHER },
      ],
      active: (rate) => rate === known,
    });
    return taken(answer, (rate) => {
      draft.ownRate = rate === OTHER;
      if (rate !== OTHER) draft.rate = rate;
    });
  };
}

function rateChoice(text: string, connections: number, intervalMs: number): Choice<string> {
  const rate = parseRate(text) ?? 0;
  const load = loadOf({ rate, intervalMs });
  return {
    label: formatRate(rate),
    description: t("{0} each; {1} in all", formatLoad(load), sumText(connections, load)),
    ...(text === DEFAULTS.rate ? { detail: t("Typical editor session") } : {}),
    value: text,
  };
}

function otherRateStep(parts: TrafficStepParts): TrafficStep {
  return async (draft, place) => {
    const answer = await parts.inputs.ask({
      ...place,
      prompt: t(
        "Rate of each connection, in bytes a second: it sends {0}",
        formatMessages(messagesPerSecond({ intervalMs: draft.tickIntervalMs })),
      ),
      value: draft.rate ?? "",
      placeholder: "40KB/s",
      validate: (value) => rateProblem(value, connectionsIn(draft), parts.limits()),
    });
    return taken(answer, (value) => {
      draft.rate = value.trim();
    });
  };
}

function courseSteps(parts: TrafficStepParts, request: TrafficRequest): TrafficStep[] {
  const asked = [
    { key: "rampMs", prompt: t("Ramp-up: open all connections over (0 = all at once)") },
    { key: "warmUpMs", prompt: t("Warm-up: traffic before the measurement begins (0 = none)") },
    { key: "durationMs", prompt: t("Measurement duration") },
  ] as const;
  return asked
    .filter(({ key }) => request[key] === undefined)
    .map(
      ({ key, prompt }): TrafficStep =>
        async (draft, place) => {
          const known = draft[key] ?? parts.last(chosen(draft.deployment))[key] ?? DEFAULTS[key];
          const answer = await parts.inputs.ask({
            ...place,
            prompt,
            value: roundDuration(known),
            placeholder: "30s",
            validate: (value) => fieldProblem(parts.fields[key], value),
          });
          return taken(answer, (value) => {
            draft[key] = numberOf(parts.fields[key], value);
          });
        },
    );
}

/** A run has a time limit, which ends it: traffic that would take longer has to be given a longer one. */
function timeLimitStep(parts: TrafficStepParts): TrafficStep {
  return async (draft, place) => {
    const length = lengthOf(draft);
    if (length < DEFAULT_TIMEOUT_MS) {
      draft.timeoutMs = undefined;
      return "skip";
    }
    const known = draft.timeoutMs ?? parts.last(chosen(draft.deployment)).timeoutMs ?? 0;
    const answer = await parts.inputs.ask({
      ...place,
      prompt: t("Time limit of the whole run; its traffic takes {0}", roundDuration(length)),
      value: roundDuration(known > length ? known : timeLimitFor(length)),
      placeholder: "1h",
      validate: (value) => durationProblem(value, length + 1_000),
    });
    return taken(answer, (value) => {
      draft.timeoutMs = parseDuration(value) ?? known;
    });
  };
}

function confirmStep(parts: TrafficStepParts, request: TrafficRequest): TrafficStep {
  return async (draft, place) => {
    const plan = trafficPlanOf(parts, draft);
    const checks = parts.checks(draft);
    while (true) {
      const held = draft.thresholds ?? request.config.thresholds ?? parts.thresholds;
      const answer = await parts.inputs.choose<"start" | "save" | "thresholds">({
        ...place,
        placeholder: t("Enter starts the traffic"),
        choices: checks.then((found) => confirmChoices(plan, held, found)),
        active: (value) => value === "start",
      });
      if (answer === "thresholds") {
        const changed = await askThresholds(parts.inputs, place, parts.metrics, held);
        if (changed !== undefined && changed !== BACK) draft.thresholds = changed;
        continue;
      }
      return taken(answer, (value) => {
        draft.saved = value === "save";
        draft.confirmed = true;
      });
    }
  };
}

/** What can be chosen stands first; what only tells, below a heading. */
function confirmChoices(
  plan: TrafficPlan,
  held: readonly string[],
  checks: readonly Check[],
): Choice<"start" | "save" | "thresholds">[] {
  return [
    { label: t("$(play) Start"), detail: trafficSentence(plan), value: "start" },
    thresholdsChoice(held),
    saveChoice(),
    ...headed(t("What will happen"), [
      ...infoLines<"start">(t("Targets"), waySentence(plan)),
      ...infoLines<"start">(t("Schedule"), courseSentence(plan)),
      ...originLines<"start">(checks, plan.from),
      ...infoLines<"start">(t("Load on the deployment"), trafficCost(plan)),
    ]),
    ...checkLines<"start">(checks, false),
  ];
}

/** Where the load comes from, unless a check says that already. */
function originLines<T>(checks: readonly Check[], from: string): Choice<T>[] {
  const told = checks.some(({ id, status }) => id === "load_origin" && status !== "ok");
  return told ? [] : infoLines(t("Load comes from"), from);
}

function connectionsIn(draft: TrafficDraft): number {
  return (draft.reach?.running ?? 0) * (draft.connections ?? DEFAULTS.connections);
}

export function trafficPlanOf(parts: Pick<AskParts, "from">, draft: TrafficDraft): TrafficPlan {
  return {
    host: hostOf(chosen(draft.deployment).url),
    workspaces: draft.reach?.running ?? 0,
    connectionsPerWorkspace: draft.connections ?? DEFAULTS.connections,
    transport: draft.transport ?? "terminal",
    rate: rateOf(draft),
    intervalMs: draft.tickIntervalMs,
    rampMs: draft.rampMs ?? 0,
    warmUpMs: draft.warmUpMs ?? 0,
    durationMs: draft.durationMs ?? DEFAULTS.durationMs,
    from: parts.from,
  };
}
