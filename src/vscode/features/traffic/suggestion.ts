import { formatLoad } from "../../../l10n/figures.ts";
import { t } from "../../../l10n/text.ts";
import { DEFAULT_TICK_INTERVAL_MS } from "../../../protocol/defaults.ts";
import { writeDuration } from "../../../protocol/duration.ts";
import { parseRate } from "../../../protocol/rate.ts";
import { roundDuration } from "../../ask/steps.ts";
import type { Suggestion } from "../../ask/wizard.ts";
import { TASK_TYPE } from "../../ids.ts";
import { hostOf } from "../../model/deployments/origin.ts";
import type { LastTraffic } from "./draft.ts";
import { loadOf } from "./plan.ts";

/** What was run last on a deployment, as a task; to all workspaces: those of a run are gone before it is run again. */
export function trafficSuggestion(workload: string, url: string, last: LastTraffic): Suggestion | undefined {
  if (!last.rate || last.durationMs === undefined) return undefined;
  const { transport, rate, connections, rampMs, warmUpMs, durationMs, timeoutMs } = last;
  return {
    name: t("traffic of {0} for {1} on {2}", loadText(rate), roundDuration(durationMs), hostOf(url)),
    definition: {
      type: TASK_TYPE,
      workload,
      deployment: url,
      ...(typeof transport === "object" ? { app: transport.app } : transport === "ssh" ? { ssh: true } : {}),
      rate,
      ...(connections === undefined ? {} : { connectionsPerWorkspace: connections }),
      ...(rampMs ? { ramp: writeDuration(rampMs) } : {}),
      ...(warmUpMs ? { warmUp: writeDuration(warmUpMs) } : {}),
      duration: writeDuration(durationMs),
      ...(timeoutMs === undefined ? {} : { timeout: writeDuration(timeoutMs) }),
    },
  };
}

/** Of each connection; as it was typed where it cannot be read. */
function loadText(rate: string): string {
  const bytes = parseRate(rate);
  return bytes === undefined
    ? rate
    : formatLoad(loadOf({ rate: bytes, intervalMs: DEFAULT_TICK_INTERVAL_MS }));
}
