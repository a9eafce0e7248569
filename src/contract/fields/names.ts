/** A flag as a name in JSON: `run-command` is `runCommand`. */
export function flagName(flag: string): string {
  return flag.replace(/-(\w)/g, (_all, letter: string) => letter.toUpperCase());
}
