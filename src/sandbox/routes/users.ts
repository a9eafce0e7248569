import type { Deployment } from "../deployment.ts";
import { SESSION_COOKIE } from "../http/auth.ts";
import { NIL_UUID } from "../http/body.ts";
import type { Context } from "../http/context.ts";
import { ApiError, brokenRule, type Validation, validationFailed } from "../http/errors.ts";
import { created, json, message, type Reply } from "../http/reply.ts";
import { type Route, route } from "../http/router.ts";
import { USERS } from "../limits.ts";
import { duplicateKey } from "../state/claims.ts";
import type { User, UserStatus } from "../state/users.ts";
import { viewOrganization, viewUser } from "../views/users.ts";
import type { Lookup } from "./lookup.ts";
import { parseSearch, searchError, slicePage } from "./search.ts";

export function userRoutes(deployment: Deployment, lookup: Lookup): Route[] {
  return [
    route("POST", "/api/v2/users/login", (context) => login(context, deployment, lookup), "public"),
    route("POST", "/api/v2/users/logout", (context) => {
      deployment.users.deleteKey(context.caller.key);
      return message("Logged out!");
    }),
    route("GET", "/api/v2/users", (context) => list(context, deployment)),
    route("POST", "/api/v2/users", (context) => create(context, deployment, lookup)),
    route("GET", "/api/v2/users/{user}", (context) => json(viewUser(lookup.user(context)))),
    route("DELETE", "/api/v2/users/{user}", (context) => remove(context, deployment, lookup)),
    route("GET", "/api/v2/users/{user}/roles", (context) => json(roles(lookup.user(context)))),
    route("PUT", "/api/v2/users/{user}/roles", (context) => setRoles(context, lookup)),
    route("GET", "/api/v2/users/{user}/organizations", (context) => {
      const user = lookup.user(context);
      const own = deployment.catalogue.organizations.filter((one) => user.organizationIds.includes(one.id));
      return json(own.map(viewOrganization));
    }),
    route("GET", "/api/v2/users/{user}/appearance", (context) => {
      lookup.user(context);
      return json({ theme_preference: "", terminal_font: "" });
    }),
    route("PUT", "/api/v2/users/{user}/status/suspend", (context) =>
      setStatus(context, deployment, lookup, "suspended"),
    ),
    route("PUT", "/api/v2/users/{user}/status/activate", (context) =>
      setStatus(context, deployment, lookup, "active"),
    ),
  ];
}

const EMAIL = /^[^@\s]+@[^@\s]+\.[^@\s]+$/;
/** codersdk/name.go: letters and digits, single dashes between them, at most 32 characters. */
const NAME = /^[a-zA-Z0-9]+(?:-[a-zA-Z0-9]+)*$/;

export function isName(name: string): boolean {
  return name.length <= 32 && NAME.test(name) && name !== "new" && name !== "create";
}

async function login(context: Context, { users, clock }: Deployment, lookup: Lookup): Promise<Reply> {
  const fields = await context.body("LoginWithPasswordRequest");
  const [email, password] = [fields.text("email"), fields.text("password")];
  const problems: Validation[] = [];
  if (!EMAIL.test(email)) problems.push(brokenRule("email", email ? "email" : "required", email));
  if (!password) problems.push(brokenRule("password", "required", ""));
  if (problems.length) throw validationFailed(problems);
  const user = users.byEmail(email);
  if (!user?.password || user.password !== password) throw new ApiError(401, "Incorrect email or password.");
  if (user.status === "suspended") {
    throw new ApiError(401, "Your account is suspended. Contact an admin to reactivate your account.");
  }
  lookup.count(user);
  if (user.status === "dormant") {
    user.status = "active";
    user.updatedAt = clock.now();
  }
  users.dropOldestSession(user);
  const token = users.addKey(user, { loginType: "password" });
  return {
    ...json({ session_token: token }, 201),
    headers: {
      "Content-Type": "application/json; charset=utf-8",
      "Set-Cookie": [`${SESSION_COOKIE}=${token}; Path=/; HttpOnly; SameSite=Lax`],
    },
  };
}

