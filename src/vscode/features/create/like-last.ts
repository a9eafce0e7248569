import type { Template } from "../../../coder/schemas.ts";
import { t } from "../../../l10n/text.ts";
import type { Choice } from "../../ui/inputs.ts";
import type { CreateRequest, Draft, LastAnswers } from "./draft.ts";

/** A template, as it is chosen. */
export interface TemplateAnswer {
  template: Template;
  /** With all that was answered for it the last time. */
  isLikeLast: boolean;
}

/** The first choice, where everything that was answered the last time can be answered so again. */
export function likeLastChoices(last: LastAnswers, templates: readonly Template[]): Choice<TemplateAnswer>[] {
  const template = templates.find(({ id, name }) => id === last.template || name === last.template);
  if (!template || template.deprecated || last.count === undefined) return [];
  const detail = [
    t("{0} × {1}", last.count, template.display_name || template.name),
    last.concurrency ? t("{0} at a time", last.concurrency) : t("all at once"),
    last.runCommand ?? "",
  ];
  return [
    {
      label: `$(history) ${t("Like the last run")}`,
      detail: detail.filter(Boolean).join(" · "),
      value: { template, isLikeLast: true },
    },
  ];
}

/** What a request says is not taken from the last run. */
export function takeLast(draft: Draft, request: CreateRequest, last: LastAnswers): void {
  draft.order = [];
  draft.parameters = { ...last.parameters, ...request.parameters };
  draft.preset = request.config.preset ?? last.preset;
  draft.count = request.count ?? last.count;
  draft.runCommand = request.runCommand ?? last.runCommand;
  draft.runTimeout = last.runTimeout;
  draft.concurrency = request.concurrency ?? last.concurrency;
  draft.keep = last.keep ?? false;
}
