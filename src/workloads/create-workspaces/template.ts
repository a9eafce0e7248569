import type { CoderClient, ParameterValue } from "../../coder/client.ts";
import type { FormParameter } from "../../coder/dynamic-parameters.ts";
import { resolveParameters } from "../../coder/parameters.ts";
import { choosePreset, NO_PRESET, type Preset } from "../../coder/presets.ts";
import type { Template } from "../../coder/schemas.ts";
import type { TemplateForms } from "../../coder/template-form.ts";
import { Refusal } from "../../contract/failures.ts";
import type { CreateWorkspacesConfig } from "./config.ts";

/** What the workspaces are created with. */
export interface Values {
  /** To be sent; what is not among them is left to the template's defaults. */
  sent: readonly ParameterValue[];
  preset: Preset | undefined;
  /** All that a workspace will have, for people. */
  shown: string;
  /** What somebody who gave values may not expect. */
  notes: readonly string[];
}

/**
 * The values to send, as `coder create` puts them together: what is given, and the preset's over it. Checked by the
 * template's own rules, and by the deployment where parameters depend on each other. Throws Refusal with the first
 * problem.
 */
export async function parameterValues(
  config: CreateWorkspacesConfig,
  template: Template,
  forms: TemplateForms,
  signal: AbortSignal,
): Promise<Values> {
  const refuse = (text: string) => new Refusal(`template "${template.name}": ${text}`);
  const presets = await forms.presets(template, { signal });
  const choice = choosePreset(presets, config.preset);
  if ("problem" in choice) throw refuse(choice.problem);
  const { preset } = choice;
  const given = { ...config.parameters, ...preset?.values };
  const form = await forms.form(template, given, { signal });
  const { values, problems } = resolveParameters(form.parameters, given, form.isDynamic);
  const named = new Set(problems.map(({ name }) => name));
  const [first, ...more] = [...problems, ...form.problems.filter(({ name }) => !named.has(name))];
  if (first) {
    const others =
      more.length > 0 ? ` (and ${more.length} more: ${more.map((problem) => problem.name).join(", ")})` : "";
    throw refuse(`${first.message}${others}`);
  }
  return {
    sent: values,
    preset,
    shown: shownValues(form.parameters, given, preset),
    notes: notesOf(config, presets, preset),
  };
}

function shownValues(
  parameters: readonly FormParameter[],
  given: Readonly<Record<string, string>>,
  preset: Preset | undefined,
): string {
  const all = parameters.map(({ name, default_value, isMasked }) => {
    const value = given[name] ?? default_value;
    const from = preset && name in preset.values ? " (preset)" : name in given ? "" : " (default)";
    return `${name}=${isMasked && value !== "" ? "***" : value}${from}`;
  });
  const values = all.length > 0 ? all.join(", ") : "none";
  return preset ? `preset "${preset.name}": ${values}` : values;
}

function notesOf(
  { parameters, preset: wanted }: CreateWorkspacesConfig,
  presets: readonly Preset[],
  preset: Preset | undefined,
): string[] {
  if (wanted && wanted.toLowerCase() !== NO_PRESET && presets.length === 0)
    return [`the template has no presets; "${wanted}" is not used`];
  if (!preset) return [];
  const lost = Object.entries(preset.values).filter(
    ([name, value]) => name in parameters && parameters[name] !== value,
  );
  if (lost.length === 0) return [];
  const names = lost.map(([name, value]) => `${name}=${value}`).join(", ");
  return [`preset "${preset.name}" wins over the values that were given: ${names}`];
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
