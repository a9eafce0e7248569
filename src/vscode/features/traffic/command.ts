import type { Survey } from "../../../app/reach.ts";
import { t } from "../../../l10n/text.ts";
import type { Check } from "../../../protocol/check.ts";
import type { Target } from "../../../protocol/target.ts";
import { type AskParts, chosen } from "../../ask/draft.ts";
import { AskedOnce, askThrough, heldTo, settingsOf, signedIn } from "../../ask/frame.ts";
import { configValues, refuseRequest } from "../../ask/request-config.ts";
import type { EarlierConfig } from "../../ask/wizard.ts";
import type { NewRun } from "../../model/runs/run-list.ts";
import {
  earlierTraffic,
  type LastTraffic,
  lastTrafficOf,
  newTrafficDraft,
  type TrafficDraft,
  trafficConfigOf,
  withTrafficConfig,
} from "./draft.ts";
import { trafficTitle } from "./plan.ts";
import type { WorkspaceTrafficRequest } from "./request.ts";
import { type TrafficStepParts, trafficPlanOf, trafficSteps } from "./steps.ts";

export interface TrafficCommandParts extends AskParts {
  survey(target: Target): Promise<Survey>;
  titles(): Promise<ReadonlyMap<string, string>>;
  /** What can be found out before the load. */
  runTrafficChecks(config: Record<string, unknown>, target: Target): Promise<Check[]>;
}

export const lastTrafficKey = (url: string) => `scaletest.lastTraffic:${url}`;

/**
 * Asks for traffic to workspaces, or takes it from the request. Resolves with the run to start, or undefined
 * where the person left. Throws with one sentence where there is nothing to send traffic to.
 */
export async function askForTraffic(
  parts: TrafficCommandParts,
  asked: WorkspaceTrafficRequest,
  like?: EarlierConfig,
): Promise<NewRun | undefined> {
  // Loaded where it is used: the window starts without it.
  const [{ WORKSPACE_TRAFFIC, trafficFields: fields }, { workloadNamed }] = await Promise.all([
    import("../../../workloads/workspace-traffic/config.ts"),
    import("../../../workloads/index.ts"),
  ]);
  const workload = workloadNamed(WORKSPACE_TRAFFIC);
  const earlier = like && earlierTraffic(configValues(fields, like, refuseRequest));
  const own = configValues(fields, asked.config, refuseRequest);
  const request = withTrafficConfig(asked, { ...earlier?.others, ...own });
  const surveys = new AskedOnce(async ({ url }) => parts.survey(await parts.target(url)));
  const thresholds = await heldTo(parts, workload.name, request.config);
  const draft = newTrafficDraft(request);
  const plan = (of: TrafficDraft) => trafficPlanOf(parts, of);
  const config = (of: TrafficDraft) => trafficConfigOf(of, request, settingsOf(parts, thresholds));
  const steps: TrafficStepParts = {
    ...parts,
    fields,
    thresholds,
    metrics: workload.metrics,
    survey: (deployment) =>
      signedIn(
        parts,
        deployment.url,
        () => surveys.of(deployment),
        () => surveys.forget(deployment),
      ),
    checks: async (of) => parts.runTrafficChecks(config(of), await parts.target(chosen(of.deployment).url)),
    last: ({ url }) => earlier?.answers ?? parts.memory.get<LastTraffic>(lastTrafficKey(url)) ?? {},
  };
  return askThrough(parts, {
    workload,
    title: t("Scale Test: Workspace Traffic"),
    draft,
    steps: () => trafficSteps(steps, request, draft),
    lastKey: lastTrafficKey,
    answers: () => lastTrafficOf(draft),
    runTitle: () => trafficTitle(plan(draft)),
    config: () => config(draft),
  });
}
