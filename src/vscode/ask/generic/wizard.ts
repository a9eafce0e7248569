import type { Fields } from "../../../contract/fields/table.ts";
import type { Workload } from "../../../contract/workload.ts";
import { t } from "../../../l10n/text.ts";
import { runChecks } from "../../create/checks.ts";
import { hostOf } from "../../deployments/origin.ts";
import type { Memory } from "../../host.ts";
import { TASK_TYPE } from "../../ids.ts";
import type { NewRun } from "../../runs/run-list.ts";
import { chosen } from "../draft.ts";
import { askThrough, heldTo } from "../frame.ts";
import { configValues, refuseRequest } from "../request-config.ts";
import type { RunRequest } from "../run-request.ts";
import type { Suggestion, Wizard, WizardParts } from "../wizard.ts";
import { THRESHOLDS } from "./answers.ts";
import { type FieldsDraft, type FieldsParts, fieldsSteps } from "./steps.ts";

/** What was run last on a deployment: its title, and the answers without secrets. */
interface LastRun {
  title?: string;
  config?: Record<string, unknown>;
}

const lastKeyOf = (workload: string) => (url: string) => `scaletest.lastRun.${workload}:${url}`;

/** For a workload without a wizard of its own: its questions are its table of fields. */
export function genericWizard(workload: string): Wizard {
  return {
    title: () => t("Scale Test: {0}", workload),
    ask: async (parts, request) => {
      const { workloadNamed } = await import("../../../workloads/index.ts");
      return askByFields(parts, workloadNamed(workload), request);
    },
    requestOf: (config) => ({ config, start: true }),
    suggestion: (url, memory) => suggestionOf(workload, url, memory),
  };
}

/** Asks for a run by the workload's fields. Resolves and rejects as a wizard does. */
export async function askByFields(
  parts: WizardParts,
  workload: Workload,
  request: RunRequest,
): Promise<NewRun | undefined> {
  const { name, fields } = workload;
  const given = configValues(fields, request.config, refuseRequest);
  const lastKey = lastKeyOf(name);
  const draft: FieldsDraft = {
    deployment: undefined,
    acknowledgedHost: request.acknowledgedHost,
    confirmed: request.start ?? false,
    config: given,
    more: [],
  };
  const thresholds = workload.metrics.length > 0 ? await heldTo(parts, name, given) : [];
  const config = (of: FieldsDraft) => configOf(parts, fields, thresholds, of);
  const steps: FieldsParts = {
    ...parts,
    workload,
    thresholds,
    last: (url) => parts.memory.get<LastRun>(lastKey(url))?.config ?? {},
    config,
    checks: async (of) =>
      workload.hasPreflight ? runChecks(name, config(of), await parts.target(chosen(of.deployment).url)) : [],
  };
  const runTitle = () => workload.check(config(draft)).title;
  return askThrough(parts, {
    workload: name,
    title: t("Scale Test: {0}", name),
    draft,
    steps: () => fieldsSteps(steps, request, draft),
    lastKey,
    answers: (): LastRun => ({ title: runTitle(), config: withoutSecrets(fields, config(draft)) }),
    runTitle,
    config: () => config(draft),
  });
}

/** What was answered, and what the settings add to it where the workload can be told. */
function configOf(
  { coderCli }: Pick<WizardParts, "coderCli">,
  fields: Fields,
  thresholds: readonly string[],
  { config }: FieldsDraft,
): Record<string, unknown> {
  const held = (config[THRESHOLDS] ?? thresholds) as readonly string[];
  const { [THRESHOLDS]: _held, ...others } = config;
  return {
    ...(fields.coderCli && coderCli() ? { coderCli: coderCli() } : {}),
    ...others,
    ...(held.length > 0 ? { [THRESHOLDS]: held } : {}),
  };
}

function withoutSecrets(fields: Fields, config: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(config).filter(([key]) => !fields[key]?.mayBeSecret));
}

function suggestionOf(workload: string, url: string, memory: Memory): Suggestion | undefined {
  const { title, config } = memory.get<LastRun>(lastKeyOf(workload)(url)) ?? {};
  if (!title || !config) return undefined;
  return {
    name: t("{0} on {1}", title, hostOf(url)),
    definition: { type: TASK_TYPE, workload, deployment: url, config },
  };
}
