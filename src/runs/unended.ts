import { access, readdir } from "node:fs/promises";
import path from "node:path";
import { DISMISSED_FILE, RESULT_FILE, SUMMARY_FILE } from "./file-names.ts";

/** Each of them is written when a run is over, or put away. */
const AT_THE_END = [SUMMARY_FILE, RESULT_FILE, DISMISSED_FILE];

/**
 * Whether the folder has a run that may still go on, or that broke off and has not been put away. It reads no run. False
 * where there is no such folder.
 */
export async function hasUnended(runs: string): Promise<boolean> {
  const names = await readdir(runs).catch((): string[] => []);
  // The newest are the last: their names begin with their time.
  for (const name of names.sort().reverse()) {
    const ends = await Promise.all(AT_THE_END.map((file) => isThere(path.join(runs, name, file))));
    if (!ends.includes(true)) return true;
  }
  return false;
}

function isThere(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}
