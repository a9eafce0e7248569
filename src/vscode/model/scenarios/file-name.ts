const LONGEST = 60;

/** A name for a scenario's file, of letters and digits: `nine-o-clock.scaletest.yaml`. */
export function fileNameOf(name: string): string {
  const words = name
    .toLowerCase()
    .normalize("NFKD")
    .replace(/\p{Mark}/gu, "")
    .replace(/[^\p{Letter}\p{Number}]+/gu, "-")
    .slice(0, LONGEST)
    .replace(/^-+|-+$/g, "");
  return `${words || "scenario"}.scaletest.yaml`;
}
