import { rfc3339 } from "../clock.ts";
import type { Deployment } from "../deployment.ts";
import { json, websocket } from "../http/reply.ts";
import { type Route, route } from "../http/router.ts";
import { keepAlive } from "../http/sockets.ts";
import type { User } from "../state/users.ts";
import { viewUser } from "../views/users.ts";
import type { Lookup } from "./lookup.ts";
import { slicePage } from "./search.ts";

/** Members of an organization, and the small things a dashboard asks for. */
export function memberRoutes(deployment: Deployment, lookup: Lookup): Route[] {
  const membersOf = (id: string) =>
    [...deployment.users.all()].filter((user) => user.organizationIds.includes(id));
  return [
    route("GET", "/api/v2/organizations/{organization}/paginated-members", (context) => {
      const { id } = lookup.organization(context);
      const members = membersOf(id);
      const shown = slicePage(members, context.page());
      return json({ members: shown.map((user) => viewMember(user, id)), count: members.length });
    }),
    route("GET", "/api/v2/organizations/{organization}/members", (context) => {
      const { id } = lookup.organization(context);
      return json(membersOf(id).map((user) => viewMember(user, id)));
    }),
    route("GET", "/api/v2/notifications/inbox", () => json({ notifications: [], unread_count: 0 })),
    route("GET", "/api/v2/notifications/inbox/watch", () => websocket((socket) => void keepAlive(socket))),
  ];
}

function viewMember(user: User, organizationId: string): Record<string, unknown> {
  return {
    username: user.username,
    ...(user.name ? { name: user.name } : {}),
    email: user.email,
    global_roles: viewUser(user).roles,
    user_id: user.id,
    organization_id: organizationId,
    created_at: rfc3339(user.createdAt),
    updated_at: rfc3339(user.createdAt),
    roles: [],
  };
}
