import { isSeq, type Node } from "yaml";
import { readAsked, ServerMetricsError } from "../contract/server-words.ts";
import { say } from "../text/message.ts";
import type { Reader } from "./reader.ts";

/** Where the run reads the deployment's own figures: a list of addresses or words, or one alone. */
export function readServerMetrics(reader: Reader, node: Node | undefined): string[] {
  if (!node) return [];
  const nodes = isSeq(node) ? (reader.source.items(node, say("must be a list")) ?? []) : [node];
  return nodes.flatMap((item) => {
    const text = reader.text(item, "serverMetrics");
    if (text === undefined) return [];
    try {
      readAsked(text, true);
      return [text];
    } catch (error) {
      if (!(error instanceof ServerMetricsError)) throw error;
      reader.source.error(item, error.said);
      return [];
    }
  });
}
