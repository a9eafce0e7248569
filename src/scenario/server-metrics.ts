import { isMap, isSeq, type Node } from "yaml";
import { prometheusWord, readAsked, ServerMetricsError } from "../contract/server-words.ts";
import { say } from "../text/message.ts";
import { orNearest } from "../text/nearest.ts";
import type { Reader } from "./reader.ts";

/** Keys of a Prometheus server in a scenario; those of a label each, and any label under `labels`. */
export const PROMETHEUS_KEYS = ["prometheus", "namespace", "job", "pod", "labels"] as const;

/** Where the run reads the deployment's own figures: a list of addresses, words and maps, or one alone. */
export function readServerMetrics(reader: Reader, node: Node | undefined): string[] {
  if (!node) return [];
  const nodes = isSeq(node) ? (reader.source.items(node, say("must be a list")) ?? []) : [node];
  return nodes.flatMap((item) => {
    try {
      const text = isMap(item) ? prometheusIn(reader, item) : reader.text(item, "serverMetrics");
      if (text !== undefined) readAsked(text, true);
      return text ?? [];
    } catch (error) {
      if (!(error instanceof ServerMetricsError)) throw error;
      reader.source.error(item, error.said);
      return [];
    }
  });
}

/** `{ prometheus: http://…, namespace: coder, labels: { cluster: eu } }` as the word for the same. */
function prometheusIn(reader: Reader, node: Node): string | undefined {
  const rule = say("must be an address, a word, or a map with the key prometheus");
  const labels: Record<string, string> = {};
  let address: string | undefined;
  for (const entry of reader.source.entries(node, rule) ?? []) {
    if (!PROMETHEUS_KEYS.some((key) => key === entry.name)) {
      const said = say('serverMetrics has no "{0}"', entry.name);
      reader.source.error(entry.key, orNearest(said, entry.name, PROMETHEUS_KEYS));
      continue;
    }
    const value = reader.valueOf(entry);
    if (entry.name === "labels") Object.assign(labels, labelsIn(reader, value));
    else {
      const text = reader.text(value, entry.name);
      if (text === undefined) continue;
      if (entry.name === "prometheus") address = text;
      else labels[entry.name] = text;
    }
  }
  if (address === undefined) reader.source.error(node, rule);
  return address === undefined ? undefined : prometheusWord(address, labels);
}

function labelsIn(reader: Reader, node: Node | undefined): Record<string, string> {
  if (!node) return {};
  const entries = reader.source.entries(node, say("labels must be a map of names and values")) ?? [];
  return Object.fromEntries(
    entries.flatMap((entry) => {
      const text = reader.text(reader.valueOf(entry), entry.name);
      return text === undefined ? [] : [[entry.name, text]];
    }),
  );
}
