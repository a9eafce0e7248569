/** For registrations with the editor: files by their name, whatever language the editor takes them for. */
export const SCENARIO_GLOB = "**/*.scaletest.{yaml,yml}";
const SCENARIO_NAME = /\.scaletest\.ya?ml$/i;

/** Folders that others fill. */
export const WITHOUT_SCENARIOS = "**/node_modules/**";

/** A file, also one that has not been saved yet, and neither another version of it that is compared with nor its output. */
export const SCENARIO_SCHEMES = ["file", "untitled"] as const;

/** By its name. */
export function isScenario({ uri }: { uri: { scheme: string; path: string } }): boolean {
  return SCENARIO_NAME.test(uri.path) && SCENARIO_SCHEMES.some((scheme) => scheme === uri.scheme);
}
