import { isMap, isScalar, isSeq, type Node } from "yaml";
import type { Reader } from "./reader.ts";

/** A text with its place. */
export interface Text {
  text: string;
  node: Node;
}

/** A list of texts, or one text alone. `name` is what one is called: "a threshold". */
export function readTexts(reader: Reader, node: Node, name: string): Text[] {
  const nodes = isSeq(node) ? (reader.source.items(node, "") ?? []) : [node];
  return nodes.flatMap((item) => {
    if (isMap(item)) {
      reader.source.error(item, `${name} must be a text: write labels with =, or quote the line`);
      return [];
    }
    const text = reader.text(item, name);
    if (text === undefined) return [];
    if (text.trim() !== "" && !(isScalar(item) && item.type === "BLOCK_FOLDED"))
      return [{ text, node: item }];
    reader.source.error(item, `${name} is empty; quote a line that begins with > or has a #`);
    return [];
  });
}
