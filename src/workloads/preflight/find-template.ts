import type { CoderClient } from "../../coder/client.ts";
import type { Template } from "../../coder/schemas.ts";
import { Refusal } from "../../contract/failures.ts";
import { foreign, type Message, say } from "../../text/message.ts";

export type TemplateMatch =
  | { kind: "found"; template: Template }
  | { kind: "none" }
  | { kind: "several"; templates: readonly Template[] };

/** A template by id, or by name in whatever case, of those that are in question. */
export function matchTemplate(among: readonly Template[], wanted: string): TemplateMatch {
  const found = among.filter(({ id, name }) => isNamed({ id, name }, wanted));
  const [template, ...others] = found;
  if (!template) return { kind: "none" };
  return others.length > 0 ? { kind: "several", templates: found } : { kind: "found", template };
}

/** Whether this is what was typed: its id, or its name in whatever case, as Coder compares them. */
export function isNamed({ id, name }: { id: string; name: string }, wanted: string): boolean {
  return id === wanted || name.toLowerCase() === wanted.toLowerCase();
}

/** A template by id, or by name in one organization. Throws Refusal where none or several are meant. */
export async function findTemplate(
  client: CoderClient,
  wanted: string,
  org: string | undefined,
  signal: AbortSignal,
): Promise<Template> {
  const all = await client.templates({ signal });
  const organizationId = org === undefined ? undefined : await findOrganization(client, org, signal);
  const match = matchTemplate(
    all.filter((template) => organizationId === undefined || template.organization_id === organizationId),
    wanted,
  );
  if (match.kind === "none") {
    const names = [...new Set(all.map((template) => template.name))].sort();
    const there = names.length > 0 ? listOf(names) : say("none that you may use");
    throw new Refusal(
      org === undefined
        ? say('no template "{0}"; there is {1}', wanted, there)
        : say('no template "{0}" in organization "{1}"; there is {2}', wanted, org, there),
    );
  }
  if (match.kind === "several") {
    const orgs = match.templates.map((template) => template.organization_name || template.organization_id);
    throw new Refusal(
      say('several organizations have a template "{0}": {1}; choose one with --org', wanted, orgs.join(", ")),
    );
  }
  return match.template;
}

async function findOrganization(client: CoderClient, wanted: string, signal: AbortSignal): Promise<string> {
  const all = await client.organizations({ signal });
  const found = all.find((org) => isNamed(org, wanted));
  if (found) return found.id;
  throw new Refusal(say('no organization "{0}"; there is {1}', wanted, listOf(all.map((org) => org.name))));
}

function listOf(names: readonly string[]): Message {
  const shown = names.slice(0, 10).join(", ");
  return names.length > 10 ? say("{0} and {1} more", shown, names.length - 10) : foreign(shown);
}
