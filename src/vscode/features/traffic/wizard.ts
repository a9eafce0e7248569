import { t } from "../../../l10n/text.ts";
import { runChecks } from "../../ask/checks.ts";
import type { Wizard, WizardParts } from "../../ask/wizard.ts";
import { askForTraffic, lastTrafficKey, type TrafficCommandParts } from "./command.ts";
import type { LastTraffic } from "./draft.ts";
import { trafficRequestOf, type WorkspaceTrafficRequest } from "./request.ts";
import { trafficSuggestion } from "./suggestion.ts";

/** The workload whose questions are made by hand here. */
export const TRAFFIC = "workspace-traffic";

export const trafficWizard: Wizard<WorkspaceTrafficRequest> = {
  title: () => t("Scale Test: Workspace Traffic"),
  ask: (parts, request, like) => askForTraffic(trafficParts(parts), request, like),
  requestOf: trafficRequestOf,
  suggestion: (url, memory) =>
    trafficSuggestion(TRAFFIC, url, memory.get<LastTraffic>(lastTrafficKey(url)) ?? {}),
};

function trafficParts(parts: WizardParts): TrafficCommandParts {
  return {
    ...parts,
    survey: async (target) => (await import("../../../app/survey.ts")).surveyWorkspaces(target),
    runTrafficChecks: (config, target) => runChecks(TRAFFIC, config, target, parts),
  };
}
