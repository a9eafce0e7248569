import type { Preset } from "../../../coder/presets.ts";
import type { Template } from "../../../coder/schemas.ts";
import type { FormParameter } from "../../../coder/secret-parameters.ts";
import type { Target } from "../../../protocol/target.ts";

export interface TemplateSource {
  templates(): Promise<Template[]>;
  /** Those that the template has with these values. */
  parameters(template: Template, values: Readonly<Record<string, string>>): Promise<readonly FormParameter[]>;
  presets(template: Template): Promise<Preset[]>;
  close(): Promise<void>;
}

/** A deployment's own templates, their presets, and their parameters by values, each asked for once. */
export async function openTemplates(target: Target): Promise<TemplateSource> {
  // Only now: HTTP and its schemas cost more to load than the whole rest of the activation.
  const { CoderClient } = await import("../../../coder/client.ts");
  const { TemplateForms } = await import("../../../coder/template-form.ts");
  const client = new CoderClient(target);
  const forms = new TemplateForms(client);
  const parameters = new Map<string, Promise<readonly FormParameter[]>>();
  const presets = new Map<string, Promise<Preset[]>>();
  let templates: Promise<Template[]> | undefined;
  return {
    templates: () => {
      templates ??= client.templates();
      return templates;
    },
    parameters: (template, values) =>
      once(parameters, `${template.active_version_id} ${keyOf(values)}`, async () => {
        const form = await forms.form(template, values);
        return form.parameters;
      }),
    presets: (template) => once(presets, template.active_version_id, () => forms.presets(template)),
    close: () => client.close(),
  };
}

function keyOf(values: Readonly<Record<string, string>>): string {
  return JSON.stringify(Object.entries(values).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function once<T>(answers: Map<string, Promise<T>>, key: string, ask: () => Promise<T>): Promise<T> {
  const answer = answers.get(key) ?? ask();
  answers.set(key, answer);
  answer.catch(() => answers.delete(key));
  return answer;
}
