import type { Check } from "../../protocol/check.ts";
import type { Guard } from "../../protocol/guard.ts";
import type { Target } from "../../protocol/target.ts";
import type { KnownDeployment } from "../deployments/store.ts";
import type { Memory } from "../host.ts";
import type { CreateWorkspacesRequest } from "../ids.ts";
import type { NewRun } from "../runs/run-list.ts";
import { type Inputs, runSteps } from "../ui/inputs.ts";
import { answersOf, configOf, type Draft, type LastAnswers, newDraft } from "./draft.ts";
import { titleOf } from "./plan.ts";
import { type CreateParts, createSteps, type Goal, planOf } from "./steps.ts";
import type { TemplateSource } from "./templates.ts";

export interface CreateCommandParts {
  /** Hard ceilings of every run. */
  limits(): Guard["limits"];
  inputs: Inputs;
  memory: Memory;
  deployments(): KnownDeployment[];
  isStaging(deployment: KnownDeployment): Promise<boolean>;
  from: string;
  /** Rejects where the token is gone. */
  target(url: string): Promise<Target>;
  openTemplates(target: Target): Promise<TemplateSource>;
  /** The setting; empty: the one on PATH. */
  coderCli(): string;
  runChecks(config: Record<string, unknown>, target: Target): Promise<Check[]>;
  hasCli(): Promise<boolean>;
}

const TITLES: Record<Goal, string> = {
  start: "Scale Test: Create Workspaces",
  check: "Scale Test: Preflight",
};
const lastKey = (url: string) => `scaletest.last:${url}`;

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
  const steps: CreateParts = {
    ...parts,
    templates: async (deployment) => (await source(deployment)).templates(),
    richParameters: async (deployment, template) => (await source(deployment)).richParameters(template),
    checks: async (draft) =>
      parts.runChecks(
        configOf(draft, request, parts.coderCli()),
        await parts.target(draft.deployment?.url ?? ""),
      ),
    last: ({ url }) => parts.memory.get<LastAnswers>(lastKey(url)) ?? {},
  };
  const draft = newDraft(request);
  try {
    const done = await runSteps(TITLES[goal], draft, () => createSteps(steps, request, draft, goal));
    return done && draft.confirmed ? await newRun(parts, steps, request, draft) : undefined;
  } finally {
    for (const opened of sources.values()) void opened.then((one) => one.close()).catch(() => undefined);
  }
}

async function newRun(
  parts: CreateCommandParts,
  steps: CreateParts,
  request: CreateWorkspacesRequest,
  draft: Draft,
): Promise<NewRun> {
  const { deployment, acknowledgedHost } = draft;
  const url = deployment?.url ?? "";
  const staging = deployment !== undefined && (await parts.isStaging(deployment));
  await parts.memory.update(lastKey(url), answersOf(draft));
  return {
    workload: "create-workspaces",
    title: titleOf(planOf(steps, draft)),
    config: configOf(draft, request, parts.coderCli()),
    target: await parts.target(url),
    guard: {
      tag: staging ? "staging" : "production",
      ...(acknowledgedHost ? { acknowledgedHost } : {}),
      limits: parts.limits(),
    },
  };
}
