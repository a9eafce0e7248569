import type { Template } from "../../coder/schemas.ts";
import type { MaskedParameter } from "../../coder/secret-parameters.ts";
import type { Target } from "../../protocol/target.ts";

export interface TemplateSource {
  templates(): Promise<Template[]>;
  richParameters(template: Template): Promise<MaskedParameter[]>;
  close(): Promise<void>;
}

/** A deployment's own templates and their parameters, each asked for once. */
export async function openTemplates(target: Target): Promise<TemplateSource> {
  // Only now: HTTP and its schemas cost more to load than the whole rest of the activation.
  const { CoderClient } = await import("../../coder/client.ts");
  const { withMasks } = await import("../../coder/secret-parameters.ts");
  const client = new CoderClient(target);
  const asked = async (versionId: string) =>
    withMasks(client, { versionId, ownerId: (await client.me()).id, values: {} });
  const parameters = new Map<string, Promise<MaskedParameter[]>>();
  let templates: Promise<Template[]> | undefined;
  return {
    templates: () => {
      templates ??= client.templates();
      return templates;
    },
    richParameters: ({ active_version_id: version }) => {
      const answer = parameters.get(version) ?? asked(version);
      parameters.set(version, answer);
      return answer;
    },
    close: () => client.close(),
  };
}
