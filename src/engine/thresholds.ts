import type { Figure, Percentiles } from "../metrics/histogram.ts";
import { isObserved } from "../protocol/percentile.ts";
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
      observed: value ? observedText(value, unit) : null,
      state: stateOf(threshold, value, over),
    };
  });
}

/** "312ms", or "> 60s (9 of 60 unfinished)" */
function observedText({ is, atLeast }: Value, unit: Threshold["unit"]): string {
  const figure = formatFigure(is, unit);
  return atLeast ? `> ${figure} (${atLeast.unfinished} of ${atLeast.of} unfinished)` : figure;
}

function stateOf(threshold: Threshold, value: Value | undefined, over: boolean): ThresholdState["state"] {
  const undecided = over ? "broken" : "pending";
  if (!value) return undecided;
  if (!value.atLeast) return isMet(threshold, value.is) ? "met" : "broken";
  // Only known to be more than that: it may be past any limit above, and is past every limit below.
  const atMost = threshold.comparison.startsWith("<");
  const met = isMet(threshold, value.is);
  return met === atMost ? undecided : met ? "met" : "broken";
}

interface Value {
  /** Milliseconds, a share of 1, or a number. */
  is: number;
  /** The true one is at least this, because so many have not ended. */
  atLeast?: { unfinished: number; of: number } | undefined;
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

function percentileValue(of: Percentiles, figure: Figure): Value {
  const { count, unfinished = 0 } = of;
  const bound = of.atLeast?.includes(figure) ? { unfinished, of: count + unfinished } : undefined;
  return { is: of[figure], atLeast: bound };
}

/** undefined where there is nothing to go by yet. */
function observe(
  { metric, figure }: Threshold,
  { counts, phases, ready, traffic }: Observed,
): Value | undefined {
  const percentile = (of: Percentiles | undefined) =>
    of && isObserved(of) ? percentileValue(of, figure as Figure) : undefined;
  const plain = (is: number | undefined) => (is === undefined ? undefined : { is });
  const total = traffic?.total;
  switch (metric) {
    case "failures":
      // Of all planned, so that a broken one stays broken.
      if (figure === "count") return plain(counts.failed);
      return counts.total > 0 ? plain(counts.failed / counts.total) : undefined;
    case "ready":
      return percentile(ready);
    case "round_trip":
      return percentile(total?.roundTrip);
    case "reconnect":
      return percentile(traffic?.reconnect);
    case "achieved":
      return total && total.offeredBytesPerSecond > 0
        ? plain(total.achievedBytesPerSecond / total.offeredBytesPerSecond)
        : undefined;
    case "ticks":
      return plain(total?.ticks[figure as keyof typeof total.ticks]);
    case "connections":
      return plain(total?.connections[figure as keyof typeof total.connections]);
    default:
      return percentile(phases.find((phase) => phase.name === metric));
  }
}
