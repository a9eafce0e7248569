import * as z from "zod";
import { english } from "../text/message.ts";
import type { CoderClient } from "./client.ts";
import type { DeploymentConfig } from "./deployment.ts";
import { isFailure } from "./errors.ts";
import type { RequestOptions } from "./transport.ts";

const NS_PER_MS = 1_000_000;
const configSchema = z.object({ max_token_lifetime: z.number() });
const keySchema = z.object({ expires_at: z.string(), lifetime_seconds: z.number() });

/** The longest life of a token of those who are no owners, in milliseconds; undefined where it does not say. */
export function memberLifetimeMs(config: DeploymentConfig | undefined): number | undefined {
  const ns = config?.session_lifetime?.max_token_lifetime ?? 0;
  return ns > 0 ? ns / NS_PER_MS : undefined;
}

/** The longest life of a token of this user, in milliseconds; undefined where the deployment does not say. */
export async function maxTokenLifetimeMs(
  client: CoderClient,
  userId: string,
  options: RequestOptions = {},
): Promise<number | undefined> {
  const { token, subject } = client;
  const path = `/api/v2/users/${userId}/keys/tokens/tokenconfig`;
  const route = "GET /api/v2/users/{user}/keys/tokens/tokenconfig";
  try {
    const call = { ...options, method: "GET", path, route, token, subject } as const;
    const { max_token_lifetime: ns } = await client.transport.json(call, configSchema);
    return ns > 0 ? ns / NS_PER_MS : undefined;
  } catch (error) {
    if (isFailure(error, "not_found", "forbidden", "validation", "unexpected")) return undefined;
    throw error;
  }
}

/** The deployment's own word for a lifetime that is longer than it allows. */
export function saysTooLong(error: unknown): boolean {
  if (!isFailure(error, "validation")) return false;
  const { failure } = error;
  return /lifetime/i.test(`${english(failure.message)} ${"detail" in failure ? (failure.detail ?? "") : ""}`);
}

export interface OwnKey {
  /** Unix milliseconds. */
  endsAt: number;
  lifetimeMs: number;
}

/** What the deployment knows of the client's own token; undefined where it does not say. */
export async function ownKey(client: CoderClient, options: RequestOptions = {}): Promise<OwnKey | undefined> {
  const { token, subject } = client;
  const path = `/api/v2/users/me/keys/${encodeURIComponent(token.slice(0, 10))}`;
  const route = "GET /api/v2/users/{user}/keys/{key}";
  try {
    const call = { ...options, method: "GET", path, route, token, subject } as const;
    const key = await client.transport.json(call, keySchema);
    const endsAt = Date.parse(key.expires_at);
    return Number.isNaN(endsAt) ? undefined : { endsAt, lifetimeMs: key.lifetime_seconds * 1_000 };
  } catch (error) {
    if (isFailure(error, "not_found", "forbidden", "validation", "unexpected", "server")) return undefined;
    throw error;
  }
}
