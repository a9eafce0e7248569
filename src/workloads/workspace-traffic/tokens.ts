import type { CoderClient } from "../../coder/client.ts";
import { isFailure } from "../../coder/errors.ts";
import type { Ledger } from "../../contract/job.ts";
import { createOrFind } from "../create-or-find.ts";

interface Made {
  name: string;
  /** Names under which there may be tokens whose secret never arrived. */
  lost: string[];
  id: string | undefined;
}

/**
 * A short-lived token for each owner of a workspace: others may be kept out of terminals and apps, site
 * owners included (fact sheet §0.15). Each is in the journal before it is asked for, and is revoked at the end.
 */
export class OwnerTokens {
  #prefix: string;
  #lifetimeMs: number;
  #named = 0;
  #tokens = new Map<string, Promise<string>>();
  #made = new Map<string, Made>();

  constructor(prefix: string, lifetimeMs: number) {
    this.#prefix = prefix;
    this.#lifetimeMs = lifetimeMs;
  }

  /** The owner's token; one for all of an owner's workspaces. Rejects with CoderError. */
  take(ownerId: string, client: CoderClient, ledger: Ledger, signal: AbortSignal): Promise<string> {
    let token = this.#tokens.get(ownerId);
    if (!token) {
      token = this.#make(ownerId, client, ledger, signal);
      this.#tokens.set(ownerId, token);
      token.catch(() => this.#tokens.delete(ownerId));
    }
    return token;
  }

  async #make(ownerId: string, client: CoderClient, ledger: Ledger, signal: AbortSignal): Promise<string> {
    const name = `${this.#prefix}${this.#named++}`;
    const made: Made = { name, lost: [], id: undefined };
    this.#made.set(ownerId, made);
    await ledger.write({ kind: "token", op: "asking", name, owner: ownerId });
    // A secret whose answer was lost is lost, and its token is revoked by name: the next try takes a name of its own.
    const create = (attempt: number) => {
      if (attempt > 0) made.lost.push(attempt === 1 ? name : `${name}-${attempt - 1}`);
      const own = attempt === 0 ? name : `${name}-${attempt}`;
      return client.createToken(ownerId, this.#lifetimeMs, own, { signal });
    };
    const token = await createOrFind(create, async () => undefined, signal).catch(async (error) => {
      if (isFailure(error, "validation", "forbidden", "unauthorized", "not_found")) {
        await ledger.write({ kind: "token", op: "refused", name, owner: ownerId });
        this.#made.delete(ownerId);
      }
      throw error;
    });
    made.id = token.slice(0, 10);
    await ledger.write({ kind: "token", op: "exists", name, owner: ownerId, id: made.id });
    // A dormant owner's token is refused by terminals and apps until one call of the API has woken the owner
    // (seen on a real server); by the owner's own path, which has a rate limit of its own.
    await client.as({ token }).user(ownerId, { signal });
    return token;
  }

  /** Harmless to repeat. */
  async revoke(ownerId: string, client: CoderClient, ledger: Ledger, signal: AbortSignal): Promise<void> {
    const made = this.#made.get(ownerId);
    if (!made) return;
    this.#made.delete(ownerId);
    try {
      // Where the answer was lost, the deployment is asked by name whether there is one.
      const id = made.id ?? (await client.tokenId(ownerId, made.name, { signal }));
      if (id !== undefined) await client.deleteToken(ownerId, id, { signal });
      for (const name of made.lost) {
        const lost = await client.tokenId(ownerId, name, { signal });
        if (lost !== undefined) await client.deleteToken(ownerId, lost, { signal });
      }
      await ledger.write({ kind: "token", op: "gone", name: made.name, owner: ownerId });
    } catch (error) {
      this.#made.set(ownerId, made);
      throw error;
    }
  }
}
