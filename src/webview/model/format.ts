import {
  formatRate as formatByteRate,
  formatCount,
  formatDecimal,
  formatDuration,
  localFigure,
} from "../../l10n/figures.ts";
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

/** A share of 1 as a percentage; neither rounded up to 100 nor down to 0. */
export function formatShare(share: number): string {
  const percent = share * 100;
  if (percent > 99.9 && percent < 100) return localFigure("99.9 %");
  if (percent > 0 && percent < 0.01) return localFigure("0.01 %");
  return localFigure(`${Number(percent.toFixed(percent < 1 ? 2 : 1))} %`);
}

/** `19.8 MB/s` as the number and its unit. */
export function splitUnit(text: string): [string, string] {
  const space = text.indexOf(" ");
  return space === -1 ? [text, ""] : [text.slice(0, space), text.slice(space + 1)];
}

/** Bytes with three digits: `850 B`, `1.23 MB` (MB = 1,000,000). */
export function formatBytes(bytes: number): string {
  return formatByteRate(bytes).replace("/s", "");
}

/** For the scale beside a chart: `20M`, `500k`, `0`. */
export function shortBytes(bytes: number): string {
  const [unit, size] =
    bytes >= 1e9 ? ["G", 1e9] : bytes >= 1e6 ? ["M", 1e6] : bytes >= 1e3 ? ["k", 1e3] : ["", 1];
  return localFigure(`${Number((bytes / Number(size)).toFixed(1))}${unit}`);
}
