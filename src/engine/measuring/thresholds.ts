import type { Threshold } from "../../measure/threshold.ts";
import type { ThresholdResult } from "../../measure/threshold-watch.ts";
import type { ShownFigure } from "../../protocol/description.ts";
import { formatClock } from "../../protocol/duration.ts";
import { formatFigure } from "../../protocol/format-figure.ts";
import type { ThresholdState } from "../../protocol/threshold.ts";
import { foreign, type Message, ofWords, say, sayAll } from "../../text/message.ts";

export interface Held {
  threshold: Threshold;
  result: ThresholdResult;
  /** Since when it is broken. */
  since?: number | undefined;
}

/**
 * How thresholds stand, for people. One that nothing was measured for has not been met: at the end it is broken.
 * `namesSteps`: there are several steps, which have to be told apart.
 */
export function thresholdStates(held: readonly Held[], namesSteps = false): ThresholdState[] {
  return held.map(({ threshold, result, since }) => {
    const { expression, comparison, limit, unit, step } = threshold;
    return {
      expression,
      ...(namesSteps && step !== undefined ? { step } : {}),
      label: labelOf(threshold, namesSteps),
      limit: limitOf(`${comparison} ${formatFigure(limit, unit)}`, threshold),
      observed: result.observed ? sayObserved(result.observed, result) : null,
      state: result.state === "not_measured" ? "broken" : result.state,
      ...(result.windows?.worst ? { worst: result.windows.worst } : {}),
      ...(since === undefined ? {} : { since }),
      ...marginOf(threshold, result.observed),
      figure: { metric: threshold.metric.name, figure: threshold.figure, labels: { ...threshold.labels } },
      bound: threshold.limit,
    };
  });
}

/** Of a limit of 0 there is no share: what is past it is past it by all. */
function marginOf({ comparison, limit }: Threshold, observed: ShownFigure | undefined): { margin?: number } {
  if (!observed) return {};
  const room = comparison.startsWith("<") ? limit - observed.value : observed.value - limit;
  const margin = limit === 0 ? Math.sign(room) : room / limit;
  return { margin: Math.round(margin * 1_000) / 1_000 };
}

/** "Round trip p95"; with its labels, "Round trip p95 (ssh)". */
function labelOf({ metric, figure, labels, step }: Threshold, namesSteps: boolean): Message {
  const alias = metric.aliases?.[figure]?.text;
  const name = alias === undefined ? say("{0} {1}", ofWords(metric.text), figure) : ofWords(alias);
  const cut = [...(namesSteps && step ? [step] : []), ...Object.values(labels)].join(", ");
  return cut ? say("{0} ({1})", name, cut) : name;
}

/** "< 200ms over 30s after 1m" */
function limitOf(limit: string, { overMs, afterMs }: Threshold): Message {
  const over = overMs === undefined ? undefined : formatFigure(overMs, "duration");
  const after = afterMs > 0 ? formatFigure(afterMs, "duration") : undefined;
  if (over === undefined) return after === undefined ? foreign(limit) : say("{0} after {1}", limit, after);
  return after === undefined
    ? say("{0} over {1}", limit, over)
    : say("{0} over {1} after {2}", limit, over, after);
}

/** "312ms", or "> 60s (9 of 60 unfinished)" */
function sayFigure({ value, unit, atLeast }: ShownFigure): Message {
  const figure = formatFigure(value, unit);
  if (!atLeast) return foreign(figure);
  return say("> {0} ({1} of {2} unfinished)", figure, atLeast.unfinished, atLeast.of);
}

/** "312ms in the worst of 51 windows; 5 broken, the first from 00:46" */
function sayObserved(observed: ShownFigure, { windows }: ThresholdResult): Message {
  const figure = sayFigure(observed);
  if (!windows || windows.all === 0) return figure;
  const { all, broken, first } = windows;
  if (!first) return say("{0} in the worst of {1} windows", figure, all);
  return say(
    "{0} in the worst of {1} windows; {2} broken, the first from {3}",
    figure,
    all,
    broken,
    formatClock(first.from * 1_000),
  );
}

/** "threshold broken: Round trip p95 312ms, required < 200ms" */
export function sayBroken(states: readonly ThresholdState[]): Message | undefined {
  const broken = states.filter((one) => one.state === "broken");
  if (broken.length === 0) return undefined;
  const told = broken.map(({ label, observed, limit }) =>
    say("{0} {1}, required {2}", label, observed ?? say("not measured"), limit),
  );
  const all = sayAll(told, "; ");
  if (broken.length === 1) return say("threshold broken: {0}", all);
  return say("{0} thresholds broken: {1}", broken.length, all);
}
