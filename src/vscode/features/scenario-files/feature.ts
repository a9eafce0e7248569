import { Uri, window } from "vscode";
import { t } from "../../../l10n/text.ts";
import { feature, registerCommands } from "../../commands.ts";
import { isScenario } from "../../model/scenarios/is-scenario.ts";
import type { Parts } from "../../parts.ts";
import { ScenarioDeployments } from "./deployments.ts";
import { showProblems } from "./diagnostics.ts";
import { provideHelp } from "./language.ts";
import { PlanPanels } from "./plan-panels.ts";

/** Help for people who write a scenario: what is wrong with it, what can be written, and what it will do. */
export function registerScenarioFiles({ extension, texts, scenarios, session, wizards, front, log }: Parts) {
  const plans = new PlanPanels({ extension, texts, scenarios, front, log });
  const deployments = new ScenarioDeployments({ session, limits: wizards.limits, log });
  const problems = showProblems({
    scenarios,
    ofDeployment: (read, options) => deployments.problems(read, options),
    onSession: (changed) =>
      session.store.changed.on(() => {
        deployments.forget();
        changed();
      }),
    log,
  });
  const help = provideHelp(async (document, mayAsk) =>
    deployments.words(await scenarios.read(document), { mayAsk }),
  );
  const commands = registerCommands(
    {
      "scaletest.showPlan": (uri) => {
        const file = uri === undefined ? activeFile() : Uri.parse(String(uri));
        if (file && isScenario({ uri: file })) plans.show(file);
        else
          void window.showInformationMessage(t("Open a scenario first: a file that ends in .scaletest.yaml"));
      },
    },
    { front, log },
  );
  return feature(commands, plans, problems, help);
}

function activeFile(): Uri | undefined {
  return window.activeTextEditor?.document.uri;
}
