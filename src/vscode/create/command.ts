import { t } from "../../l10n/text.ts";
import type { Check } from "../../protocol/check.ts";
import type { Target } from "../../protocol/target.ts";
import { type AskParts, guardOf } from "../ask/draft.ts";
import type { KnownDeployment } from "../deployments/store.ts";
import type { CreateWorkspacesRequest } from "../ids.ts";
import type { NewRun } from "../runs/run-list.ts";
import { runSteps } from "../ui/inputs.ts";
import { answersOf, configOf, type Draft, type LastAnswers, newDraft } from "./draft.ts";
import { titleOf } from "./plan.ts";
import { type CreateParts, createSteps, type Goal, planOf } from "./steps.ts";
import type { TemplateSource } from "./templates.ts";

export interface CreateCommandParts extends AskParts {
  openTemplates(target: Target): Promise<TemplateSource>;
  /** The setting; empty: the one on PATH. */
  coderCli(): string;
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
  request: CreateWorkspacesRequest,
  goal: Goal = "start",
): Promise<NewRun | undefined> {
  const sources = new Map<string, Promise<TemplateSource>>();
  const source = ({ url }: KnownDeployment) => {
    const opened = sources.get(url) ?? parts.target(url).then((target) => parts.openTemplates(target));
    sources.set(url, opened);
    return opened;
  };
  const thresholds =
    request.config?.thresholds === undefined ? await parts.thresholds("create-workspaces") : [];
  const configured = (of: Draft) => {
    const coderCli = parts.coderCli();
    const more = { ...(coderCli ? { coderCli } : {}), ...(thresholds.length > 0 ? { thresholds } : {}) };
    return configOf(of, request, more);
  };
  const steps: CreateParts = {
    ...parts,
    thresholds,
    templates: async (deployment) => (await source(deployment)).templates(),
    richParameters: async (deployment, template) => (await source(deployment)).richParameters(template),
    checks: async (draft) =>
      parts.runChecks(configured(draft), await parts.target(draft.deployment?.url ?? "")),
    last: ({ url }) => parts.memory.get<LastAnswers>(lastKey(url)) ?? {},
  };
  const draft = newDraft(request);
  try {
    const done = await runSteps(titleFor(goal), draft, () => createSteps(steps, request, draft, goal));
    return done && draft.confirmed ? await newRun(parts, steps, draft, configured(draft)) : undefined;
  } finally {
    for (const opened of sources.values()) void opened.then((one) => one.close()).catch(() => undefined);
  }
}

async function newRun(
  parts: CreateCommandParts,
  steps: CreateParts,
  draft: Draft,
  config: Record<string, unknown>,
): Promise<NewRun> {
  const url = draft.deployment?.url ?? "";
  await parts.memory.update(lastKey(url), answersOf(draft));
  return {
    workload: "create-workspaces",
    title: titleOf(planOf(steps, draft)),
    config,
    target: await parts.target(url),
    guard: await guardOf(parts, draft),
  };
}
