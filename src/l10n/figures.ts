import { formatDuration as plainDuration } from "../protocol/duration.ts";
import {
  type MessageLoad,
  messagesPerSecond,
  formatRate as plainRate,
  formatSize as plainSize,
  roundPerSecond,
} from "../protocol/rate.ts";
import { language, t } from "./text.ts";

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

/** Bytes with three digits and no zeros at the end: `850 B`, `4 KB`. */
export function formatSize(bytes: number): string {
  return localFigure(plainSize(bytes));
}

/** A number of messages a second, without the unit: `0.25`, `12.5`, `12,000`. */
export function formatPerSecond(perSecond: number): string {
  const rounded = roundPerSecond(perSecond);
  return Number.isInteger(rounded) ? formatCount(rounded) : localFigure(String(rounded));
}

/** `400 messages/s` */
export function formatMessages(perSecond: number): string {
  const shown = formatPerSecond(perSecond);
  return roundPerSecond(perSecond) === 1 ? t("{0} message/s", shown) : t("{0} messages/s", shown);
}

/** What a connection sends: `10 messages/s × 4 KB`. */
export function formatLoad(load: MessageLoad): string {
  return `${formatMessages(messagesPerSecond(load))} × ${formatSize(load.bytes)}`;
}

/** `Nov 26, 2026, 1:05 AM` */
export function formatDateTime(at: number): string {
  return new Date(at).toLocaleString(language(), { dateStyle: "medium", timeStyle: "short" });
}

/** Of today: `1:05 AM`, with seconds where `medium`. */
export function formatTime(at: number, timeStyle: "short" | "medium"): string {
  return new Date(at).toLocaleTimeString(language(), { timeStyle });
}
