import * as z from "zod";
import type { CoderClient } from "./client.ts";
import type { RequestOptions } from "./transport.ts";

const groupsSchema = z
  .array(z.object({ id: z.string(), name: z.string(), display_name: z.string().default("") }))
  .nullable()
  .transform((list) => list ?? []);

/** Gives a user these roles of the site, and takes all others (docs/coder-api.md, Users). Rejects with CoderError. */
export async function setRoles(
  client: CoderClient,
  userId: string,
  roles: readonly string[],
  options: RequestOptions = {},
): Promise<void> {
  await client.transport.json(
    {
      ...options,
      method: "PUT",
      path: `/api/v2/users/${userId}/roles`,
      route: "PUT /api/v2/users/{user}/roles",
      token: client.token,
      subject: client.subject,
      body: { roles },
    },
    z.unknown(),
  );
}

export interface Group {
  id: string;
  name: string;
}

/** Of an organization. Rejects with CoderError; not_found on the free edition, which has no groups. */
export async function groupsOf(
  client: CoderClient,
  organizationId: string,
  options: RequestOptions = {},
): Promise<Group[]> {
  return client.transport.json(
    {
      ...options,
      method: "GET",
      path: `/api/v2/organizations/${organizationId}/groups`,
      route: "GET /api/v2/organizations/{organization}/groups",
      token: client.token,
      subject: client.subject,
    },
    groupsSchema,
  );
}

/** Harmless to repeat. Rejects with CoderError. */
export async function addToGroup(
  client: CoderClient,
  groupId: string,
  userId: string,
  options: RequestOptions = {},
): Promise<void> {
  await client.transport.json(
    {
      ...options,
      method: "PATCH",
      path: `/api/v2/groups/${groupId}`,
      route: "PATCH /api/v2/groups/{group}",
      token: client.token,
      subject: client.subject,
      body: { add_users: [userId], remove_users: [] },
    },
    z.unknown(),
  );
}
