import type { CoderClient, ParameterValue } from "../../coder/client.ts";
import type { TemplateForm } from "../../coder/dynamic-parameters.ts";
import { resolveParameters } from "../../coder/parameters.ts";
import { choosePreset, NO_PRESET, type Preset } from "../../coder/presets.ts";
import type { Template } from "../../coder/schemas.ts";
import { shownValue, withoutSecrets } from "../../coder/secret-parameters.ts";
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

/** A template's form, filled in with what is given and the preset. */
export interface FilledForm extends TemplateForm {
  presets: readonly Preset[];
  preset: Preset | undefined;
  /** The preset's values over the given ones, as `coder create` puts them together. */
  filled: Readonly<Record<string, string>>;
}

/** Throws CoderError, or Refusal where there is no such preset. Refuses no values: see `parameterValues`. */
export async function fillForm(
  config: CreateWorkspacesConfig,
  template: Template,
  forms: TemplateForms,
  signal: AbortSignal,
): Promise<FilledForm> {
  const presets = await forms.presets(template, { signal });
  const choice = choosePreset(presets, config.preset);
  if ("problem" in choice) throw new Refusal(`template "${template.name}": ${choice.problem}`);
  const { preset } = choice;
  const filled = { ...config.parameters, ...preset?.values };
  const form = await forms.form(template, filled, { signal });
  return { ...form, presets, preset, filled };
}

/**
 * The values to send, checked by the template's own rules, and by the deployment where parameters depend on each
 * other. Throws Refusal with the first problem.
 */
export function parameterValues(
  config: CreateWorkspacesConfig,
  template: Template,
  form: FilledForm,
): Values {
  const { values, problems } = resolveParameters(form.parameters, form.filled, form.isDynamic);
  const named = new Set(problems.map(({ name }) => name));
  const [first, ...more] = [...problems, ...form.problems.filter(({ name }) => !named.has(name))];
  if (first) {
    const others =
      more.length > 0 ? ` (and ${more.length} more: ${more.map((problem) => problem.name).join(", ")})` : "";
    // What the deployment says quotes values as well.
    const message = withoutSecrets(first.message, form.parameters, form.filled);
    throw new Refusal(`template "${template.name}": ${message}${others}`);
  }
  return { sent: values, preset: form.preset, shown: shownValues(form), notes: notesOf(config, form) };
}

function shownValues({ parameters, filled, preset }: FilledForm): string {
  const all = parameters.map((parameter) => {
    const { name, default_value } = parameter;
    const from = preset && name in preset.values ? " (preset)" : name in filled ? "" : " (default)";
    return `${name}=${shownValue(parameter, filled[name] ?? default_value)}${from}`;
  });
  const values = all.length > 0 ? all.join(", ") : "none";
  return preset ? `preset "${preset.name}": ${values}` : values;
}

function notesOf(
  { parameters: given, preset: wanted }: CreateWorkspacesConfig,
  { parameters, presets, preset }: FilledForm,
): string[] {
  if (wanted && wanted.toLowerCase() !== NO_PRESET && presets.length === 0)
    return [`the template has no presets; "${wanted}" is not used`];
  if (!preset) return [];
  const lost = Object.entries(preset.values).filter(
    ([name, value]) => name in given && given[name] !== value,
  );
  if (lost.length === 0) return [];
  const known = new Map(parameters.map((one) => [one.name, one]));
  const names = lost.map(([name, value]) => `${name}=${shownValue(known.get(name), value)}`).join(", ");
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
