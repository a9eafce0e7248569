import { isMap, isScalar, isSeq, type Node } from "yaml";
import { say } from "../text/message.ts";
import type { Reader } from "./reader.ts";

/** A text with its place. */
export interface Text {
  text: string;
  node: Node;
}

/** The texts of thresholds: a list, or one alone. */
export function readTexts(reader: Reader, node: Node): Text[] {
  const nodes = isSeq(node) ? (reader.source.items(node, say("must be a list")) ?? []) : [node];
  return nodes.flatMap((item) => {
    if (isMap(item)) {
      reader.source.error(item, say("a threshold must be a text: write labels with =, or quote the line"));
      return [];
    }
    if (isScalar(item) && item.value === null) {
      reader.source.error(item, say("a threshold is empty; write one, or take the line out"));
      return [];
    }
    const text = reader.text(item, "thresholds");
    if (text === undefined) return [];
    if (text.trim() !== "" && !(isScalar(item) && item.type === "BLOCK_FOLDED"))
      return [{ text, node: item }];
    reader.source.error(item, say("a threshold is empty; quote a line that begins with > or has a #"));
    return [];
  });
}
