import type { CoderClient } from "../../coder/client.ts";
import type { Template } from "../../coder/schemas.ts";
import { Refusal } from "../../contract/failures.ts";

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
    const where = org === undefined ? "" : ` in organization "${org}"`;
    throw new Refusal(
      `no template "${wanted}"${where}; there is ${listOf(names) || "none that you may use"}`,
    );
  }
  if (match.kind === "several") {
    const orgs = match.templates.map((template) => template.organization_name || template.organization_id);
    throw new Refusal(
      `several organizations have a template "${wanted}": ${orgs.join(", ")}; choose one with --org`,
    );
  }
  return match.template;
}

async function findOrganization(client: CoderClient, wanted: string, signal: AbortSignal): Promise<string> {
  const all = await client.organizations({ signal });
  const found = all.find((org) => isNamed(org, wanted));
  if (found) return found.id;
  throw new Refusal(`no organization "${wanted}"; there is ${listOf(all.map((org) => org.name))}`);
}

function listOf(names: readonly string[]): string {
  const shown = names.slice(0, 10).join(", ");
  return names.length > 10 ? `${shown} and ${names.length - 10} more` : shown;
}
