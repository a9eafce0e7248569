import * as z from "zod";
import type { CoderClient } from "./client.ts";
import type { RequestOptions } from "./transport.ts";

/** A token that a deployment has, without its secret. */
export interface TokenInfo {
  id: string;
  userId: string;
  name: string;
  /** Unix milliseconds by the deployment's clock. */
  expiresAt: number;
}

const tokensSchema = z
  .array(
    z.object({
      id: z.string(),
      user_id: z.string().default(""),
      token_name: z.string().default(""),
      expires_at: z.string().default(""),
    }),
  )
  .nullable()
  .transform((list) => list ?? []);

/**
 * Tokens of all users, those that have expired among them, and what time it is by the deployment's own clock (by this
 * machine's where it does not say). The deployment shows a caller who is no owner only the caller's own. Rejects with CoderError.
 */
export async function allTokens(
  { transport, token, subject }: CoderClient,
  options: RequestOptions = {},
): Promise<{ tokens: TokenInfo[]; now: number }> {
  const path = "/api/v2/users/me/keys/tokens";
  let now = Number.NaN;
  const answer = await transport.json(
    {
      ...options,
      method: "GET",
      path,
      query: { include_all: "true" },
      route: `GET ${path}`,
      token,
      subject,
      onDate: (at) => {
        now = at;
      },
    },
    tokensSchema,
  );
  const tokens = answer.map(({ id, user_id: userId, token_name: name, expires_at: ends }) => ({
    id,
    userId,
    name,
    expiresAt: Date.parse(ends),
  }));
  return { tokens, now: Number.isNaN(now) ? Date.now() : now };
}
