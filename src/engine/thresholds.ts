import type { Percentiles } from "../metrics/histogram.ts";
import type { Snapshot } from "../protocol/snapshot.ts";
import { formatFigure, isMet, type Threshold, type ThresholdState } from "../protocol/threshold.ts";

/** What thresholds are held against; the same whether a run is under way or over. */
export type Observed = Pick<Snapshot, "counts" | "phases" | "ready" | "traffic">;

/**
 * How each threshold stands. At the end (`over`) one that nothing was measured for is broken: a run that was
 * to prove something and did not has not passed.
 */
export function thresholdStates(
  thresholds: readonly Threshold[],
  observed: Observed,
  over: boolean,
): ThresholdState[] {
  return thresholds.map((threshold) => {
    const value = observe(threshold, observed);
    const { expression, label, unit, comparison, limit } = threshold;
    return {
      expression,
      label,
      limit: `${comparison} ${formatFigure(limit, unit)}`,
      observed: value === undefined ? null : formatFigure(value, unit),
      state: value === undefined ? (over ? "broken" : "pending") : isMet(threshold, value) ? "met" : "broken",
    };
  });
}

/** "threshold broken: Round trip p95 312ms, wanted < 200ms" */
export function brokenLine(states: readonly ThresholdState[]): string | undefined {
  const broken = states.filter((one) => one.state === "broken");
  if (broken.length === 0) return undefined;
  const told = broken.map(
    ({ label, observed, limit }) => `${label} ${observed ?? "not measured"}, wanted ${limit}`,
  );
  return `${broken.length === 1 ? "threshold" : `${broken.length} thresholds`} broken: ${told.join("; ")}`;
}

/** Milliseconds, a share of 1, or a number; undefined where there is nothing to go by yet. */
function observe(
  { metric, figure }: Threshold,
  { counts, phases, ready, traffic }: Observed,
): number | undefined {
  const percentile = (of: Percentiles | undefined) =>
    of && of.count > 0 ? of[figure as keyof Percentiles] : undefined;
  const total = traffic?.total;
  switch (metric) {
    case "failures":
      // Of all planned, so that a broken one stays broken.
      if (figure === "count") return counts.failed;
      return counts.total > 0 ? counts.failed / counts.total : undefined;
    case "ready":
      return percentile(ready);
    case "round_trip":
      return percentile(total?.roundTrip);
    case "reconnect":
      return percentile(traffic?.reconnect);
    case "achieved":
      return total && total.offeredBytesPerSecond > 0
        ? total.achievedBytesPerSecond / total.offeredBytesPerSecond
        : undefined;
    case "ticks":
      return total?.ticks[figure as keyof typeof total.ticks];
    case "connections":
      return total?.connections[figure as keyof typeof total.connections];
    default:
      return percentile(phases.find((phase) => phase.name === metric));
  }
}
