import { t } from "../../l10n/text.ts";
import type { Check } from "../../protocol/check.ts";
import type { Target } from "../../protocol/target.ts";
import { type AskParts, guardOf } from "../ask/draft.ts";
import type { KnownDeployment } from "../deployments/store.ts";
import type { WorkspaceTrafficRequest } from "../ids.ts";
import type { NewRun } from "../runs/run-list.ts";
import { runSteps } from "../ui/inputs.ts";
import {
  type LastTraffic,
  lastTrafficOf,
  newTrafficDraft,
  type TrafficDraft,
  trafficConfigOf,
} from "./draft.ts";
import { connectionsOf, trafficTitle } from "./plan.ts";
import type { Survey } from "./reach.ts";
import { type TrafficStepParts, trafficPlanOf, trafficSteps } from "./steps.ts";

export interface TrafficCommandParts extends AskParts {
  survey(target: Target): Promise<Survey>;
  titles(): Promise<ReadonlyMap<string, string>>;
  /** The setting; empty: the one on PATH. */
  coderCli(): string;
  /** What can be found out before a load to so many connections. */
  runTrafficChecks(config: Record<string, unknown>, connections: number, target: Target): Promise<Check[]>;
}

export const lastTrafficKey = (url: string) => `scaletest.lastTraffic:${url}`;

/**
 * Asks for traffic to workspaces, or takes it from the request. Resolves with the run to start, or undefined
 * where the person left. Throws with one sentence where there is nothing to send traffic to.
 */
export async function askForTraffic(
  parts: TrafficCommandParts,
  request: WorkspaceTrafficRequest,
): Promise<NewRun | undefined> {
  /** Asked once: going back and forth costs the deployment nothing. */
  const surveys = new Map<string, Promise<Survey>>();
  const survey = ({ url }: KnownDeployment) => {
    const known = surveys.get(url) ?? parts.target(url).then((target) => parts.survey(target));
    surveys.set(url, known);
    return known;
  };
  const draft = newTrafficDraft(request);
  const thresholds = await heldTo(parts, request);
  const configOf = (of: TrafficDraft) => {
    const coderCli = parts.coderCli();
    const more = { ...(coderCli ? { coderCli } : {}), ...(thresholds.length > 0 ? { thresholds } : {}) };
    return trafficConfigOf(of, request, more);
  };
  const steps: TrafficStepParts = {
    ...parts,
    survey,
    thresholds,
    last: ({ url }) => parts.memory.get<LastTraffic>(lastTrafficKey(url)) ?? {},
    checks: async (of) =>
      parts.runTrafficChecks(
        configOf(of),
        connectionsOf(trafficPlanOf(parts, of)),
        await parts.target(of.deployment?.url ?? ""),
      ),
  };
  const done = await runSteps(t("Scale Test: Workspace Traffic"), draft, () =>
    trafficSteps(steps, request, draft),
  );
  return done && draft.confirmed ? newRun(parts, draft, configOf(draft)) : undefined;
}

async function newRun(
  parts: TrafficCommandParts,
  draft: TrafficDraft,
  config: Record<string, unknown>,
): Promise<NewRun> {
  const url = draft.deployment?.url ?? "";
  await parts.memory.update(lastTrafficKey(url), lastTrafficOf(draft));
  return {
    workload: "workspace-traffic",
    title: trafficTitle(trafficPlanOf(parts, draft)),
    config,
    target: await parts.target(url),
    guard: await guardOf(parts, draft),
  };
}

/** What the settings say, and what the request adds. */
async function heldTo(
  parts: TrafficCommandParts,
  { config }: WorkspaceTrafficRequest,
): Promise<readonly string[]> {
  if (config?.thresholds !== undefined) return [];
  return parts.thresholds("workspace-traffic");
}
