import { formatClock, formatDuration } from "../../protocol/duration.ts";

/** Digits in groups of three, set apart by a narrow space that does not break: `12 480`. */
export function formatCount(value: number): string {
  return String(Math.round(value)).replace(/\B(?=(\d{3})+(?!\d))/g, "\u202f");
}

/** At most one digit after the point, none from ten up. */
export function formatRate(value: number): string {
  return value < 10 ? value.toFixed(1) : formatCount(value);
}

/** `06:42 of about 12:00`, `06:42` where there is no estimate. */
export function formatProgress(elapsedMs: number, remainingMs: number | null): string {
  const elapsed = formatClock(elapsedMs);
  return remainingMs === null ? elapsed : `${elapsed} of about ${formatClock(elapsedMs + remainingMs)}`;
}

export function plural(count: number, one: string, many = `${one}s`): string {
  return `${formatCount(count)} ${count === 1 ? one : many}`;
}

/** A duration, or a dash where there is none yet. */
export function formatMaybe(ms: number | undefined): string {
  return ms === undefined ? "–" : formatDuration(ms);
}
