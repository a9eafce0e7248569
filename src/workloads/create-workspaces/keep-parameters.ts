import type { Template } from "../../coder/schemas.ts";
import { type FormParameter, isSecret, isTelling } from "../../coder/secret-parameters.ts";
import { TemplateForms } from "../../coder/template-form.ts";
import { Refusal } from "../../contract/failures.ts";
import type { PrepareContext } from "../../contract/prepare.ts";
import type { CreateWorkspacesConfig } from "./config.ts";
import { type FilledForm, fillForm } from "./template.ts";

/**
 * Says which of the given values of a template's parameters may be kept with the run: not those whose input the
 * template hides, or that are meant for one build only, and none of parameters that it does not have. `preset` are
 * values that the template itself gives: they are not the run's to keep, and its secrets are hidden all the same.
 */
export function keepParameters(
  given: Readonly<Record<string, string>>,
  parameters: readonly FormParameter[],
  keep: PrepareContext["keep"],
  preset: Readonly<Record<string, string>> = {},
): void {
  const known = new Map(parameters.map((one) => [one.name, one]));
  const isHarmless = (name: string) => {
    const parameter = known.get(name);
    return parameter !== undefined && !isSecret(parameter);
  };
  const harmless = Object.fromEntries(Object.entries(given).filter(([name]) => isHarmless(name)));
  const secrets: string[] = [];
  for (const [name, value] of [...Object.entries(given), ...Object.entries(preset)]) {
    const parameter = known.get(name);
    if (!parameter || (isSecret(parameter) && isTelling(parameter, value))) secrets.push(value);
  }
  keep({ parameters: harmless }, secrets);
}

/** The template's form, with what of the values may be written down with the run. */
export async function keptForm(
  config: CreateWorkspacesConfig,
  template: Template,
  ownerId: string,
  { client, signal, keep }: Pick<PrepareContext, "client" | "signal" | "keep">,
): Promise<FilledForm> {
  try {
    const form = await fillForm(config, template, new TemplateForms(client, ownerId), signal);
    keepParameters(config.parameters, form.parameters, keep, form.preset?.values);
    return form;
  } catch (error) {
    // The deployment may quote what it does not take, and nobody can tell which of the values are secrets.
    if (!(error instanceof Refusal)) keepParameters(config.parameters, [], keep);
    throw error;
  }
}
