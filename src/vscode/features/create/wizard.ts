import { t } from "../../../l10n/text.ts";
import { runChecks } from "../../ask/checks.ts";
import type { Wizard, WizardParts } from "../../ask/wizard.ts";
import { askForRun, type CreateCommandParts, lastKey } from "./command.ts";
import type { LastAnswers } from "./draft.ts";
import { type CreateWorkspacesRequest, createRequestOf } from "./request.ts";
import { createSuggestion } from "./suggestion.ts";
import { openTemplates } from "./templates.ts";

/** The workload whose questions are made by hand here. */
export const CREATE = "create-workspaces";

export const createWizard: Wizard<CreateWorkspacesRequest> = {
  title: () => t("Scale Test: Create Workspaces"),
  ask: (parts, request, like) => askForRun(createParts(parts), request, "start", like),
  requestOf: createRequestOf,
  suggestion: (url, memory) => createSuggestion(CREATE, url, memory.get<LastAnswers>(lastKey(url)) ?? {}),
};

/** Asks as for a run that creates workspaces, and only shows what a check of the deployment finds. */
export async function askForPreflight(parts: WizardParts, request: CreateWorkspacesRequest): Promise<void> {
  await askForRun(createParts(parts), { ...request, start: false }, "check");
}

function createParts(parts: WizardParts): CreateCommandParts {
  return {
    ...parts,
    openTemplates,
    runChecks: (config, target) => runChecks(CREATE, config, target, parts),
    hasCli: async () => {
      if (parts.coderCli()) return true;
      const { findOnPath } = await import("../../../system/programs.ts");
      return (await findOnPath("coder")) !== undefined;
    },
  };
}
