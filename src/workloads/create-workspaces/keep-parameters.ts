import type { Template } from "../../coder/schemas.ts";
import { isSecret, isTelling, withMasks } from "../../coder/secret-parameters.ts";
import type { PrepareContext } from "../../contract/prepare.ts";
import type { CreateWorkspacesConfig } from "./config.ts";

/**
 * Says which of the given parameters may be kept with the run: not those whose input the template hides, or that are
 * meant for one build only, and none that it does not have. Throws CoderError.
 */
export async function keepParameters(
  { parameters: given }: CreateWorkspacesConfig,
  template: Template,
  ownerId: string,
  { client, signal, keep }: Pick<PrepareContext, "client" | "signal" | "keep">,
): Promise<void> {
  if (Object.keys(given).length === 0) return;
  const asked = { versionId: template.active_version_id, ownerId, values: given };
  const known = new Map((await withMasks(client, asked, { signal })).map((one) => [one.name, one]));
  const harmless: Record<string, string> = {};
  const secrets: string[] = [];
  for (const [name, value] of Object.entries(given)) {
    const parameter = known.get(name);
    if (parameter && !isSecret(parameter)) harmless[name] = value;
    else if (!parameter || isTelling(parameter, value)) secrets.push(value);
  }
  keep({ parameters: harmless }, secrets);
}
