import type { CoderClient, ParameterValue } from "../../coder/client.ts";
import { resolveParameters } from "../../coder/parameters.ts";
import type { Template } from "../../coder/schemas.ts";
import { type MaskedParameter, withMasks } from "../../coder/secret-parameters.ts";
import { Refusal } from "../../contract/failures.ts";
import type { PrepareContext } from "../../contract/prepare.ts";
import type { CreateWorkspacesConfig } from "./config.ts";

/** The template's parameters; with values for them, also which of them are secrets. Throws CoderError. */
export async function parametersOf(
  { parameters: values }: CreateWorkspacesConfig,
  { active_version_id: versionId }: Template,
  ownerId: string,
  { client, signal }: Pick<PrepareContext, "client" | "signal">,
): Promise<MaskedParameter[]> {
  if (Object.keys(values).length === 0) return client.richParameters(versionId, { signal });
  return withMasks(client, { versionId, ownerId, values }, { signal });
}

/** The values to send, checked by the template's own rules. Throws Refusal with the first problem. */
export function parameterValues(
  config: CreateWorkspacesConfig,
  template: Template,
  parameters: readonly MaskedParameter[],
): readonly ParameterValue[] {
  const { values, problems } = resolveParameters(parameters, config.parameters);
  const [first, ...more] = problems;
  if (!first) return values;
  const others =
    more.length > 0 ? ` (and ${more.length} more: ${more.map((problem) => problem.name).join(", ")})` : "";
  throw new Refusal(`template "${template.name}": ${first.message}${others}`);
}

/** A created user has signed in nowhere, and nobody is there to do it. */
export async function refuseExternalAuth(
  config: CreateWorkspacesConfig,
  template: Template,
  client: CoderClient,
  signal: AbortSignal,
): Promise<void> {
  const providers = await client.externalAuth(template.active_version_id, { signal });
  const missing = providers.filter((one) => !one.optional && !(config.useHostLogin && one.authenticated));
  if (missing.length === 0) return;
  const names = missing.map((one) => one.display_name || one.id).join(", ");
  throw new Refusal(
    `template "${template.name}" requires each user to sign in to ${names}, which created users cannot do`,
  );
}

/** Throws Refusal where SSH or a command is wanted and there is no agent for it. */
export function refuseWithoutAgent(
  config: CreateWorkspacesConfig,
  template: Template,
  agents: readonly string[],
): void {
  const wanted = config.waitForAgents && (config.ssh || config.runCommand);
  if (!wanted) return;
  if (agents.length === 0) {
    const what = config.runCommand ? (config.ssh ? "SSH and the command" : "the command") : "SSH";
    const how = config.runCommand ? "leave --run-command out and pass --no-ssh" : "pass --no-ssh";
    throw new Refusal(`template "${template.name}" has no agent for ${what}; ${how}`);
  }
  if (config.agent && !agents.includes(config.agent)) {
    throw new Refusal(
      `template "${template.name}" has no agent "${config.agent}"; it has ${agents.join(", ")}`,
    );
  }
}
