import { isMap, isNode, isScalar } from "yaml";
import { type Place, sourceOf } from "./source.ts";

/** Where a map of the file says something under a name: its value, or the name where it has none. */
export function placeIn(map: Place | undefined, name: string): Place | undefined {
  if (!isMap(map)) return undefined;
  const pair = map.items.find(({ key }) => isScalar(key) && sourceOf(key) === name);
  if (!pair) return undefined;
  const { key, value } = pair;
  if (isNode(value)) return value;
  return isNode(key) ? key : undefined;
}
