import type { CoderClient } from "../../coder/client.ts";
import type { Template } from "../../coder/schemas.ts";
import { Refusal } from "../../contract/failures.ts";

/** A template by id, or by name in one organization. Throws Refusal where none or several are meant. */
export async function findTemplate(
  client: CoderClient,
  wanted: string,
  org: string | undefined,
  signal: AbortSignal,
): Promise<Template> {
  const all = await client.templates({ signal });
  const organizationId = org === undefined ? undefined : await findOrganization(client, org, signal);
  const candidates = all.filter(
    (template) =>
      (template.id === wanted || template.name.toLowerCase() === wanted.toLowerCase()) &&
      (organizationId === undefined || template.organization_id === organizationId),
  );
  const [only, ...others] = candidates;
  if (!only) {
    const names = [...new Set(all.map((template) => template.name))].sort();
    const where = org === undefined ? "" : ` in organization "${org}"`;
    throw new Refusal(
      `no template "${wanted}"${where}; there is ${listOf(names) || "none that you may use"}`,
    );
  }
  if (others.length > 0) {
    const orgs = candidates.map((template) => template.organization_name || template.organization_id);
    throw new Refusal(
      `several organizations have a template "${wanted}": ${orgs.join(", ")}; choose one with --org`,
    );
  }
  return only;
}

async function findOrganization(client: CoderClient, wanted: string, signal: AbortSignal): Promise<string> {
  const all = await client.organizations({ signal });
  const found = all.find((org) => org.id === wanted || org.name.toLowerCase() === wanted.toLowerCase());
  if (found) return found.id;
  throw new Refusal(`no organization "${wanted}"; there is ${listOf(all.map((org) => org.name))}`);
}

function listOf(names: readonly string[]): string {
  const shown = names.slice(0, 10).join(", ");
  return names.length > 10 ? `${shown} and ${names.length - 10} more` : shown;
}
