import { formatCount, formatDecimal, formatDuration, localFigure } from "../../l10n/figures.ts";
import { t } from "../../l10n/text.ts";
import { formatClock } from "../../protocol/duration.ts";

/** At most one digit after the point, none from ten up. */
export function formatRate(value: number): string {
  return value < 10 ? formatDecimal(value, 1) : formatCount(value);
}

/** `06:42 of about 12:00`, `06:42` where there is no estimate. */
export function formatProgress(elapsedMs: number, remainingMs: number | null): string {
  const elapsed = formatClock(elapsedMs);
  return remainingMs === null
    ? elapsed
    : t("{0} of about {1}", elapsed, formatClock(elapsedMs + remainingMs));
}

/** A duration, or a dash where there is none yet. */
export function formatMaybe(ms: number | undefined): string {
  return ms === undefined ? "–" : formatDuration(ms);
}

/** For the scale beside a chart: `20M`, `500k`, `0`. */
export function shortBytes(bytes: number): string {
  const [unit, size] =
    bytes >= 1e9 ? ["G", 1e9] : bytes >= 1e6 ? ["M", 1e6] : bytes >= 1e3 ? ["k", 1e3] : ["", 1];
  return localFigure(`${Number((bytes / Number(size)).toFixed(1))}${unit}`);
}
