import { hostname } from "node:os";
import { env } from "vscode";
import { limitsOf } from "../../app/guard.ts";
import { t } from "../../l10n/text.ts";
import { stricter } from "../../protocol/guard.ts";
import type { Memory } from "../host.ts";
import type { MetricsPlaces } from "../model/deployments/metrics-places.ts";
import type { Session } from "../model/deployments/session.ts";
import type { DeploymentTags } from "../model/deployments/tags.ts";
import type { RunList } from "../model/runs/run-list.ts";
import { networkSettings, settings } from "../settings.ts";
import type { Inputs } from "../ui/inputs.ts";
import type { WizardParts } from "./wizard.ts";

/** What the wizards need of this window. */
export function wizardParts({
  inputs,
  memory,
  runs,
  session,
  tags,
  places,
}: {
  inputs: Inputs;
  memory: Memory;
  runs: RunList;
  session: Session;
  tags: DeploymentTags;
  places: MetricsPlaces;
}): WizardParts {
  return {
    inputs,
    memory,
    deployments: () => session.store.list(),
    isStaging: ({ url }) => tags.read(url),
    from: env.remoteName ? `${hostname()} (${env.remoteName})` : t("this machine ({0})", hostname()),
    target: session.target,
    signInAgain: async (url) => (await session.signIn({ url })) !== undefined,
    hasToken: async ({ url }) => (await session.store.token(url)) !== undefined,
    coderCli: settings.coderCli,
    limits: () => stricter(settings.limits(), limitsOf(process.env)),
    metricsAsked: async (url) => {
      const { words: asked, kube } = places.of(url);
      return { asked, kube, env: await places.environment(url, process.env), settings: networkSettings() };
    },
    thresholds: async (workload) => {
      const wanted = settings.thresholds();
      if (wanted.length === 0) return [];
      const { thresholdsFor } = await import("./thresholds.ts");
      return thresholdsFor(workload, wanted);
    },
    titles: () => runs.titles(),
    saveScenario: async (run) => (await import("../model/scenarios/save.ts")).saveRun(run),
  };
}
