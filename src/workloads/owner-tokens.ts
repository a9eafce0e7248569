import type { CoderClient } from "../coder/client.ts";
import { allTokens } from "../coder/tokens.ts";
import type { Ledger } from "../contract/job.ts";
import type { PrepareContext } from "../contract/prepare.ts";
import { type Asker, LivingTokens, type LivingTokensParts } from "./living-tokens.ts";

/**
 * A short-lived token for each owner of a workspace: others may be kept out of terminals and apps, site
 * owners included (docs/coder-api.md, Apps). Each is revoked at the end.
 */
export class OwnerTokens {
  readonly #prefix: string;
  readonly #living: LivingTokens;
  #named = 0;
  #tokens = new Map<string, Promise<string>>();

  constructor(prefix: string, parts: LivingTokensParts) {
    this.#prefix = prefix;
    this.#living = new LivingTokens(parts);
  }

  /** The owner's token; one for all of an owner's workspaces. Rejects with CoderError. */
  take(ownerId: string, client: CoderClient, ledger: Ledger, signal: AbortSignal): Promise<string> {
    let token = this.#tokens.get(ownerId);
    if (!token) {
      token = this.#make(ownerId, { client, ledger, signal });
      this.#tokens.set(ownerId, token);
      token.catch(() => this.#tokens.delete(ownerId));
    }
    return token;
  }

  async #make(ownerId: string, asker: Asker): Promise<string> {
    const { client, signal } = asker;
    const token = await this.#living.make(ownerId, `${this.#prefix}${this.#named++}`, asker);
    // A dormant owner's token is refused by terminals and apps until one call of the API has woken the owner
    // (seen on a real server); by the owner's own path, which has a rate limit of its own.
    await client.as({ token }).user(ownerId, { signal });
    return token;
  }

  /** Harmless to repeat. */
  revoke(ownerId: string, client: CoderClient, ledger: Ledger, signal: AbortSignal): Promise<void> {
    return this.#living.revoke(ownerId, { client, ledger, signal });
  }

  close(): void {
    this.#living.close();
  }
}

/** Tokens of this step that the deployment still has: asked, not assumed. */
export async function countTokens(
  { client, prefix }: Pick<PrepareContext, "client" | "prefix">,
  signal: AbortSignal,
): Promise<number> {
  const { tokens } = await allTokens(client, { signal });
  return tokens.filter(({ name }) => name.startsWith(prefix)).length;
}
