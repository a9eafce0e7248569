/**
 * The oldest server that this product is written for: the first whose user creation takes
 * `organization_ids`. Older ones are refused rather than half served.
 */
export const OLDEST_VERSION = "2.16.0";

export type VersionCheck = "supported" | "too_old" | "unknown";

/** `v2.26.1+abc` is checked; development builds (`v0.0.0-devel`) and unreadable ones are "unknown". */
export function checkVersion(version: string): VersionCheck {
  const parsed = numbersOf(version);
  const oldest = numbersOf(OLDEST_VERSION);
  if (!parsed || !oldest || version.includes("devel")) return "unknown";
  for (const [index, least] of oldest.entries()) {
    const have = parsed[index] ?? 0;
    if (have !== least) return have > least ? "supported" : "too_old";
  }
  return "supported";
}

function numbersOf(version: string): number[] | undefined {
  const match = /^v?(\d+)\.(\d+)\.(\d+)/.exec(version);
  return match ? match.slice(1, 4).map(Number) : undefined;
}
