const LONGEST = 60;
/** Windows takes no file of these names, whatever its ending. */
const DEVICES = /^(con|prn|aux|nul|com\d|lpt\d)$/;

/** A name for a scenario's file, of letters and digits: `nine-o-clock.scaletest.yaml`. */
export function fileNameOf(name: string): string {
  const words = name
    .toLowerCase()
    .normalize("NFKD")
    .replace(/\p{Mark}/gu, "")
    .replace(/[^\p{Letter}\p{Number}]+/gu, "-")
    .slice(0, LONGEST)
    .replace(/^-+|-+$/g, "");
  const isFree = words !== "" && !DEVICES.test(words);
  return `${isFree ? words : `scenario${words && `-${words}`}`}.scaletest.yaml`;
}
