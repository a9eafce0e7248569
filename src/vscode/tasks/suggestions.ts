import { t } from "../../l10n/text.ts";
import { roundDuration } from "../ask/steps.ts";
import type { LastAnswers } from "../create/draft.ts";
import { hostOf } from "../deployments/origin.ts";
import type { LastTraffic } from "../traffic/draft.ts";
import { TASK_TYPE } from "./definition.ts";

/** A task that can be run as it is, or be put into tasks.json by "Configure Task". */
export interface Suggestion {
  name: string;
  definition: { type: typeof TASK_TYPE; [key: string]: unknown };
}

/** What was run last on each deployment, as tasks. */
export function suggestedTasks(
  deployments: readonly { url: string; create: LastAnswers; traffic: LastTraffic }[],
): Suggestion[] {
  return deployments.flatMap(({ url, create, traffic }) => [
    ...createTask(url, create),
    ...trafficTask(url, traffic),
  ]);
}

function createTask(url: string, last: LastAnswers): Suggestion[] {
  const template = last.templateName;
  if (!template || last.count === undefined) return [];
  const { count, concurrency, parameters, runCommand } = last;
  return [
    {
      name: t("create {0} × {1} on {2}", count, template, hostOf(url)),
      definition: {
        type: TASK_TYPE,
        workload: "create-workspaces",
        deployment: url,
        template,
        count,
        ...(concurrency === undefined ? {} : { concurrency }),
        ...(parameters && Object.keys(parameters).length > 0 ? { parameters } : {}),
        ...(runCommand ? { runCommand } : {}),
      },
    },
  ];
}

/** To all workspaces: those of a run are gone before anybody runs the task again. */
function trafficTask(url: string, last: LastTraffic): Suggestion[] {
  if (!last.rate || last.durationMs === undefined) return [];
  const { transport, rate, connections, rampMs, warmUpMs, durationMs } = last;
  return [
    {
      name: t("traffic at {0} for {1} on {2}", rate, roundDuration(durationMs), hostOf(url)),
      definition: {
        type: TASK_TYPE,
        workload: "workspace-traffic",
        deployment: url,
        ...(typeof transport === "object" ? { app: transport.app } : transport ? { transport } : {}),
        rate,
        ...(connections === undefined ? {} : { connections }),
        ...(rampMs ? { ramp: roundDuration(rampMs) } : {}),
        ...(warmUpMs ? { warmUp: roundDuration(warmUpMs) } : {}),
        duration: roundDuration(durationMs),
      },
    },
  ];
}
