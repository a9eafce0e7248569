import type { FigureRef } from "./description.ts";
import { seriesKey } from "./series-key.ts";

/** The name of a figure in messages: `round_trip{transport="ssh"}.p95`, or the same with `@second` behind it. */
export function figureKey({ metric, figure, labels, over }: FigureRef): string {
  return `${seriesKey(metric, labels)}.${figure}${over ? `@${over}` : ""}`;
}
