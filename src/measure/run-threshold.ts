import { say } from "../text/message.ts";
import type { Metric } from "./metric.ts";
import { distinct, parseThreshold, type Threshold, ThresholdError } from "./threshold.ts";

/** A step of a run, as far as it can be held to something. */
export interface JudgedStep {
  name: string;
  metrics: readonly Metric[];
}

/**
 * Reads a threshold of a whole run. Without `step=` it is about all steps that have the metric, together. Throws
 * ThresholdError with one line and the place, also where the step is not there or has no such metric.
 */
export function parseRunThreshold(text: string, steps: readonly JudgedStep[]): Threshold {
  const threshold = parseThreshold(text, metricsOf(steps));
  const { name } = threshold.metric;
  if (threshold.step !== undefined) return ofStep(text, threshold.step, name, steps);
  const having = steps.filter(({ metrics }) => has(metrics, name));
  if (having.length === steps.length) return threshold;
  return { ...threshold, among: having.map((step) => step.name) };
}

/** Each meaning once. Throws ThresholdError as `parseRunThreshold` does; the line begins with the text. */
export function runThresholds(texts: readonly string[], steps: readonly JudgedStep[]): Threshold[] {
  return distinct(
    texts.map((text) => {
      try {
        return parseRunThreshold(text, steps);
      } catch (error) {
        if (!(error instanceof ThresholdError)) throw error;
        throw new ThresholdError(say('"{0}": {1}', text, error.said), error.offset, error.length);
      }
    }),
  );
}

function ofStep(text: string, name: string, metric: string, steps: readonly JudgedStep[]): Threshold {
  const step = steps.find((one) => one.name === name);
  if (!step) {
    const names = steps.map((one) => one.name).join(", ");
    throw new ThresholdError(say('there is no step "{0}": there is {1}', name, names), ...placeOfStep(text));
  }
  if (!has(step.metrics, metric))
    throw new ThresholdError(say('step "{0}" has no {1}', name, metric), text.indexOf(metric), metric.length);
  return parseThreshold(text, step.metrics);
}

/** Of several with one name, the first: what two kinds of step both measure, they measure alike. */
function metricsOf(steps: readonly JudgedStep[]): Metric[] {
  const found = new Map<string, Metric>();
  for (const { metrics } of steps)
    for (const metric of metrics) if (!found.has(metric.name)) found.set(metric.name, metric);
  return [...found.values()];
}

function has(metrics: readonly Metric[], name: string): boolean {
  return metrics.some((metric) => metric.name === name);
}

/** Of the step's name in the text. */
function placeOfStep(text: string): [offset: number, length: number] {
  const match = /([{,]\s*step\s*=\s*)("(?:[^"\\]|\\.)*"|[\w-]+)/.exec(text);
  if (!match) return [0, text.length];
  return [match.index + (match[1]?.length ?? 0), match[2]?.length ?? 1];
}
