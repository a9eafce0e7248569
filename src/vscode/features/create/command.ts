import type { Template } from "../../../coder/schemas.ts";
import { t } from "../../../l10n/text.ts";
import type { Check } from "../../../protocol/check.ts";
import type { Target } from "../../../protocol/target.ts";
import { type AskParts, chosen } from "../../ask/draft.ts";
import { AskedOnce, askThrough, heldTo, settingsOf, signedIn } from "../../ask/frame.ts";
import { configValues, refuseRequest } from "../../ask/request-config.ts";
import type { EarlierConfig } from "../../ask/wizard.ts";
import type { KnownDeployment } from "../../model/deployments/store.ts";
import type { NewRun } from "../../model/runs/run-list.ts";
import {
  answersOf,
  configOf,
  type Draft,
  earlierAnswers,
  type LastAnswers,
  newDraft,
  withConfig,
} from "./draft.ts";
import { secretParameters } from "./kept-answers.ts";
import { titleOf } from "./plan.ts";
import type { CreateWorkspacesRequest } from "./request.ts";
import { type CreateParts, createSteps, type Goal, planOf } from "./steps.ts";
import type { TemplateSource } from "./templates.ts";

export interface CreateCommandParts extends AskParts {
  openTemplates(target: Target): Promise<TemplateSource>;
  runChecks(config: Record<string, unknown>, target: Target): Promise<Check[]>;
  hasCli(): Promise<boolean>;
}

const titleFor = (goal: Goal) =>
  goal === "start" ? t("Scale Test: Create Workspaces") : t("Scale Test: Preflight");
export const lastKey = (url: string) => `scaletest.last:${url}`;

/**
 * Asks for a scale test of workspaces, or takes it from the request. Resolves with the run to start, or
 * undefined where the person left. Throws with one sentence where the deployment refuses.
 */
export async function askForRun(
  parts: CreateCommandParts,
  asked: CreateWorkspacesRequest,
  goal: Goal = "start",
  like?: EarlierConfig,
): Promise<NewRun | undefined> {
  // Loaded where it is used: the window starts without it.
  const [{ CREATE_WORKSPACES, createWorkspacesFields: fields }, { workloadNamed }] = await Promise.all([
    import("../../../workloads/create-workspaces/config.ts"),
    import("../../../workloads/index.ts"),
  ]);
  const workload = workloadNamed(CREATE_WORKSPACES);
  const earlier = like && earlierAnswers(configValues(fields, like, refuseRequest));
  const own = configValues(fields, asked.config, refuseRequest);
  const request = withConfig(asked, { ...earlier?.others, ...own });
  const opened: TemplateSource[] = [];
  const sources = new AskedOnce(async ({ url }) => {
    const source = await parts.openTemplates(await parts.target(url));
    opened.push(source);
    return source;
  });
  const ofSource = <T>(deployment: KnownDeployment, ask: (source: TemplateSource) => Promise<T>) =>
    signedIn(
      parts,
      deployment.url,
      async () => ask(await sources.of(deployment)),
      () => sources.forget(deployment),
    );
  const thresholds = await heldTo(parts, workload.name, request.config);
  const draft = newDraft(request);
  const config = (of: Draft) => configOf(of, request, settingsOf(parts, thresholds));
  const steps: CreateParts = {
    ...parts,
    fields,
    thresholds,
    metrics: workload.metrics,
    templates: (deployment) => ofSource(deployment, (source) => source.templates()),
    parameters: (deployment, template, values) =>
      ofSource(deployment, (source) => source.parameters(template, values)),
    presets: (deployment, template) => ofSource(deployment, (source) => source.presets(template)),
    checks: async (of) => parts.runChecks(config(of), await parts.target(chosen(of.deployment).url)),
    last: ({ url }) => earlier?.answers ?? parts.memory.get<LastAnswers>(lastKey(url)) ?? {},
  };
  try {
    return await askThrough(parts, {
      workload,
      title: titleFor(goal),
      draft,
      steps: () => createSteps(steps, request, draft, goal),
      lastKey,
      answers: () => answersOf(draft),
      runTitle: () => titleOf(planOf(steps, draft)),
      config: () => config(draft),
      fileConfig: () => ({ ...config(draft), ...templateNamed(draft.template) }),
      withheld: () => ({ parameters: secretParameters(draft.parameters, draft.form) }),
    });
  } finally {
    for (const source of opened) void source.close().catch(() => undefined);
  }
}

/** By name and organization, where the run has its id: names may be the same in several organizations. */
function templateNamed(template: Template | undefined): { template?: string; org?: string } {
  if (!template) return {};
  const { name, organization_name: org } = template;
  return { template: name, ...(org ? { org } : {}) };
}