const STATUSES = ["active", "dormant", "suspended"];

function list(context: Context, { users }: Deployment): Reply {
  const page = context.page();
  const query = parseSearch(context.query.get("q") ?? "", "user", "search", [
    ...["search", "status", "role", "last_seen_after", "last_seen_before", "created_after", "created_before"],
    ...["github_com_user_id", "login_type"],
  ]);
  const wanted = query.get("search")?.[0] ?? "";
  const status = query.get("status")?.[0];
  if (status && !STATUSES.includes(status)) {
    const detail = `Query param "status" has invalid values: "${status}" is not a valid value`;
    throw searchError("user", [{ field: "status", detail }]);
  }
  const role = query.get("role")?.[0];
  const loginType = query.get("login_type")?.[0];
  const found: User[] = [];
  for (const user of context.isOwner ? users.all() : [context.caller.user]) {
    if (wanted && !user.username.toLowerCase().includes(wanted) && !user.email.toLowerCase().includes(wanted))
      continue;
    if (status && user.status !== status) continue;
    if (role && !user.roles.includes(role) && role !== "member") continue;
    if (loginType && user.loginType !== loginType) continue;
    found.push(user);
  }
  found.sort((a, b) => compare(a.username.toLowerCase(), b.username.toLowerCase()));
  const rest = afterId(
    found,
    context.query.get("after_id") ?? "",
    users.byId(context.query.get("after_id") ?? ""),
  );
  const shown = slicePage(rest, page);
  // The server counts with a window function: no rows, no count.
  return json({ users: shown.map(viewUser), count: shown.length ? rest.length : 0 });
}

function afterId(sorted: User[], id: string, after: User | undefined): User[] {
  if (id === "" || id === NIL_UUID) return sorted;
  if (!after) return [];
  return sorted.filter((user) => compare(user.username.toLowerCase(), after.username.toLowerCase()) > 0);
}

export function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

const SITE_ROLES = ["owner", "member", "template-admin", "user-admin", "auditor"];

async function setRoles(context: Context, lookup: Lookup): Promise<Reply> {
  const user = lookup.user(context);
  if (!context.isOwner) throw new ApiError(403, "You are not authorized to edit user roles.");
  const roles = (await context.body("UpdateRoles")).list("roles").map(String);
  if (user === context.caller.user) throw new ApiError(400, "You cannot change your own roles.");
  const unknown = roles.find((role) => !SITE_ROLES.includes(role));
  if (unknown !== undefined) throw new ApiError(400, `"${unknown}" is not a supported role`);
  user.roles = [...new Set(roles)].sort();
  return json(viewUser(user));
}

