import { CoderClient } from "../../coder/client.ts";
import type { TemplateForm } from "../../coder/dynamic-parameters.ts";
import type { Preset } from "../../coder/presets.ts";
import type { Template } from "../../coder/schemas.ts";
import { TemplateForms } from "../../coder/template-form.ts";
import type { Target } from "../../protocol/target.ts";
import { findScaletestWorkspaces, type WhichWorkspaces } from "../../workloads/scaletest-workspaces.ts";

/** What a deployment is asked about scenarios. Nothing is made there. */
export interface DeploymentAnswers {
  templates(): Promise<readonly Template[]>;
  presets(template: Template): Promise<readonly Preset[]>;
  /** The parameters that the template has with these values, and what is wrong with them. */
  form(template: Template, values: Readonly<Record<string, string>>): Promise<TemplateForm>;
  /** How many workspaces of scale tests there are: of all, or of one template, run or pool. */
  workspaces(which: WhichWorkspaces): Promise<number>;
}

const PATIENCE_MS = 15_000;

/** Asks one thing, and closes the connection. Rejects with CoderError, and where there is no answer within 15 s. */
export async function askDeployment<T>(
  target: Target,
  ask: (answers: DeploymentAnswers) => Promise<T>,
): Promise<T> {
  const client = new CoderClient(target);
  const options = { signal: AbortSignal.timeout(PATIENCE_MS), retries: 0 };
  const forms = new TemplateForms(client);
  try {
    return await ask({
      templates: () => client.templates(options),
      presets: (template) => forms.presets(template, options),
      form: (template, values) => forms.form(template, values, options),
      workspaces: async (which) => (await findScaletestWorkspaces(client, which, options.signal)).length,
    });
  } finally {
    await client.close().catch(() => undefined);
  }
}
