import type { PreflightContext } from "../../contract/prepare.ts";
import type { Check } from "../../protocol/check.ts";
import { creationOf, type PrepareWorkspacesConfig } from "./pool-config.ts";
import { checkCreateWorkspaces } from "./preflight.ts";

/** What can be found out before, as if the pool had none yet. */
export function checkPool(
  { name: _name, count, ...config }: PrepareWorkspacesConfig,
  context: PreflightContext,
): Promise<Check[]> {
  return checkCreateWorkspaces(creationOf(config, count), context);
}
