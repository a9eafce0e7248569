import type { FigureUnit } from "./description.ts";
import { formatDuration } from "./duration.ts";
import { formatRate, formatSize, roundPerSecond } from "./rate.ts";

/** A figure as people read it: `312ms`, `0.8 %`, `12`. */
export function formatFigure(value: number, unit: FigureUnit): string {
  switch (unit) {
    case "duration":
      return formatDuration(value);
    case "share":
      return `${formatPercent(value * 100)} %`;
    case "bytes":
      return formatSize(value);
    case "bytes_per_second":
      return formatRate(value);
    case "per_second":
      return `${roundPerSecond(value)}/s`;
    case "cores":
      return `${Number(value.toFixed(2))}`;
    case "count":
      return String(value);
  }
}

/** Two digits after the point at most, and never rounded up to 100 or down to 0 by that. */
function formatPercent(percent: number): string {
  if (percent > 99.99 && percent < 100) return "99.99";
  if (percent > 0 && percent < 0.01) return "0.01";
  return String(Number(percent.toFixed(2)));
}
