import { formatCount, formatDecimal, formatDuration } from "../../l10n/figures.ts";
import { t } from "../../l10n/text.ts";
import type { FigureRef } from "../../protocol/description.ts";
import type { Sample } from "../../protocol/snapshot.ts";
import type { StepView } from "../../protocol/steps.ts";
import type { Described } from "../model/described.ts";
import { plain, type ShownCard } from "./card.ts";

/**
 * Above this, phases by our own clock look longer than they are. The server's phases are not touched by it, so
 * it makes no run invalid; a run whose figures are has a limit of its own in its chart of the generator.
 */
const LATE_MS = 50;
const LATENESS: FigureRef = { metric: "loop_lateness", figure: "p99" };
const CORES: FigureRef = { metric: "generator_cpu", figure: "mean" };

/** Whether this machine keeps up: what it is late by, and once seconds are left out for that, how many are not. */
export function generatorCard(
  snapshot: StepView,
  described: Described,
  samples: readonly Sample[],
): ShownCard {
  const base = { ...plain, id: "generator", label: t("Generator") };
  const { measured, valid, tooFew } = snapshot.validity;
  if (tooFew || valid < measured) {
    const tone = tooFew ? "bad" : "warning";
    return {
      ...base,
      value: formatCount(valid),
      unit: t("of {0} s valid", formatCount(measured)),
      tone,
      // Why, the line above the charts says.
      detail: t("{0} s left out", formatCount(measured - valid)),
      detailTone: tone,
    };
  }
  const lateness = latenessOf(described);
  if (snapshot.outcome) return { ...base, ...resultOf(lateness, described, samples) };
  return { ...base, ...nowOf(snapshot, lateness, described, samples) };
}

interface Lateness {
  figure: FigureRef;
  limitMs: number;
  /** A load's second says itself whether it was too late: more is allowed where everything takes long. */
  isJudged: boolean;
}

/** What the run's own chart of the generator shows, and how much of it is allowed. */
function latenessOf({ description }: Described): Lateness {
  const chart = description.charts.find(({ id }) => id === "generator");
  const line = chart?.lines.find(({ right }) => !right);
  return chart?.limit && line
    ? { figure: line.figure, limitMs: chart.limit.value, isJudged: true }
    : { figure: LATENESS, limitMs: LATE_MS, isJudged: false };
}

function isTooLate({ limitMs, isJudged }: Lateness, ms: number, sample: Sample | undefined): boolean {
  return ms > limitMs && (!isJudged || sample?.invalid !== undefined);
}

type Told = Pick<ShownCard, "value" | "tone" | "unit" | "detail">;

/** The last second; one that was not measured is not late. */
function nowOf(
  { generator }: StepView,
  lateness: Lateness,
  described: Described,
  samples: readonly Sample[],
): Told {
  const { figure, limitMs } = lateness;
  const last = samples.at(-1);
  const late = last ? (valueIn(described, figure, last) ?? 0) : generator.latenessP99Ms;
  const seconds = lateSeconds(samples, described.placeOf(figure), lateness);
  const isLate = isTooLate(lateness, late, last);
  const cores = (last && valueIn(described, CORES, last)) ?? generator.cpu;
  return {
    value: isLate ? t("late") : t("OK"),
    tone: isLate ? "warning" : "good",
    unit: seconds > 1 ? t("for {0} s", seconds) : t("{0} cores", formatDecimal(cores, 2)),
    detail: t("late p99 {0}, limit {1}", formatDuration(late), formatDuration(limitMs)),
  };
}

/** Over the whole run: its last second, in which nothing was to be done any more, says nothing of it. */
function resultOf(lateness: Lateness, described: Described, samples: readonly Sample[]): Told {
  const { figure, limitMs } = lateness;
  const values = (of: FigureRef) => samples.flatMap((sample) => valueIn(described, of, sample) ?? []);
  const late = values(figure).reduce((most, value) => Math.max(most, value), 0);
  const cores = values(CORES);
  if (cores.length === 0) return { value: t("idle"), tone: "neutral", unit: "", detail: "" };
  const mean = cores.reduce((sum, value) => sum + value, 0) / cores.length;
  const wasLate = samples.some((one) => isTooLate(lateness, valueIn(described, figure, one) ?? 0, one));
  return {
    value: wasLate ? t("was late") : t("OK"),
    tone: wasLate ? "warning" : "good",
    unit: t("{0} cores", formatDecimal(mean, 2)),
    detail: t("late p99 max {0}, limit {1}", formatDuration(late), formatDuration(limitMs)),
  };
}

function valueIn(described: Described, figure: FigureRef, sample: Sample): number | undefined {
  const place = described.placeOf(figure);
  return place === undefined ? undefined : (sample.values[place] ?? undefined);
}

/** For so many seconds, up to now, it was later than the limit. */
export function lateSeconds(
  samples: readonly Sample[],
  place: number | undefined,
  lateness: Lateness,
): number {
  if (place === undefined) return 0;
  let count = 0;
  while (count < samples.length) {
    const sample = samples[samples.length - 1 - count];
    if (!isTooLate(lateness, sample?.values[place] ?? 0, sample)) break;
    count++;
  }
  return count;
}
