import type { Sandbox } from "../../src/sandbox/server.ts";
import type { Organization } from "../../src/sandbox/state/organization.ts";
import type { Template } from "../../src/sandbox/state/templates.ts";

/** A template of the default organization, by its name. Throws where the sandbox has none of that name. */
export function templateOf(
  { deployment: { catalogue } }: Sandbox,
  name: string,
): { organization: Organization; template: Template } {
  const organization = catalogue.organization("default");
  const template = catalogue.templates(organization).find((one) => one.name === name);
  if (!organization || !template) throw new Error(`the sandbox lacks its template ${name}`);
  return { organization, template };
}

/** The first agent of one of the workspaces that were there from the start. Throws where there is none. */
export function agentIdOf({ deployment }: Sandbox, at = 0): string {
  const agent = [...deployment.workspaces.live()][at]?.builds[0]?.resources[0]?.agents[0];
  if (!agent) throw new Error(`the sandbox has no workspace ${at} with an agent`);
  return agent.id;
}
