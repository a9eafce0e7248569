import type { Threshold } from "../measure/threshold.ts";
import type { ThresholdResult } from "../measure/threshold-watch.ts";
import type { ShownFigure } from "../protocol/description.ts";
import { formatClock } from "../protocol/duration.ts";
import { formatFigure, type ThresholdState } from "../protocol/threshold.ts";

export interface Held {
  threshold: Threshold;
  result: ThresholdResult;
}

/**
 * How thresholds stand, for people. One that nothing was measured for has not been met: at the end it is broken.
 * `namesSteps`: there are several steps, which have to be told apart.
 */
export function thresholdStates(held: readonly Held[], namesSteps = false): ThresholdState[] {
  return held.map(({ threshold, result }) => {
    const { expression, comparison, limit, unit, step } = threshold;
    return {
      expression,
      ...(namesSteps && step !== undefined ? { step } : {}),
      label: labelOf(threshold, namesSteps),
      limit: `${comparison} ${formatFigure(limit, unit)}${conditionsOf(threshold)}`,
      observed: result.observed ? `${observedText(result.observed)}${windowsText(result)}` : null,
      state: result.state === "not_measured" ? "broken" : result.state,
    };
  });
}

/** "Round trip p95"; with its labels, "Round trip p95 (ssh)". */
function labelOf({ metric, figure, labels, step }: Threshold, namesSteps: boolean): string {
  const name = metric.aliases?.[figure]?.text ?? `${metric.text} ${figure}`;
  const cut = [...(namesSteps && step ? [step] : []), ...Object.values(labels)].join(", ");
  return cut ? `${name} (${cut})` : name;
}

function conditionsOf({ overMs, afterMs }: Threshold): string {
  const over = overMs === undefined ? "" : ` over ${formatFigure(overMs, "duration")}`;
  return `${over}${afterMs > 0 ? ` after ${formatFigure(afterMs, "duration")}` : ""}`;
}

/** "312ms", or "> 60s (9 of 60 unfinished)" */
function observedText({ value, unit, atLeast }: ShownFigure): string {
  const figure = formatFigure(value, unit);
  return atLeast ? `> ${figure} (${atLeast.unfinished} of ${atLeast.of} unfinished)` : figure;
}

/** " in the worst of 51 windows; 5 broken, the first from 00:46" */
function windowsText({ windows }: ThresholdResult): string {
  if (!windows || windows.all === 0) return "";
  const { all, broken, first } = windows;
  const which = first ? `; ${broken} broken, the first from ${formatClock(first.from * 1_000)}` : "";
  return ` in the worst of ${all} windows${which}`;
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
