import { formatLoad } from "../../l10n/figures.ts";
import { t } from "../../l10n/text.ts";
import { DEFAULT_TICK_INTERVAL_MS } from "../../protocol/defaults.ts";
import { writeDuration } from "../../protocol/duration.ts";
import { parseRate } from "../../protocol/rate.ts";
import { roundDuration } from "../ask/steps.ts";
import type { LastAnswers } from "../create/draft.ts";
import { hostOf } from "../deployments/origin.ts";
import { TASK_TYPE } from "../ids.ts";
import type { LastTraffic } from "../traffic/draft.ts";
import { loadOf } from "../traffic/plan.ts";

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

/** Of each connection; as it was typed where it cannot be read. */
function loadText(rate: string): string {
  const bytes = parseRate(rate);
  return bytes === undefined
    ? rate
    : formatLoad(loadOf({ rate: bytes, intervalMs: DEFAULT_TICK_INTERVAL_MS }));
}

/** To all workspaces: those of a run are gone before anybody runs the task again. */
function trafficTask(url: string, last: LastTraffic): Suggestion[] {
  if (!last.rate || last.durationMs === undefined) return [];
  const { transport, rate, connections, rampMs, warmUpMs, durationMs, timeoutMs } = last;
  return [
    {
      name: t("traffic of {0} for {1} on {2}", loadText(rate), roundDuration(durationMs), hostOf(url)),
      definition: {
        type: TASK_TYPE,
        workload: "workspace-traffic",
        deployment: url,
        ...(typeof transport === "object"
          ? { app: transport.app }
          : transport === "ssh"
            ? { ssh: true }
            : {}),
        rate,
        ...(connections === undefined ? {} : { connectionsPerWorkspace: connections }),
        ...(rampMs ? { ramp: writeDuration(rampMs) } : {}),
        ...(warmUpMs ? { warmUp: writeDuration(warmUpMs) } : {}),
        duration: writeDuration(durationMs),
        ...(timeoutMs === undefined ? {} : { timeout: writeDuration(timeoutMs) }),
      },
    },
  ];
}
