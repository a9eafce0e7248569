import { NEVER, rfc3339 } from "../clock.ts";
import type { Organization } from "../state/organization.ts";
import type { ApiKey, User } from "../state/users.ts";

const ROLE_NAMES: Record<string, string> = {
  owner: "Owner",
  "template-admin": "Template Admin",
  "user-admin": "User Admin",
  auditor: "Auditor",
};

export function viewUser(user: User): Record<string, unknown> {
  return {
    id: user.id,
    username: user.username,
    ...(user.name ? { name: user.name } : {}),
    email: user.email,
    created_at: rfc3339(user.createdAt),
    updated_at: rfc3339(user.updatedAt),
    last_seen_at: user.lastSeenAt ? rfc3339(user.lastSeenAt) : NEVER,
    status: user.status,
    login_type: user.loginType,
    organization_ids: user.organizationIds,
    roles: user.roles.map((name) => ({ name, display_name: ROLE_NAMES[name] ?? name })),
  };
}

export function viewKey(key: ApiKey): Record<string, unknown> {
  return {
    id: key.id,
    user_id: key.userId,
    last_used: key.lastUsedAt ? rfc3339(key.lastUsedAt) : NEVER,
    expires_at: rfc3339(key.expiresAt),
    created_at: rfc3339(key.createdAt),
    updated_at: rfc3339(key.createdAt),
    login_type: key.loginType,
    scope: key.scope,
    token_name: key.tokenName,
    lifetime_seconds: Math.floor(key.lifetimeMs / 1000),
  };
}

export function viewOrganization(organization: Organization): Record<string, unknown> {
  return {
    id: organization.id,
    name: organization.name,
    display_name: organization.displayName,
    icon: "",
    description: organization.description,
    created_at: rfc3339(organization.createdAt),
    updated_at: rfc3339(organization.createdAt),
    is_default: organization.isDefault,
  };
}
