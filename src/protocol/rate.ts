import { english, type Message, say } from "../text/message.ts";

const UNITS: Record<string, number> = {
  "": 1,
  b: 1,
  kb: 1_000,
  mb: 1_000_000,
  gb: 1_000_000_000,
  kib: 1_024,
  mib: 1_024 ** 2,
  gib: 1_024 ** 3,
};

/** Reads `40KB/s` (KB = 1,000 bytes, KiB = 1,024). Returns bytes a second, or undefined. */
export function parseRate(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)\s*([kmg]i?b|b)?\/s$/i.exec(text.trim());
  const unit = UNITS[match?.[2]?.toLowerCase() ?? ""];
  if (!match || unit === undefined) return undefined;
  const rate = Number(match[1]) * unit;
  return rate > 0 ? rate : undefined;
}

/** Writes bytes a second with three digits: `850 B/s`, `40.0 KB/s`, `1.23 MB/s`. */
export function formatRate(bytesPerSecond: number): string {
  if (!Number.isFinite(bytesPerSecond)) return "–";
  // By what is written: 999,700 is 1.00 MB/s, not 1000 KB/s.
  if (bytesPerSecond < 999.5) return `${Math.round(bytesPerSecond)} B/s`;
  const [unit, size] =
    bytesPerSecond < 999.5e3 ? ["KB/s", 1e3] : bytesPerSecond < 999.5e6 ? ["MB/s", 1e6] : ["GB/s", 1e9];
  const value = bytesPerSecond / Number(size);
  return `${value.toFixed(value < 10 ? 2 : value < 100 ? 1 : 0)} ${unit}`;
}

/** What a connection sends: one message of so many bytes at every tick. */
export interface MessageLoad {
  bytes: number;
  intervalMs: number;
}

export function messagesPerSecond({ intervalMs }: Pick<MessageLoad, "intervalMs">): number {
  return 1_000 / intervalMs;
}

/** Bytes with three digits and no zeros at the end: `850 B`, `4 KB`, `1.02 KB` (KB = 1,000). */
export function formatSize(bytes: number): string {
  const [value = "", unit = ""] = formatRate(bytes).replace(/\/s$/, "").split(" ");
  return `${value.includes(".") ? value.replace(/\.?0+$/, "") : value} ${unit}`;
}

/** How many a second, as a number: `10`, `0.25`, `12.5`, `400`. Without separators between thousands. */
export function roundPerSecond(perSecond: number): number {
  if (perSecond >= 99.95) return Math.round(perSecond);
  return Number(perSecond.toPrecision(perSecond < 1 ? 2 : 3));
}

/** `400 messages/s` */
export function sayMessages(perSecond: number): Message {
  const rounded = roundPerSecond(perSecond);
  return rounded === 1 ? say("{0} message/s", rounded) : say("{0} messages/s", rounded);
}

/** `10 messages/s × 4 KB`. A rate in bytes alone hides the messages, which are what loads coderd. */
export function sayLoad(load: MessageLoad): Message {
  return say("{0} × {1}", sayMessages(messagesPerSecond(load)), formatSize(load.bytes));
}

/** The same in English. */
export function formatLoad(load: MessageLoad): string {
  return english(sayLoad(load));
}
