import { isScalar, type Node } from "yaml";
import { parseRunThreshold } from "../measure/run-threshold.ts";
import { distinct, type Threshold, ThresholdError } from "../measure/threshold.ts";
import type { Step } from "./model.ts";
import type { Reader } from "./reader.ts";
import { readTexts, type Text } from "./texts.ts";

/** The word for the default set, alone or among others. */
export const DEFAULT = "default";

/** What is said of a deployment in Coder's own terms, each where a step of the scenario has the metric. */
export const DEFAULT_THRESHOLDS = [
  { name: "throughput of 90 % or more", text: "achieved.rate >= 90%" },
  { name: "disconnects below 1 %", text: "connections.dropped_rate < 1%" },
  { name: "API answers (p95) below 300 ms", text: "api_latency.p95 < 300ms" },
] as const;

/** What the whole run is held to. */
export function readThresholds(reader: Reader, node: Node | undefined, steps: readonly Step[]): string[] {
  if (!node) return [];
  const { source } = reader;
  const judged = steps.map(({ name, workload }) => ({ name, metrics: workload.metrics }));
  const read = (text: string) => parseRunThreshold(text, judged);
  const found: Threshold[] = [];
  const texts: string[] = [];
  const take = (text: string, place: Node) => {
    const threshold = read(text);
    if (distinct([...found, threshold]).length === found.length)
      source.warn(place, `"${text}" is here twice; take one of them out`);
    else texts.push(text);
    found.push(threshold);
  };
  for (const one of readTexts(reader, node, "a threshold")) {
    if (one.text.trim() === DEFAULT) takeDefaults(reader, one, read, take);
    else {
      try {
        take(one.text, one.node);
      } catch (error) {
        if (!(error instanceof ThresholdError)) throw error;
        source.error(source.inside(one.node, one.text, error.offset, error.length), error.message);
      }
    }
  }
  warnOfComments(reader, node);
  return texts;
}

/** Of the default set, what no step measures is left out, and told. */
function takeDefaults(
  reader: Reader,
  { node }: Text,
  read: (text: string) => Threshold,
  take: (text: string, place: Node) => void,
): void {
  const left: string[] = [];
  for (const { name, text } of DEFAULT_THRESHOLDS) {
    try {
      read(text);
      take(text, node);
    } catch (error) {
      if (!(error instanceof ThresholdError)) throw error;
      left.push(name);
    }
  }
  if (left.length > 0)
    reader.source.warn(
      node,
      `left out of the default thresholds, as no step measures it: ${left.join("; ")}`,
    );
}

/** `failures.rate #1` is cut off at the #, in silence. */
function warnOfComments(reader: Reader, node: Node): void {
  for (const item of reader.source.items(node, "") ?? [])
    if (isScalar(item) && typeof item.comment === "string" && /^[\d\w]/.test(item.comment))
      reader.source.warn(
        item,
        "what is behind the # is a comment; quote the line where it is part of the threshold",
      );
}
