import { isSecret, isTelling, type MaskedParameter } from "../../coder/secret-parameters.ts";
import type { PrepareContext } from "../../contract/prepare.ts";

/**
 * Says which of the given values of a template's parameters may be kept with the run: not those whose input the
 * template hides, or that are meant for one build only, and none of parameters that it does not have.
 */
export function keepParameters(
  given: Readonly<Record<string, string>>,
  parameters: readonly MaskedParameter[],
  keep: PrepareContext["keep"],
): void {
  const known = new Map(parameters.map((one) => [one.name, one]));
  const harmless: Record<string, string> = {};
  const secrets: string[] = [];
  for (const [name, value] of Object.entries(given)) {
    const parameter = known.get(name);
    if (parameter && !isSecret(parameter)) harmless[name] = value;
    else if (!parameter || isTelling(parameter, value)) secrets.push(value);
  }
  keep({ parameters: harmless }, secrets);
}
