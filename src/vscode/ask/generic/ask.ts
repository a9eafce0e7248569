import type { Fields } from "../../../contract/fields/table.ts";
import type { Workload } from "../../../contract/workload.ts";
import { t } from "../../../l10n/text.ts";
import type { NewRun } from "../../model/runs/run-list.ts";
import { runChecks } from "../checks.ts";
import { chosen } from "../draft.ts";
import { askThrough, heldTo } from "../frame.ts";
import { configValues, refuseRequest } from "../request-config.ts";
import type { RunRequest } from "../run-request.ts";
import type { EarlierConfig, WizardParts } from "../wizard.ts";
import { THRESHOLDS } from "./answers.ts";
import { type LastRun, lastKeyOf } from "./last-run.ts";
import { type FieldsDraft, type FieldsParts, fieldsSteps } from "./steps.ts";

/** Asks for a run by the workload's fields. Resolves and rejects as a wizard does. */
export async function askByFields(
  parts: WizardParts,
  workload: Workload,
  request: RunRequest,
  like?: EarlierConfig,
): Promise<NewRun | undefined> {
  const { name, fields } = workload;
  const given = configValues(fields, request.config, refuseRequest);
  const lastKey = lastKeyOf(name);
  const draft: FieldsDraft = {
    deployment: undefined,
    acknowledgedHost: request.acknowledgedHost,
    confirmed: request.start ?? false,
    // Those of the earlier run can be changed like any others.
    config: { ...like, ...given },
    more: [],
  };
  const thresholds = workload.metrics.length > 0 ? await heldTo(parts, name, like ?? given) : [];
  const config = (of: FieldsDraft) => configOf(parts, fields, thresholds, of);
  const steps: FieldsParts = {
    ...parts,
    workload,
    thresholds,
    last: (url) => parts.memory.get<LastRun>(lastKey(url))?.config ?? {},
    config,
    checks: async (of) =>
      workload.hasPreflight
        ? runChecks(name, config(of), await parts.target(chosen(of.deployment).url), parts)
        : [],
  };
  const runTitle = () => workload.check(config(draft)).title;
  return askThrough(parts, {
    workload,
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