async function create(context: Context, deployment: Deployment, lookup: Lookup): Promise<Reply> {
  const { users, catalogue, claims } = deployment;
  const fields = await context.body("CreateUserRequestWithOrgs");
  const [email, username] = [fields.kept("email"), fields.text("username")];
  const organizationIds = fields.uuids("organization_ids");
  const legacy = fields.uuid("organization_id");
  if (legacy !== NIL_UUID) organizationIds.push(legacy);
  const problems: Validation[] = [];
  if (!EMAIL.test(email)) problems.push(brokenRule("email", email ? "email" : "required", email));
  if (!isName(username)) problems.push(brokenRule("username", username ? "username" : "required", username));
  if (problems.length) throw validationFailed(problems);
  if (!context.isOwner) throw new ApiError(403, "You are not authorized to create users.");
  const loginType = fields.text("login_type") || "password";
  const password = fields.text("password");
  const status = fields.text("user_status");
  if (loginType !== "password" && password) {
    throw new ApiError(400, `Password cannot be set for non-password ("${loginType}") authentication.`);
  }
  if (!["password", "github", "oidc", "token", "none"].includes(loginType)) {
    throw new ApiError(400, `Unsupported login type "${loginType}" for manually creating new users.`);
  }
  if (!organizationIds.length) throw NO_ORGANIZATION();
  const ids = organizationIds.map((id) => resolveOrganization(id, deployment));
  const keys = [`user ${username.toLowerCase()}`, `email ${email.toLowerCase()}`];
  if (keys.some((key) => claims.has(key))) {
    const detail = duplicateKey("execute transaction: create user: ", "idx_users_email");
    throw new ApiError(500, "Internal error creating user.", { detail });
  }
  if (users.byName(username) || users.byEmail(email)) throw new ApiError(409, "User already exists.");
  if (loginType === "password") checkPassword(password);
  if (users.count >= USERS) throw new ApiError(403, `The sandbox has room for ${USERS} users.`);
  const user = users.create({
    username,
    email,
    name: fields.kept("name").trim(),
    password,
    loginType,
    status: STATUSES.includes(status) ? (status as UserStatus) : "dormant",
    organizationIds: [...new Set(ids)].filter((id) => catalogue.organization(id)),
  });
  lookup.count(user);
  const view = viewUser(user);
  await claims.hold(...keys);
  return created(view);
}

const NO_ORGANIZATION = () =>
  new ApiError(
    400,
    "No organization specified to place the user as a member of. It is required to specify at least one organization id to place the user in.",
    {
      detail: "required at least 1 value for the array 'organization_ids'",
      validations: [{ field: "organization_ids", detail: "Missing values, this cannot be empty" }],
    },
  );

/** The nil UUID stands for the default organization. */
function resolveOrganization(id: string, { catalogue }: Deployment): string {
  const organization = catalogue.organization(id === NIL_UUID ? "default" : id);
  if (organization) return organization.id;
  throw new ApiError(404, `Organization does not exist with the provided id "${id}".`);
}

/** Coder asks for 52 bits of entropy; here: length by the size of the character classes used. */
function checkPassword(password: string): void {
  const refuse = (detail: string) => {
    throw new ApiError(400, "Password is invalid", { validations: [{ field: "password", detail }] });
  };
  if (password.length > 64) refuse("password must be no more than 64 characters");
  const classes: [RegExp, number, string][] = [
    [/[^a-zA-Z0-9]/, 30, "including more special characters"],
    [/[a-z]/, 26, "using lowercase letters"],
    [/[A-Z]/, 26, "using uppercase letters"],
    [/[0-9]/, 10, "using numbers"],
  ];
  const alphabet = classes.reduce((sum, [pattern, size]) => sum + (pattern.test(password) ? size : 0), 0);
  if (password.length * Math.log2(alphabet || 1) >= 52) return;
  const advice = classes.filter(([pattern]) => !pattern.test(password)).map(([, , what]) => what);
  refuse(
    `insecure password, try ${[...advice].join(", ")}${advice.length ? " or " : ""}using a longer password`,
  );
}

function remove(context: Context, { users, workspaces }: Deployment, lookup: Lookup): Reply {
  const user = lookup.user(context);
  if (user === context.caller.user) throw new ApiError(403, "You cannot delete yourself!");
  if (workspaces.ownedBy(user).length) {
    throw new ApiError(
      417,
      "You cannot delete a user that has workspaces. Delete their workspaces and try again!",
    );
  }
  users.delete(user);
  return message("User has been deleted!");
}

function roles(user: User): Record<string, unknown> {
  return {
    roles: user.roles,
    organization_roles: Object.fromEntries(user.organizationIds.map((id) => [id, []])),
  };
}

function setStatus(context: Context, { clock }: Deployment, lookup: Lookup, status: UserStatus): Reply {
  const user = lookup.user(context);
  if (status === "suspended" && user === context.caller.user)
    throw new ApiError(400, "You cannot suspend yourself.");
  user.status = status;
  user.updatedAt = clock.now();
  return json(viewUser(user));
}
