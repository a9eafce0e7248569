import { t } from "../../../l10n/text.ts";
import type { Suggestion } from "../../ask/wizard.ts";
import { TASK_TYPE } from "../../ids.ts";
import { hostOf } from "../../model/deployments/origin.ts";
import type { LastAnswers } from "./draft.ts";

/** What was run last on a deployment, as a task of this workload. */
export function createSuggestion(workload: string, url: string, last: LastAnswers): Suggestion | undefined {
  const template = last.templateName;
  if (!template || last.count === undefined) return undefined;
  const { count, concurrency, parameters, runCommand } = last;
  return {
    name: t("create {0} × {1} on {2}", count, template, hostOf(url)),
    definition: {
      type: TASK_TYPE,
      workload,
      deployment: url,
      template,
      count,
      ...(concurrency === undefined ? {} : { concurrency }),
      ...(parameters && Object.keys(parameters).length > 0 ? { parameters } : {}),
      ...(runCommand ? { runCommand } : {}),
    },
  };
}
