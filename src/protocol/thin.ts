import type { Description, FigureRef } from "./description.ts";
import type { Sample } from "./snapshot.ts";

/** Points in a record or a chart: more, and a line a second is thinned. */
export const KEPT_SAMPLES = 3_600;

/** How the values of several seconds become one: the worst of a duration, the mean of what is counted, the last look. */
type Way = "max" | "mean" | "last";

/**
 * Leaves at most `most` samples, each standing for a group of neighbours. Groups are counted from a fixed grid, not from
 * the end: otherwise old points would move with every new second.
 */
export function thinSamples(
  samples: readonly Sample[],
  { series, metrics }: Pick<Description, "series" | "metrics">,
  most: number,
): readonly Sample[] {
  if (samples.length <= most) return samples;
  const kinds = new Map(metrics.map(({ name, kind }) => [name, kind]));
  const ways = series.map((ref) => wayOf(ref, kinds.get(ref.metric)));
  const size = Math.ceil(samples.length / most);
  const groups: Sample[] = [];
  for (let from = 0; from < samples.length; from += size)
    groups.push(together(samples.slice(from, from + size), ways));
  return groups;
}

function wayOf({ figure }: FigureRef, kind: string | undefined): Way {
  if (kind === "gauge") return figure === "last" ? "last" : "mean";
  return kind === "duration" && figure !== "count" ? "max" : "mean";
}

function together(group: readonly Sample[], ways: readonly Way[]): Sample {
  const last = group.at(-1);
  if (!last) throw new Error("a group of samples is never empty");
  const invalid = group.find((one) => one.invalid !== undefined)?.invalid;
  return {
    step: last.step,
    second: last.second,
    ...(group.some(({ paused }) => paused) ? { paused: true as const } : {}),
    ...(group.every(({ outside }) => outside) ? { outside: true as const } : {}),
    ...(invalid === undefined ? {} : { invalid }),
    values: ways.map((way, at) =>
      valueIn(
        group.flatMap(({ values }) => values[at] ?? []),
        way,
      ),
    ),
  };
}

function valueIn(values: readonly number[], way: Way): number | null {
  if (values.length === 0) return null;
  if (way === "last") return values.at(-1) ?? null;
  if (way === "max") return Math.max(...values);
  return values.reduce((sum, one) => sum + one, 0) / values.length;
}
