import { isScalar, isSeq, type Node } from "yaml";
import { parseRunThreshold } from "../measure/run-threshold.ts";
import { meaningOf, type Threshold, ThresholdError } from "../measure/threshold.ts";
import { type Message, ofWords, say, sayAll, words } from "../text/message.ts";
import type { HeldTo, Step } from "./model.ts";
import type { Reader } from "./reader.ts";
import { readTexts, type Text } from "./texts.ts";

/** The word for the default set, alone or among others. */
export const DEFAULT = "default";

/** Objectives for a deployment in Coder's own terms, each where a step of the scenario has the metric. */
export const DEFAULT_THRESHOLDS = [
  { name: words("throughput of 90 % or more"), text: "achieved.rate >= 90%" },
  { name: words("disconnects below 1 %"), text: "connections.dropped_rate < 1%" },
  { name: words("API answers (p95) below 300 ms"), text: "api_latency.p95 < 300ms" },
] as const;

/** What the whole run is held to: as it is written, and as runs say it. */
export function readThresholds(
  reader: Reader,
  node: Node | undefined,
  steps: readonly Step[],
): { texts: string[]; heldTo: HeldTo[] } {
  const heldTo: HeldTo[] = [];
  if (!node) return { texts: [], heldTo };
  const { source } = reader;
  const judged = steps.map(({ name, workload }) => ({ name, metrics: workload.metrics }));
  const read = (text: string) => parseRunThreshold(text, judged);
  const found = new Set<string>();
  const texts: string[] = [];
  const take = (text: string, place: Node) => {
    const threshold = read(text);
    if (found.has(meaningOf(threshold)))
      source.warn(place, say('"{0}" is here twice; take one of them out', text));
    else {
      texts.push(text);
      heldTo.push({ expression: threshold.expression, step: undefined, range: source.rangeOf(place) });
    }
    found.add(meaningOf(threshold));
  };
  for (const one of readTexts(reader, node)) {
    if (one.text.trim() === DEFAULT) takeDefaults(reader, one, { found, read, take });
    else {
      try {
        take(one.text, one.node);
      } catch (error) {
        if (!(error instanceof ThresholdError)) throw error;
        source.error(source.inside(one.node, one.text, error.offset, error.length), error.said);
      }
    }
  }
  warnOfComments(reader, node);
  return { texts, heldTo };
}

/** Of the default set, what no step measures is left out, and told; what is there already is not said again. */
function takeDefaults(
  reader: Reader,
  { node }: Text,
  {
    found,
    read,
    take,
  }: {
    found: ReadonlySet<string>;
    read: (text: string) => Threshold;
    take: (text: string, place: Node) => void;
  },
): void {
  const left: Message[] = [];
  for (const { name, text } of DEFAULT_THRESHOLDS) {
    try {
      if (!found.has(meaningOf(read(text)))) take(text, node);
    } catch (error) {
      if (!(error instanceof ThresholdError)) throw error;
      left.push(ofWords(name));
    }
  }
  if (left.length > 0)
    reader.source.warn(
      node,
      say("left out of the default thresholds, as no step measures it: {0}", sayAll(left, "; ")),
    );
}

/** `failures.rate #1` is cut off at the #, in silence. */
function warnOfComments(reader: Reader, node: Node): void {
  for (const item of isSeq(node) ? node.items : [])
    if (isScalar(item) && typeof item.comment === "string" && /^[\d\w]/.test(item.comment))
      reader.source.warn(
        item,
        say("what is behind the # is a comment; quote the line where it is part of the threshold"),
      );
}
