import type { Reach } from "../../../app/reach.ts";
import { t } from "../../../l10n/text.ts";
import { roundDuration } from "../../ask/steps.ts";
import type { Choice } from "../../ui/inputs.ts";
import type { LastTraffic, TrafficDraft, TrafficRequest } from "./draft.ts";

/** Workspaces, as they are chosen. */
export interface ReachAnswer {
  reach: Reach;
  /** With all that was answered the last time. */
  isLikeLast: boolean;
}

export function plainReach({ value, ...choice }: Choice<Reach>): Choice<ReachAnswer> {
  return { ...choice, ...(value ? { value: { reach: value, isLikeLast: false } } : {}) };
}

/** The first choice, where the workspaces that traffic went to the last time are still there. */
export function likeLastChoices(
  last: LastTraffic,
  reaches: readonly Choice<Reach>[],
  { config, rate: asked }: TrafficRequest,
): Choice<ReachAnswer>[] {
  const { rate, durationMs } = last;
  const hasRate = (rate ?? asked) !== undefined || config.bytesPerTick !== undefined;
  const reach = reaches.find(
    ({ value }) => value && value.run === last.run && value.template?.id === last.template,
  );
  if (!reach?.value || !hasRate || durationMs === undefined) return [];
  const where = reach.label.replace(/^\$\([\w-]+\) /, "");
  const detail = [where, rate ? t("{0} each", rate) : "", roundDuration(durationMs)];
  return [
    {
      label: `$(history) ${t("Like the last run")}`,
      detail: detail.filter(Boolean).join(" · "),
      value: { reach: reach.value, isLikeLast: true },
    },
  ];
}

/** What a request says is not taken from the last run. */
export function takeLast(draft: TrafficDraft, request: TrafficRequest, last: LastTraffic): void {
  draft.transport = draft.transport ?? last.transport;
  draft.connections = request.connections ?? last.connections;
  draft.rate = request.rate ?? last.rate;
  draft.ownRate = false;
  draft.rampMs = request.rampMs ?? last.rampMs;
  draft.warmUpMs = request.warmUpMs ?? last.warmUpMs;
  draft.durationMs = request.durationMs ?? last.durationMs;
}
