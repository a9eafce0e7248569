import { t } from "../../l10n/text.ts";
import type { FigureRef, Figures } from "../../protocol/description.ts";
import { seriesKey } from "../../protocol/series-key.ts";
import type { Sample } from "../../protocol/snapshot.ts";
import type { Described } from "../model/described.ts";
import type { Span } from "../time/time-axis.ts";
import { type Group, timeOf } from "./groups.ts";
import { type Line, resultOf, shareOf, valueIn } from "./lines.ts";
import { MergedSeconds } from "./percentiles.ts";

/** What the lines of a chart come to over the part of time that is shown: the legend has it while nothing is pointed at. */
export interface Summary {
  /** One for each line. */
  texts: string[];
  /** Seconds, of what they are about; none: the measured part. */
  span?: Span;
}

/** What a summary is made of. */
export interface Shown {
  described: Described;
  samples: readonly Sample[];
  /** The seconds that are shown. */
  group: Group;
  span: Span;
  /** Of a run whose measured part is over and that is shown as a whole. */
  result: Figures | undefined;
  /** Durations that several lines are of are merged once; empty at the begin of a drawing. */
  merged: Map<string, MergedSeconds>;
}

const WORDS = { mean: t("mean"), max: t("max"), last: "", percentile: "" } as const;

export function summaryOf(lines: readonly Line[], shown: Shown): Summary {
  const results = lines.map((line) => shown.result && resultOf(line, shown.result));
  const active = activeIn(lines, shown);
  const texts = lines.map((line, n) => results[n] ?? textOf(line, shown, active));
  const span = spanOf(lines, results, shown);
  return { texts, ...(span ? { span } : {}) };
}

function textOf(line: Line, shown: Shown, active: Group): string {
  if (line.constant !== undefined) return line.format(line.constant);
  const value = numberOf(line, shown, active);
  return value === null ? "–" : [WORDS[line.summary], line.format(value)].filter(Boolean).join(" ");
}

/** The value of a line over what is shown; null where nothing was measured. */
function numberOf(line: Line, shown: Shown, active: Group): number | null {
  if (line.per) return rateOf(line, line.per.seconds, shown);
  switch (line.summary) {
    case "last":
      return valueIn(line, shown.samples[shown.group.end - 1]);
    case "max":
      return mostOf(line, shown);
    case "percentile":
      return percentileOf(line, shown);
    case "mean":
      return meanOf(line, shown, line.isPlain ? active : shown.group);
  }
}

function spanOf(
  lines: readonly Line[],
  results: readonly (string | undefined)[],
  shown: Shown,
): Span | undefined {
  const measured = lines.flatMap((line, n) => (line.measured ? [{ line, result: results[n] }] : []));
  if (measured.length > 0 && measured.every(({ result }) => result !== undefined)) return undefined;
  const last = shown.samples[shown.group.end - 1];
  const isLast = measured.every(({ line }) => line.summary === "last");
  return last && isLast ? { min: timeOf(last), max: timeOf(last) } : shown.span;
}

/** Whether a second is in the figures: one that is left out, or was paused, is only where a metric is of the whole run. */
function isIn(line: Line, sample: Sample | undefined): sample is Sample {
  if (!sample) return false;
  return line.measured?.wholeRun === true || (!sample.paused && sample.invalid === undefined);
}

/** From the first to the last second in which something went on: a run that is over, but not gone, makes no mean less. */
function activeIn(lines: readonly Line[], { samples, group }: Shown): Group {
  const rates = lines.filter(({ summary, isPlain }) => isPlain && summary === "mean");
  const isActive = (index: number) => rates.some((line) => (valueIn(line, samples[index]) ?? 0) > 0);
  let { from, end } = group;
  while (from < end && !isActive(from)) from++;
  while (end > from && !isActive(end - 1)) end--;
  return from < end ? { from, end } : group;
}

function meanOf(line: Line, { samples }: Shown, { from, end }: Group): number | null {
  let [sum, count] = [0, 0];
  for (let index = from; index < end; index++) {
    const sample = samples[index];
    const value = isIn(line, sample) ? valueIn(line, sample) : null;
    if (value === null) continue;
    sum += value;
    count++;
  }
  return count > 0 ? sum / count : null;
}

/** The worst of all seconds, of those that are left out too. */
function mostOf(line: Line, { samples, group }: Shown): number | null {
  let found: number | null = null;
  for (let index = group.from; index < group.end; index++) {
    const value = valueIn(line, samples[index]);
    if (value !== null) found = Math.max(found ?? value, value);
  }
  return found;
}

/** All of them by the time in which they were. */
function rateOf(line: Line, seconds: number, { samples, group: { from, end } }: Shown): number | null {
  let sum: number | null = null;
  for (let index = from; index < end; index++) {
    const value = valueIn(line, samples[index]);
    if (value !== null) sum = (sum ?? 0) + value;
  }
  const before = samples[from - 1]?.second ?? -1;
  const last = samples[end - 1]?.second ?? before;
  return sum === null || last <= before ? null : (sum / (last - before)) * seconds;
}

/** Of all that was observed in the seconds that are shown. */
function percentileOf(line: Line, shown: Shown): number | null {
  const figure = line.measured?.figure;
  const share = figure && shareOf(figure.figure);
  if (!figure || share === undefined) return null;
  const key = seriesKey(figure.metric, figure.labels);
  const merged = shown.merged.get(key) ?? mergedOf(line, figure, shown);
  shown.merged.set(key, merged);
  return merged.percentile(share);
}

/** Without the numbers of what was observed, each second counts the same. */
function mergedOf(line: Line, of: FigureRef, { described, samples, group }: Shown): MergedSeconds {
  const key = seriesKey(of.metric, of.labels);
  const known = described.description.series
    .filter(({ metric, labels, over }) => over === undefined && seriesKey(metric, labels) === key)
    .flatMap((one) => {
      const share = one.figure === "max" ? 1 : shareOf(one.figure);
      return share === undefined ? [] : [{ share, place: described.placeOf(one) ?? -1 }];
    })
    .sort((a, b) => a.share - b.share);
  const places = known.map(({ place }) => place);
  const countAt = described.placeOf({ ...of, figure: "count" });
  const merged = new MergedSeconds(
    known.map(({ share }) => share),
    group.end - group.from,
  );
  for (let index = group.from; index < group.end; index++) {
    const sample = samples[index];
    if (!isIn(line, sample) || valueIn(line, sample) === null) continue;
    const count = countAt === undefined ? 1 : (sample.values[countAt] ?? 0);
    merged.add(count, (place) => sample.values[places[place] ?? -1] ?? 0);
  }
  return merged;
}
