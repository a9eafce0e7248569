import { formatCount, formatDecimal, formatDuration } from "../../l10n/figures.ts";
import { plural, t, wordsOf } from "../../l10n/text.ts";
import type { OwnCard } from "../../protocol/description.ts";
import { formatClock } from "../../protocol/duration.ts";
import { readyIn } from "../../protocol/ready.ts";
import type { Sample, WaitsFor } from "../../protocol/snapshot.ts";
import type { StepView } from "../../protocol/steps.ts";
import type { Described } from "../model/described.ts";
import { formatRate } from "../model/format.ts";
import { plain, type ShownCard } from "./card.ts";
import { generatorCard } from "./generator.ts";

/** Large numbers that every run can have, whatever it does. */
export function ownCard(
  card: OwnCard,
  snapshot: StepView,
  described: Described,
  samples: readonly Sample[],
): ShownCard {
  switch (card) {
    case "part":
      return partCard(snapshot);
    case "ready":
      return readyCard(snapshot);
    case "progress":
      return progressCard(snapshot, described);
    case "pace":
      return paceCard(snapshot, described, samples);
    case "api":
      return apiCard(snapshot);
    case "existing":
      return existingCard(snapshot);
    case "generator":
      return generatorCard(snapshot, described, samples);
  }
}

function partCard({ part, validity }: StepView): ShownCard {
  const label = part ? wordsOf(part.label) : "–";
  return {
    ...plain,
    id: "part",
    label: t("Phase"),
    value: part?.over ? t("Finished") : label.charAt(0).toUpperCase() + label.slice(1),
    detail: part ? partDetail(part, validity) : "",
  };
}

function partDetail(
  { over, remainingMs }: NonNullable<StepView["part"]>,
  validity: StepView["validity"],
): string {
  if (over) return t("final figures");
  if (remainingMs === 0) return t("waiting for the last answers");
  return [
    remainingMs === null ? "" : t("{0} left", formatClock(remainingMs)),
    validity.measured === 0 ? t("not measured yet") : "",
  ]
    .filter(Boolean)
    .join(" · ");
}

function readyCard(snapshot: StepView): ShownCard {
  const { counts } = snapshot;
  return {
    ...plain,
    id: "ready",
    label: t("Workspaces ready"),
    value: formatCount(readyIn(snapshot)),
    unit: t("of {0}", formatCount(counts.total)),
    detail: counts.failed > 0 ? t("{0} failed", formatCount(counts.failed)) : t("none failed"),
    detailTone: counts.failed > 0 ? "bad" : "neutral",
  };
}

/** Every state that is in progress, the newest first; where none is, what has not begun. */
function progressCard({ counts, waitsFor }: StepView, { states }: Described): ShownCard {
  const busy = states.counted("busy", counts);
  const waiting = states.counted("waiting", counts);
  const detail = (busy.length > 0 ? busy : waiting).map(
    ({ label, count }) => `${formatCount(count)} ${label}`,
  );
  return {
    ...plain,
    id: "progress",
    label: t("In progress"),
    value: formatCount(busy.reduce((sum, { count }) => sum + count, 0)),
    detail: waitsFor ? waitsForText(waitsFor) : detail.join(" · ") || t("none"),
    detailTone: waitsFor ? "warning" : "neutral",
  };
}

/** What is waited for where nothing has ended for a while, and when it will be given up. */
function waitsForText({ count, doing, limitMs }: WaitsFor): string {
  const what = `${formatCount(count)} ${wordsOf(doing)}`;
  return [what, limitMs === null ? t("no time limit") : t("time limit in {0}", formatClock(limitMs))].join(
    " · ",
  );
}

function paceCard(snapshot: StepView, described: Described, samples: readonly Sample[]): ShownCard {
  const over = snapshot.outcome !== null;
  const average = snapshot.elapsedMs > 0 ? readyIn(snapshot) / (snapshot.elapsedMs / 60_000) : 0;
  return {
    ...plain,
    id: "pace",
    label: t("Ready rate"),
    value: formatRate(over ? average : readyAMinute(described, samples)),
    unit: t("per minute"),
    detail: over ? t("over the whole run") : t("{0} over the whole run", formatRate(average)),
  };
}

/** Seconds over which the pace of now is taken. */
const NOW_S = 30;

/** Workspaces that became ready a minute, over the last half minute; less where the run is younger. */
export function readyAMinute(described: Described, samples: readonly Sample[]): number {
  // Runs of earlier versions have no other figure of it.
  const place =
    described.placeOf({ metric: "ready", figure: "ended" }) ??
    described.placeOf({ metric: "ready", figure: "count" });
  const last = samples.at(-1);
  if (place === undefined || !last) return 0;
  let ready = 0;
  for (let index = samples.length - 1; index >= 0; index--) {
    const sample = samples[index];
    if (!sample || sample.second <= last.second - NOW_S) break;
    ready += sample.values[place] ?? 0;
  }
  return (ready / Math.min(NOW_S, last.second + 1)) * 60;
}

function apiCard({ api }: StepView): ShownCard {
  const waited = api.rateLimitWaitMs > 0 ? t("waited {0}", formatDuration(api.rateLimitWaitMs)) : "";
  return {
    ...plain,
    id: "api",
    label: t("API calls per workspace"),
    value: formatDecimal(api.meanPerWorkspace, 1),
    unit: t("(max {0})", formatCount(api.maxPerWorkspace)),
    detail: [t("{0} in total", formatCount(api.calls)), waited].filter(Boolean).join(" · "),
    detailTone: api.rateLimited > 0 ? "warning" : "neutral",
  };
}

function existingCard({ existing, outcome }: StepView): ShownCard {
  const none = existing.workspaces === 0 && existing.users === 0;
  return {
    ...plain,
    id: "existing",
    label: t("On the server now"),
    value: formatCount(existing.workspaces),
    unit: plural(existing.workspaces, { one: "workspace", other: "workspaces" }),
    detail: plural(existing.users, { one: "{0} user", other: "{0} users" }),
    tone: outcome ? (none ? "good" : "warning") : "neutral",
  };
}
