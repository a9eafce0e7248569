import { formatDuration as plainDuration } from "../protocol/duration.ts";
import { formatRate as plainRate } from "../protocol/rate.ts";
import { language } from "./text.ts";

/** Numbers, durations and dates as the language of the texts writes them. Units are the same in all. */

const made = new Map<string, Intl.NumberFormat>();

/** Kept: to make one takes longer than all the numbers of an update. */
function formatOf(digits: number): Intl.NumberFormat {
  const key = `${language()} ${digits}`;
  const format =
    made.get(key) ??
    new Intl.NumberFormat(language(), { minimumFractionDigits: digits, maximumFractionDigits: digits });
  made.set(key, format);
  return format;
}

/** A whole number: `12,480`. */
export function formatCount(value: number): string {
  return formatOf(0).format(value);
}

/** With exactly so many digits after the point. */
export function formatDecimal(value: number, digits: number): string {
  return formatOf(digits).format(value);
}

/** A figure that is written already (`1.98 MB/s`, `1.5s`), with the language's own sign for the point. */
export function localFigure(text: string): string {
  const point = decimalSign();
  return point === "." ? text : text.replace(/(?<=\d)\.(?=\d)/g, point);
}

let sign = { language: "en", point: "." };

function decimalSign(): string {
  if (sign.language !== language()) {
    const part = formatOf(1)
      .formatToParts(1.5)
      .find(({ type }) => type === "decimal");
    sign = { language: language(), point: part?.value ?? "." };
  }
  return sign.point;
}

/** Milliseconds as Coder writes a duration, to be read and not to be typed: `850ms`, `1.5s`, `2m31s`. */
export function formatDuration(ms: number): string {
  return localFigure(plainDuration(ms));
}

/** Bytes a second with three digits: `1.23 MB/s`. */
export function formatRate(bytesPerSecond: number): string {
  return localFigure(plainRate(bytesPerSecond));
}

/** `Nov 26, 2026, 1:05 AM` */
export function formatDateTime(at: number): string {
  return new Date(at).toLocaleString(language(), { dateStyle: "medium", timeStyle: "short" });
}

/** Of today: `1:05 AM`, with seconds where `medium`. */
export function formatTime(at: number, timeStyle: "short" | "medium"): string {
  return new Date(at).toLocaleTimeString(language(), { timeStyle });
}
