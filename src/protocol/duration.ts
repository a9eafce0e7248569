/**
 * Durations as Coder writes them (Go's format): `100ms`, `5m`, `1h30m`. All numbers are milliseconds.
 */

const UNITS: Record<string, number> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
};

/** A duration as text, without spaces around it. */
export const DURATION = /^(0|(\d+(\.\d+)?(ns|us|µs|ms|s|m|h))+)$/;

/**
 * Parses a duration. Returns milliseconds, or `undefined` where the text is not a duration.
 * `0` needs no unit, everything else does; a sign, where Go takes one, is refused: no option here has a
 * meaning for negative time.
 */
export function parseDuration(text: string): number | undefined {
  const trimmed = text.trim();
  if (!DURATION.test(trimmed)) return undefined;
  let total = 0;
  for (const [, amount, unit] of trimmed.matchAll(/(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h)/g)) {
    total += Number(amount) * (UNITS[unit ?? ""] ?? Number.NaN);
  }
  return Number.isFinite(total) ? total : undefined;
}

/** Writes milliseconds as Coder writes a duration: `850ms`, `1.5s`, `2m31s`, `1h0m5s`. */
export function formatDuration(ms: number): string {
  if (!Number.isFinite(ms) || ms < 0) return "–";
  if (ms < 1_000) return `${trimZeros(ms < 10 ? ms.toFixed(1) : ms.toFixed(0))}ms`;
  if (ms < 60_000) return `${trimZeros((ms / 1_000).toFixed(ms < 10_000 ? 2 : 1))}s`;
  const seconds = Math.round(ms / 1_000);
  const h = Math.floor(seconds / 3_600);
  const m = Math.floor((seconds % 3_600) / 60);
  const s = seconds % 60;
  return h > 0 ? `${h}h${m}m${s}s` : `${m}m${s}s`;
}

/** Writes milliseconds so that parseDuration gives back just these: `10m`, `1h30m`, `1500ms`, `0`. */
export function writeDuration(ms: number): string {
  if (ms === 0) return "0";
  if (ms % 1_000 !== 0) return `${ms}ms`;
  const seconds = ms / 1_000;
  const parts = [
    [Math.floor(seconds / 3_600), "h"],
    [Math.floor((seconds % 3_600) / 60), "m"],
    [seconds % 60, "s"],
  ] as const;
  return parts.map(([amount, unit]) => (amount > 0 ? `${amount}${unit}` : "")).join("");
}

/** A clock for headers and status bars: `03:10`, `1:02:45`. Width does not jump from second to second. */
export function formatClock(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1_000));
  const pad = (n: number) => String(n).padStart(2, "0");
  const h = Math.floor(seconds / 3_600);
  const rest = `${pad(Math.floor((seconds % 3_600) / 60))}:${pad(seconds % 60)}`;
  return h > 0 ? `${h}:${rest}` : rest;
}

function trimZeros(text: string): string {
  return text.includes(".") ? text.replace(/\.?0+$/, "") : text;
}
