import { t } from "../../../l10n/text.ts";
import type { Memory } from "../../host.ts";
import { TASK_TYPE } from "../../ids.ts";
import { hostOf } from "../../model/deployments/origin.ts";
import type { Suggestion } from "../wizard.ts";

/** What was run last on a deployment: its title, and the answers without secrets. */
export interface LastRun {
  title?: string;
  config?: Record<string, unknown>;
}

/** Where that is kept. */
export const lastKeyOf = (workload: string) => (url: string) => `scaletest.lastRun.${workload}:${url}`;

/** It as a task. */
export function suggestionOf(workload: string, url: string, memory: Memory): Suggestion | undefined {
  const { title, config } = memory.get<LastRun>(lastKeyOf(workload)(url)) ?? {};
  if (!title || !config) return undefined;
  return {
    name: t("{0} on {1}", title, hostOf(url)),
    definition: { type: TASK_TYPE, workload, deployment: url, config },
  };
}
