import type { CoderClient, ParameterValue } from "../../coder/client.ts";
import type { TemplateForm } from "../../coder/dynamic-parameters.ts";
import { resolveParameters } from "../../coder/parameters.ts";
import { choosePreset, NO_PRESET, type Preset } from "../../coder/presets.ts";
import type { Template } from "../../coder/schemas.ts";
import { shownValue, withoutSecrets } from "../../coder/secret-parameters.ts";
import type { TemplateForms } from "../../coder/template-form.ts";
import { Refusal } from "../../contract/failures.ts";
import { foreign, type Message, say, sayAll } from "../../text/message.ts";
import type { CreateWorkspacesConfig } from "./config.ts";

/** What the workspaces are created with. */
export interface Values {
  /** To be sent; what is not among them is left to the template's defaults. */
  sent: readonly ParameterValue[];
  preset: Preset | undefined;
  /** All that a workspace will have, for people. */
  shown: Message;
  /** What somebody who gave values may not expect. */
  notes: readonly Message[];
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
  if ("problem" in choice) throw new Refusal(say('template "{0}": {1}', template.name, choice.problem));
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
    // What the deployment says quotes values as well.
    const message = withoutSecrets(first.message, form.parameters, form.filled);
    const names = more.map((problem) => problem.name).join(", ");
    throw new Refusal(
      more.length > 0
        ? say('template "{0}": {1} (and {2} more: {3})', template.name, message, more.length, names)
        : say('template "{0}": {1}', template.name, message),
    );
  }
  return { sent: values, preset: form.preset, shown: shownValues(form), notes: notesOf(config, form) };
}

function shownValues({ parameters, filled, preset }: FilledForm): Message {
  const all = parameters.map((parameter) => {
    const { name, default_value } = parameter;
    const value = `${name}=${shownValue(parameter, filled[name] ?? default_value)}`;
    if (preset && name in preset.values) return say("{0} (preset)", value);
    return name in filled ? foreign(value) : say("{0} (default)", value);
  });
  const values = all.length > 0 ? sayAll(all, ", ") : say("none");
  return preset ? say('preset "{0}": {1}', preset.name, values) : values;
}

function notesOf(
  { parameters: given, preset: wanted }: CreateWorkspacesConfig,
  { parameters, presets, preset }: FilledForm,
): Message[] {
  if (wanted && wanted.toLowerCase() !== NO_PRESET && presets.length === 0)
    return [say('the template has no presets; "{0}" is not used', wanted)];
  if (!preset) return [];
  const lost = Object.entries(preset.values).filter(
    ([name, value]) => name in given && given[name] !== value,
  );
  if (lost.length === 0) return [];
  const known = new Map(parameters.map((one) => [one.name, one]));
  const names = lost.map(([name, value]) => `${name}=${shownValue(known.get(name), value)}`).join(", ");
  return [say('preset "{0}" wins over the values that were given: {1}', preset.name, names)];
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
    say(
      'template "{0}" requires each user to sign in to {1}, which created users cannot do',
      template.name,
      names,
    ),
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
    const { name } = template;
    if (!config.runCommand)
      throw new Refusal(say('template "{0}" has no agent for SSH; pass --no-ssh', name));
    throw new Refusal(
      config.ssh
        ? say(
            'template "{0}" has no agent for SSH and the command; leave --run-command out and pass --no-ssh',
            name,
          )
        : say('template "{0}" has no agent for the command; leave --run-command out and pass --no-ssh', name),
    );
  }
  if (config.agent && !agents.includes(config.agent)) {
    throw new Refusal(
      say('template "{0}" has no agent "{1}"; it has {2}', template.name, config.agent, agents.join(", ")),
    );
  }
}
