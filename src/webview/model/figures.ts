import { formatDuration } from "../../protocol/duration.ts";
import type { Sample, Snapshot } from "../../protocol/snapshot.ts";
import { type Figure, plain } from "./figure.ts";
import { formatCount, formatRate, plural } from "./format.ts";
import { paceAt } from "./series.ts";
import { inProgress, readyCount } from "./states.ts";
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
    generatorFigure(snapshot),
  ];
}

function readyFigure({ counts }: Snapshot): Figure {
  return {
    ...plain,
    id: "ready",
    label: "Workspaces ready",
    value: formatCount(readyCount(counts)),
    unit: `of ${formatCount(counts.total)}`,
    detail: counts.failed > 0 ? `${formatCount(counts.failed)} failed` : "none failed",
    detailTone: counts.failed > 0 ? "bad" : "neutral",
  };
}

function progressFigure({ counts }: Snapshot): Figure {
  const detail = [
    counts.queued > 0 ? `${formatCount(counts.queued)} queued` : "",
    counts.building > 0 ? `${formatCount(counts.building)} building` : "",
  ].filter(Boolean);
  return {
    ...plain,
    id: "progress",
    label: "In progress",
    value: formatCount(inProgress(counts)),
    detail: detail.join(" · ") || (counts.waiting > 0 ? `${formatCount(counts.waiting)} waiting` : "none"),
  };
}

function paceFigure(snapshot: Snapshot, samples: readonly Sample[]): Figure {
  const over = snapshot.outcome !== null;
  const average = snapshot.elapsedMs > 0 ? readyCount(snapshot.counts) / (snapshot.elapsedMs / 60_000) : 0;
  const now = paceAt(samples, samples.length - 1, 30_000);
  return {
    ...plain,
    id: "pace",
    label: "Becoming ready",
    value: formatRate(over ? average : now),
    unit: "a minute",
    detail: over ? "over the whole run" : `${formatRate(average)} over the whole run`,
  };
}

function apiFigure({ api }: Snapshot): Figure {
  const waited = api.rateLimitWaitMs > 0 ? ` · waited ${formatDuration(api.rateLimitWaitMs)}` : "";
  return {
    ...plain,
    id: "api",
    label: "API calls a workspace",
    value: api.meanPerWorkspace.toFixed(1),
    unit: `most ${formatCount(api.maxPerWorkspace)}`,
    detail: `${formatCount(api.calls)} in all${waited}`,
    detailTone: api.rateLimited > 0 ? "warning" : "neutral",
  };
}

function existingFigure({ existing, outcome }: Snapshot): Figure {
  const none = existing.workspaces === 0 && existing.users === 0;
  return {
    ...plain,
    id: "existing",
    label: "On the server now",
    value: formatCount(existing.workspaces),
    unit: existing.workspaces === 1 ? "workspace" : "workspaces",
    detail: plural(existing.users, "user"),
    tone: outcome ? (none ? "good" : "warning") : "neutral",
  };
}

function generatorFigure({ generator, outcome }: Snapshot): Figure {
  const late = generator.latenessP99Ms;
  const isLate = late > LATE_MS;
  return {
    ...plain,
    id: "generator",
    label: "Generator",
    value: outcome ? "at rest" : isLate ? "late" : "healthy",
    tone: outcome ? "neutral" : isLate ? "warning" : "good",
    unit: `${generator.cpu.toFixed(2)} cores`,
    detail: `late p99 ${formatDuration(late)} of ${formatDuration(LATE_MS)}`,
  };
}
