import { timingSafeEqual } from "node:crypto";
import type { Clock } from "../clock.ts";
import { hashSecret, type Users } from "../state/users.ts";
import type { Caller, Context } from "./context.ts";
import { ApiError } from "./errors.ts";
import type { Access } from "./router.ts";

export const SESSION_COOKIE = "coder_session_token";

const SIGNED_OUT = "You are signed out or your session has expired. Please sign in again to continue.";

/** A cookie of the request; "" when there is none. */
export function cookie(context: Context, name: string): string {
  for (const part of context.header("cookie").split(";")) {
    const at = part.indexOf("=");
    if (at > 0 && part.slice(0, at).trim() === name) return part.slice(at + 1).trim();
  }
  return "";
}

/** The first token found, even if it is malformed: cookie, query, header, Bearer, query `access_token`. */
function findToken(context: Context, appCookie?: string): string {
  const bearer = /^Bearer (.+)$/i.exec(context.header("authorization"))?.[1] ?? "";
  return (
    cookie(context, SESSION_COOKIE) ||
    context.query.get(SESSION_COOKIE) ||
    context.header("coder-session-token") ||
    bearer ||
    context.query.get("access_token") ||
    (appCookie === undefined ? "" : cookie(context, appCookie))
  );
}

/** A cookie alone may not change anything: whatever else carries the token proves that it is no forgery. */
export function checkCsrf(context: Context): boolean {
  if (/^(GET|HEAD|OPTIONS|TRACE)$/.test(context.method) || !context.path.startsWith("/api")) return true;
  const token = cookie(context, SESSION_COOKIE);
  if (token === "") return true;
  if (context.header("coder-session-token") === token || context.query.get(SESSION_COOKIE) === token)
    return true;
  return context.header("authorization").startsWith("Bearer ");
}

type Outcome = Caller | { message: string; detail?: string; cause: "expired" | "invalid" };

function authenticate(context: Context, users: Users, clock: Clock, appCookie?: string): Outcome {
  const refused = (detail: string): Outcome => ({ message: SIGNED_OUT, detail, cause: "expired" });
  const token = findToken(context, appCookie);
  if (token === "") return refused(`Cookie "${SESSION_COOKIE}" or query parameter must be provided.`);
  const malformed = shapeProblem(token);
  if (malformed) return refused(`Invalid API key format: ${malformed}`);
  const [id = "", secret = ""] = token.split("-");
  const key = users.key(id);
  const user = key && users.byId(key.userId);
  if (!key || !user) return refused("API key is invalid.");
  if (!timingSafeEqual(Buffer.from(hashSecret(secret)), Buffer.from(key.secretHash))) {
    return refused("API key secret is invalid.");
  }
  const now = clock.now();
  if (key.expiresAt <= now) return refused(`API key expired at "${new Date(key.expiresAt).toISOString()}".`);
  if (user.status === "suspended") {
    return {
      message: `User is not active (status = "${user.status}"). Contact an admin to reactivate your account.`,
      cause: "invalid",
    };
  }
  seen(user, key, now);
  return { user, key };
}

const HOUR_MS = 3_600_000;

/** Using a key is noted at most once an hour, and makes a dormant user active. */
function seen(user: Caller["user"], key: Caller["key"], now: number): void {
  if (user.status === "dormant") {
    user.status = "active";
    user.updatedAt = now;
  }
  // Sessions and tokens live on while they are used; those that live for an hour or less do not.
  if (key.expiresAt - now <= key.lifetimeMs - HOUR_MS) key.expiresAt = now + key.lifetimeMs;
  if (now - key.lastUsedAt < HOUR_MS) return;
  key.lastUsedAt = now;
  user.lastSeenAt = now;
  user.updatedAt = now;
}

function shapeProblem(token: string): string | undefined {
  const parts = token.split("-");
  if (parts.length !== 2) return `incorrect amount of API key parts, expected 2 got ${parts.length}`;
  const [id = "", secret = ""] = parts;
  if (id.length !== 10) return `invalid API key ID length, expected 10 got ${id.length}`;
  if (secret.length !== 22) return `invalid API key secret length, expected 22 got ${secret.length}`;
  return undefined;
}

/**
 * Signs the caller in as the route demands.
 * @throws ApiError 401, or 404 on app routes, which hide themselves
 */
export function signIn(
  context: Context,
  access: Access,
  users: Users,
  clock: Clock,
  accessUrl: string,
): void {
  if (access === "public") return;
  const outcome = authenticate(context, users, clock);
  if ("user" in outcome) {
    context.signIn(outcome);
    return;
  }
  if (access === "app") {
    throw new ApiError(404, "Resource not found or you do not have access to this resource");
  }
  if (access === "agent" && findToken(context) === "") {
    throw new ApiError(401, "API key or external proxy authentication required, but none provided");
  }
  const description =
    outcome.cause === "expired" ? "The access token has expired" : "The access token is invalid";
  throw new ApiError(401, outcome.message, {
    ...(outcome.detail === undefined ? {} : { detail: outcome.detail }),
    headers: {
      "WWW-Authenticate": `Bearer realm="coder", error="invalid_token", error_description="${description}", resource_metadata="${accessUrl}/.well-known/oauth-protected-resource"`,
    },
  });
}

/** Who calls an app, where nobody is no error; apps have a session cookie of their own. */
export function tryAuthenticate(
  context: Context,
  parts: { users: Users; clock: Clock },
  appCookie: string,
): Caller | undefined {
  const outcome = authenticate(context, parts.users, parts.clock, appCookie);
  return "user" in outcome ? outcome : undefined;
}
