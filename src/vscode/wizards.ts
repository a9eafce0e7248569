import { t } from "../l10n/text.ts";
import type { Target } from "../protocol/target.ts";
import { runChecks } from "./ask/checks.ts";
import { genericWizard } from "./ask/generic/wizard.ts";
import type { RunRequest } from "./ask/run-request.ts";
import type { Wizard, WizardParts } from "./ask/wizard.ts";
import { askForRun, type CreateCommandParts, lastKey } from "./features/create/command.ts";
import type { LastAnswers } from "./features/create/draft.ts";
import { type CreateWorkspacesRequest, createRequestOf } from "./features/create/request.ts";
import { createSuggestion } from "./features/create/suggestion.ts";
import { openTemplates } from "./features/create/templates.ts";
import { askForTraffic, lastTrafficKey, type TrafficCommandParts } from "./features/traffic/command.ts";
import type { LastTraffic } from "./features/traffic/draft.ts";
import { trafficRequestOf, type WorkspaceTrafficRequest } from "./features/traffic/request.ts";
import { trafficSuggestion } from "./features/traffic/suggestion.ts";

/** The one place in the editor that names workloads: those whose questions are made by hand, and their commands. */
export const CREATE = "create-workspaces";
export const TRAFFIC = "workspace-traffic";

const createWizard: Wizard<CreateWorkspacesRequest> = {
  title: () => t("Scale Test: Create Workspaces"),
  ask: (parts, request) => askForRun(createParts(parts), request),
  requestOf: createRequestOf,
  suggestion: (url, memory) => createSuggestion(CREATE, url, memory.get<LastAnswers>(lastKey(url)) ?? {}),
};

const trafficWizard: Wizard<WorkspaceTrafficRequest> = {
  title: () => t("Scale Test: Workspace Traffic"),
  ask: (parts, request) => askForTraffic(trafficParts(parts), request),
  requestOf: trafficRequestOf,
  suggestion: (url, memory) =>
    trafficSuggestion(TRAFFIC, url, memory.get<LastTraffic>(lastTrafficKey(url)) ?? {}),
};

const BY_HAND: Readonly<Record<string, Wizard>> = { [CREATE]: createWizard, [TRAFFIC]: trafficWizard };

/** Whether somebody has made its questions by hand. */
export function isByHand(workload: string): boolean {
  return workload in BY_HAND;
}

/** How a run of this workload is asked for: by its own wizard, else by its table of fields. */
export function wizardOf(workload: string): Wizard<RunRequest> {
  return BY_HAND[workload] ?? genericWizard(workload);
}

/** Asks as for a run that creates workspaces, and only shows what a check of the deployment finds. */
export async function askForPreflight(parts: WizardParts, request: CreateWorkspacesRequest): Promise<void> {
  await askForRun(createParts(parts), { ...request, start: false }, "check");
}

function createParts(parts: WizardParts): CreateCommandParts {
  return {
    ...parts,
    openTemplates,
    runChecks: checksOf(CREATE),
    hasCli: async () => {
      if (parts.coderCli()) return true;
      const { findOnPath } = await import("../coder/ssh/cli-command.ts");
      return (await findOnPath("coder")) !== undefined;
    },
  };
}

function trafficParts(parts: WizardParts): TrafficCommandParts {
  return {
    ...parts,
    survey: async (target) => (await import("../app/survey.ts")).surveyWorkspaces(target),
    runTrafficChecks: checksOf(TRAFFIC),
  };
}

function checksOf(workload: string) {
  return (config: Record<string, unknown>, target: Target) => runChecks(workload, config, target);
}
