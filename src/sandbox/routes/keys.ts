import type { Deployment } from "../deployment.ts";
import type { Context } from "../http/context.ts";
import { ApiError, notFound } from "../http/errors.ts";
import { created, empty, json, type Reply } from "../http/reply.ts";
import { type Route, route } from "../http/router.ts";
import { KEYS_OF_USER } from "../limits.ts";
import { keyLimits } from "../state/key-limits.ts";
import { TOKEN_LIFETIME_MS, type User } from "../state/users.ts";
import { viewKey } from "../views/users.ts";
import type { Lookup } from "./lookup.ts";
import { compare } from "./users.ts";

const NS_PER_MS = 1_000_000;

export function keyRoutes(deployment: Deployment, lookup: Lookup): Route[] {
  const base = "/api/v2/users/{user}/keys";
  return [
    route("POST", base, (context) => {
      const user = lookup.user(context);
      checkRoom(user, deployment);
      return created({ key: deployment.users.addKey(user, { loginType: "password" }) });
    }),
    route("GET", `${base}/tokens`, (context) => list(context, lookup.user(context), deployment)),
    route("POST", `${base}/tokens`, (context) => create(context, lookup.user(context), deployment)),
    route("GET", `${base}/tokens/tokenconfig`, (context) =>
      json({ max_token_lifetime: maxNs(lookup.user(context), deployment) }),
    ),
    route("GET", `${base}/tokens/{keyname}`, (context) => {
      const user = lookup.user(context);
      const key = deployment.users.keysOf(user).find((one) => one.tokenName === context.param("keyname"));
      if (!key?.tokenName) throw notFound();
      return json(viewKey(key));
    }),
    route("GET", `${base}/{keyid}`, (context) =>
      json(viewKey(findKey(context, lookup.user(context), deployment))),
    ),
    route("DELETE", `${base}/{keyid}`, (context) => {
      deployment.users.deleteKey(findKey(context, lookup.user(context), deployment));
      return empty();
    }),
  ];
}

function findKey(context: Context, user: User, { users }: Deployment) {
  const key = users.key(context.param("keyid"));
  if (key?.userId !== user.id) throw notFound();
  return key;
}

function maxNs(user: User, { options }: Deployment): number {
  const { owner, member } = keyLimits(options);
  return user.roles.includes("owner") ? owner : member;
}

/** As Go writes it: `168h0m0s`. */
function goDuration(ms: number): string {
  const seconds = (ms % 60_000) / 1_000;
  const minutes = Math.floor(ms / 60_000);
  const hours = Math.floor(minutes / 60);
  return hours > 0
    ? `${hours}h${minutes % 60}m${seconds}s`
    : minutes > 0
      ? `${minutes}m${seconds}s`
      : `${seconds}s`;
}

/** Those that have expired among them. With `include_all`, an owner of the site sees everybody's. */
function list(context: Context, user: User, { users }: Deployment): Reply {
  const isAll = context.query.get("include_all") === "true" && context.isOwner;
  const tokens = (isAll ? [...users.all()] : [user]).flatMap((one) =>
    users
      .keysOf(one)
      .filter((key) => key.loginType === "token")
      .map((key) => ({ key, username: one.username })),
  );
  if (!tokens.length) return json(null);
  tokens.sort((a, b) => compare(a.key.tokenName, b.key.tokenName));
  return json(tokens.map(({ key, username }) => ({ ...viewKey(key), username })));
}

function checkRoom(user: User, { users }: Deployment): void {
  if (users.keyCount(user) < KEYS_OF_USER) return;
  throw new ApiError(403, `The sandbox has room for ${KEYS_OF_USER} keys of a user.`);
}

async function create(context: Context, user: User, deployment: Deployment): Promise<Reply> {
  const { users, random } = deployment;
  checkRoom(user, deployment);
  const fields = await context.body("CreateTokenRequest");
  const lifetimeNs = fields.integer("lifetime", "time.Duration") ?? 0;
  const scope = fields.text("scope") || "all";
  const tokenName = fields.kept("token_name") || `token_${random.letters(8).toLowerCase()}`;
  const refuse = (detail: string) =>
    new ApiError(400, "Failed to validate create API key request.", { detail });
  if (lifetimeNs < 0) throw refuse("lifetime must be positive number greater than 0");
  const most = maxNs(user, deployment);
  if (lifetimeNs > most) throw refuse(`lifetime must be less than ${goDuration(most / NS_PER_MS)}`);
  if (users.keysOf(user).some((key) => key.tokenName === tokenName)) {
    throw new ApiError(409, `A token with name "${tokenName}" already exists.`, {
      validations: [{ field: "name", detail: "This value is already in use and should be unique." }],
    });
  }
  if (scope !== "all" && scope !== "application_connect") {
    throw new ApiError(500, "Failed to create API key.", {
      detail: `generate API key: invalid API key scope: "${scope}"`,
    });
  }
  const lifetimeMs = lifetimeNs ? lifetimeNs / NS_PER_MS : TOKEN_LIFETIME_MS;
  return created({ key: users.addKey(user, { loginType: "token", scope, tokenName, lifetimeMs }) });
}
