import type { RichParameter, Template } from "../../coder/schemas.ts";
import type { Target } from "../../protocol/target.ts";

export interface TemplateSource {
  templates(): Promise<Template[]>;
  richParameters(template: Template): Promise<RichParameter[]>;
  close(): Promise<void>;
}

/** A deployment's own templates and their parameters, each asked for once. */
export async function openTemplates(target: Target): Promise<TemplateSource> {
  // Only now: HTTP and its schemas cost more to load than the whole rest of the activation.
  const { CoderClient } = await import("../../coder/client.ts");
  const client = new CoderClient(target);
  const parameters = new Map<string, Promise<RichParameter[]>>();
  let templates: Promise<Template[]> | undefined;
  return {
    templates: () => {
      templates ??= client.templates();
      return templates;
    },
    richParameters: ({ active_version_id: version }) => {
      const asked = parameters.get(version) ?? client.richParameters(version);
      parameters.set(version, asked);
      return asked;
    },
    close: () => client.close(),
  };
}
