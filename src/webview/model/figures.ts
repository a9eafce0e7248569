import { formatCount, formatDecimal, formatDuration } from "../../l10n/figures.ts";
import { runText } from "../../l10n/run-text.ts";
import { plural, t } from "../../l10n/text.ts";
import { formatClock } from "../../protocol/duration.ts";
import { readyIn } from "../../protocol/ready.ts";
import type { Counts, Sample, Snapshot, WaitsFor } from "../../protocol/snapshot.ts";
import { type Figure, plain } from "./figure.ts";
import { formatRate } from "./format.ts";
import { paceAt } from "./series.ts";
import { inProgress } from "./states.ts";
import { generatorSummary, shownIn } from "./summaries.ts";
import { trafficFigures } from "./traffic.ts";

/**
 * Above this, phases by our own clock look longer than they are. The server's phases are not touched by it, so
 * it makes no run invalid; only traffic has a limit of that kind (see trafficFigures).
 */
const LATE_MS = 50;

export function figures(snapshot: Snapshot, samples: readonly Sample[]): Figure[] {
  if (snapshot.traffic) return trafficFigures(snapshot, snapshot.traffic, samples);
  return [
    readyFigure(snapshot),
    progressFigure(snapshot),
    paceFigure(snapshot, samples),
    apiFigure(snapshot),
    existingFigure(snapshot),
    generatorFigure(snapshot, samples),
  ];
}

function readyFigure(snapshot: Snapshot): Figure {
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

function progressFigure({ counts, waitsFor }: Snapshot): Figure {
  const busy = inProgress(counts);
  return {
    ...plain,
    id: "progress",
    label: t("In progress"),
    value: formatCount(busy),
    detail: waitsFor ? waitsForText(waitsFor) : progressDetail(counts) || (busy > 0 ? "" : t("none")),
    detailTone: waitsFor ? "warning" : "neutral",
  };
}

/** Every state that is in progress; where none is, what has not begun. */
function progressDetail(counts: Counts): string {
  const states = [
    counts.creating > 0 ? t("{0} creating", formatCount(counts.creating)) : "",
    counts.queued > 0 ? t("{0} queued", formatCount(counts.queued)) : "",
    counts.building > 0 ? t("{0} building", formatCount(counts.building)) : "",
    counts.starting > 0 ? t("{0} starting", formatCount(counts.starting)) : "",
    counts.active > 0 ? t("{0} in use", formatCount(counts.active)) : "",
  ].filter(Boolean);
  if (states.length > 0) return states.join(" · ");
  return counts.waiting > 0 ? t("{0} waiting", formatCount(counts.waiting)) : "";
}

/** What is waited for where nothing has ended for a while, and when it will be given up. */
function waitsForText({ count, doing, limitMs }: WaitsFor): string {
  const what = `${formatCount(count)} ${runText(doing)}`;
  return [what, limitMs === null ? t("no time limit") : t("time limit in {0}", formatClock(limitMs))].join(
    " · ",
  );
}

function paceFigure(snapshot: Snapshot, samples: readonly Sample[]): Figure {
  const over = snapshot.outcome !== null;
  const average = snapshot.elapsedMs > 0 ? readyIn(snapshot) / (snapshot.elapsedMs / 60_000) : 0;
  const now = paceAt(samples, samples.length - 1, 30_000);
  return {
    ...plain,
    id: "pace",
    label: t("Becoming ready"),
    value: formatRate(over ? average : now),
    unit: t("a minute"),
    detail: over ? t("over the whole run") : t("{0} over the whole run", formatRate(average)),
  };
}

function apiFigure({ api }: Snapshot): Figure {
  const waited = api.rateLimitWaitMs > 0 ? t("waited {0}", formatDuration(api.rateLimitWaitMs)) : "";
  return {
    ...plain,
    id: "api",
    label: t("API calls a workspace"),
    value: formatDecimal(api.meanPerWorkspace, 1),
    unit: t("most {0}", formatCount(api.maxPerWorkspace)),
    detail: [t("{0} in all", formatCount(api.calls)), waited].filter(Boolean).join(" · "),
    detailTone: api.rateLimited > 0 ? "warning" : "neutral",
  };
}

function existingFigure({ existing, outcome }: Snapshot): Figure {
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

function generatorFigure({ generator, outcome }: Snapshot, samples: readonly Sample[]): Figure {
  const base = { ...plain, id: "generator", label: t("Generator") };
  if (outcome && samples.length > 0) return { ...base, ...generatorResult(samples) };
  const late = generator.latenessP99Ms;
  const isLate = late > LATE_MS;
  return {
    ...base,
    value: outcome ? t("at rest") : isLate ? t("late") : t("healthy"),
    tone: outcome ? "neutral" : isLate ? "warning" : "good",
    unit: t("{0} cores", formatDecimal(generator.cpu, 2)),
    detail: t("late p99 {0} of {1}", formatDuration(late), formatDuration(LATE_MS)),
  };
}

/** Over the whole run: its last second, in which nothing was to be done any more, says nothing of it. */
function generatorResult(samples: readonly Sample[]): Pick<Figure, "value" | "tone" | "unit" | "detail"> {
  const span = { min: 0, max: (samples.at(-1)?.t ?? 0) / 1_000 };
  const [late, cores] = generatorSummary(shownIn(samples, span)).values;
  const wasLate = (late ?? 0) > LATE_MS;
  return {
    value: wasLate ? t("was late") : t("kept up"),
    tone: wasLate ? "warning" : "good",
    unit: t("{0} cores", formatDecimal(cores ?? 0, 2)),
    detail: t("late p99 at most {0} of {1}", formatDuration(late ?? 0), formatDuration(LATE_MS)),
  };
}
