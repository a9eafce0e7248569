import pLimit from "p-limit";
import type { CoderClient } from "../coder/client.ts";
import { DeploymentInfo } from "../coder/deployment.ts";
import { isFailure } from "../coder/errors.ts";
import { maxTokenLifetimeMs, memberLifetimeMs, saysTooLong } from "../coder/token-life.ts";
import type { RequestOptions } from "../coder/transport.ts";
import type { Ledger } from "../contract/job.ts";
import { unlessAborted } from "../protocol/abort.ts";
import { type Message, say } from "../text/message.ts";
import { SaidError, saidOf } from "../text/said-error.ts";
import { createOrFind } from "./create-or-find.ts";

/** With so much of its life behind it, a token is followed by another. */
const OLD = 2 / 3;
/** Looked at so often in a token's life, so that a machine that was asleep comes not much too late. */
const LOOKS = 15;
const LEAST_LOOK_MS = 50;
const MOST_LOOK_MS = 15_000;
/** So many are renewed at the same time: it is no load that anybody asked for. */
const AT_ONCE = 5;
const REVOKE_ALL_MS = 60_000;

export interface LivingTokensParts {
  /** The admin's. */
  client: CoderClient;
  ledger: Ledger;
  /** How long a token is to live, where the deployment allows it. */
  lifetimeMs: number;
  warn(what: Message): void;
}

/** Who asks for an owner's first token, and what that counts for. */
export interface Asker {
  client: CoderClient;
  ledger: Ledger;
  signal: AbortSignal;
  /** Around the request that makes the token. */
  send?: (request: (options: RequestOptions) => Promise<string>) => Promise<string>;
}

interface Made {
  name: string;
  /** Names under which there may be tokens whose secret never arrived. */
  lost: string[];
  id: string | undefined;
}

interface Owner {
  id: string;
  name: string;
  made: Made[];
  /** The newest; undefined until there is one. */
  token: string | undefined;
  /** Unix milliseconds: a clock that stands still while the machine is asleep would miss the end. */
  renewAt: number;
  renewing: Promise<void> | undefined;
}

/**
 * Tokens that a run makes for users. Each lives for as long as the run needs it, or as the deployment allows; before
 * it ends another takes its place, in all that uses it. All are in the journal before they are asked for.
 */
export class LivingTokens {
  readonly #parts: LivingTokensParts;
  readonly #owners = new Map<string, Owner>();
  readonly #stop = new AbortController();
  #most: Promise<number | undefined> | undefined;
  #looking: NodeJS.Timeout | undefined;
  #renewals = 0;
  #hasWarned = false;

  constructor(parts: LivingTokensParts) {
    this.#parts = parts;
  }

  /** Learns before the load how long tokens may live: in it, a deployment may be slow to say so. Never rejects. */
  async learn(signal: AbortSignal): Promise<void> {
    const config = await new DeploymentInfo(this.#parts.client, { signal }).config().catch(() => undefined);
    const most = memberLifetimeMs(config);
    if (most !== undefined) this.#most = Promise.resolve(most);
  }

  /** An owner's first token, by this name. Rejects with CoderError or the signal's reason. */
  async make(ownerId: string, name: string, asker: Asker): Promise<string> {
    const owner = this.#owners.get(ownerId) ?? newOwner(ownerId, name);
    this.#owners.set(ownerId, owner);
    return this.#add(owner, name, asker);
  }

  /** No token of this owner is renewed any more, and none is being renewed once this has resolved. */
  async end(ownerId: string): Promise<void> {
    const owner = this.#owners.get(ownerId);
    this.#owners.delete(ownerId);
    await owner?.renewing;
  }

  /** Revokes all that was made for an owner. Harmless to repeat. */
  async revoke(ownerId: string, by: Asker): Promise<void> {
    const owner = this.#owners.get(ownerId);
    if (!owner) return;
    await this.end(ownerId);
    try {
      while (owner.made[0]) {
        await revokeOne(ownerId, owner.made[0], by);
        owner.made.shift();
      }
    } catch (error) {
      owner.renewAt = Number.POSITIVE_INFINITY;
      this.#owners.set(ownerId, owner);
      throw error;
    }
  }

  /** Revokes all that were made: users who stay keep none. Never rejects: what could not be revoked ends by itself. */
  async revokeAll(): Promise<void> {
    const { client, ledger } = this.#parts;
    const limit = pLimit(AT_ONCE);
    const signal = AbortSignal.timeout(REVOKE_ALL_MS);
    const by = { client, ledger, signal };
    await Promise.all(
      [...this.#owners.keys()].map((id) => limit(() => this.revoke(id, by).catch(() => undefined))),
    );
  }

  close(): void {
    clearInterval(this.#looking);
    this.#stop.abort(new SaidError(say("the run is over")));
  }

  async #add(owner: Owner, name: string, asker: Asker): Promise<string> {
    const { ledger } = asker;
    const lifetimeMs = await unlessAborted(this.#lifetime(owner.id), asker.signal);
    const made: Made = { name, lost: [], id: undefined };
    owner.made.push(made);
    await ledger.write({ kind: "token", op: "asking", name, owner: owner.id });
    const since = Date.now();
    try {
      const { token, livesMs } = await this.#create(owner.id, made, lifetimeMs, asker);
      made.id = token.slice(0, 10);
      owner.token = token;
      owner.renewAt = since + livesMs * OLD;
      this.#look(livesMs);
      await ledger.write({ kind: "token", op: "exists", name, owner: owner.id, id: made.id });
      return token;
    } catch (error) {
      if (isFailure(error, "validation", "forbidden", "unauthorized", "not_found")) {
        await ledger.write({ kind: "token", op: "refused", name, owner: owner.id });
        owner.made = owner.made.filter((one) => one !== made);
      }
      throw error;
    }
  }

  /** Once more with the owner's own limit where that is lower than that of those before. */
  async #create(
    ownerId: string,
    made: Made,
    lifetimeMs: number,
    asker: Asker,
  ): Promise<{ token: string; livesMs: number }> {
    try {
      return { token: await create(ownerId, made, lifetimeMs, asker), livesMs: lifetimeMs };
    } catch (error) {
      if (!saysTooLong(error)) throw error;
      const own = await maxTokenLifetimeMs(this.#parts.client, ownerId, { signal: asker.signal });
      if (own === undefined || own >= lifetimeMs) throw error;
      return { token: await create(ownerId, made, own, asker), livesMs: own };
    }
  }

  async #lifetime(ownerId: string): Promise<number> {
    const { lifetimeMs } = this.#parts;
    this.#most ??= this.#askMost(ownerId);
    const asked = this.#most;
    // Where it cannot be asked now, a token that would live too long is refused, and asked for once more.
    const most = await asked.catch(() => {
      if (this.#most === asked) this.#most = undefined;
      return undefined;
    });
    return most === undefined ? lifetimeMs : Math.min(lifetimeMs, most);
  }

  /** Asked once for all, by a path that is no workspace's; else of the first owner, whose roles are those of the rest. */
  async #askMost(ownerId: string): Promise<number | undefined> {
    const { client } = this.#parts;
    const { signal } = this.#stop;
    const config = await new DeploymentInfo(client, { signal }).config();
    return memberLifetimeMs(config) ?? maxTokenLifetimeMs(client, ownerId, { signal });
  }

  #look(livesMs: number): void {
    const every = Math.min(MOST_LOOK_MS, Math.max(LEAST_LOOK_MS, livesMs / LOOKS));
    this.#looking ??= setInterval(() => this.#renewOld(every), every).unref();
  }

  #renewOld(every: number): void {
    const now = Date.now();
    for (const owner of this.#owners.values()) {
      if (this.#renewals >= AT_ONCE) return;
      if (owner.token === undefined || owner.renewing || owner.renewAt > now) continue;
      this.#renewals++;
      owner.renewing = this.#renew(owner, owner.token).finally(() => {
        this.#renewals--;
        owner.renewing = undefined;
        // Where it has failed, it is tried again at the next look but one.
        owner.renewAt = Math.max(owner.renewAt, Date.now() + every);
      });
    }
  }

  /** Never rejects. */
  async #renew(owner: Owner, former: string): Promise<void> {
    const { client, ledger } = this.#parts;
    const { signal } = this.#stop;
    try {
      const name = `${owner.name}-r${owner.made.length}`;
      const next = await this.#add(owner, name, { client, ledger, signal });
      client.transport.session.replace(former, next);
    } catch (error) {
      if (this.#stop.signal.aborted || this.#hasWarned) return;
      this.#hasWarned = true;
      this.#parts.warn(
        say("a token that is about to end could not be renewed, and is tried again: {0}", saidOf(error)),
      );
    }
  }
}

function newOwner(id: string, name: string): Owner {
  return { id, name, made: [], token: undefined, renewAt: Number.POSITIVE_INFINITY, renewing: undefined };
}

async function revokeOne(ownerId: string, made: Made, { client, ledger, signal }: Asker): Promise<void> {
  // Where the answer was lost, the deployment is asked by name whether there is one.
  const id = made.id ?? (await client.tokenId(ownerId, made.name, { signal }));
  if (id !== undefined) await client.deleteToken(ownerId, id, { signal });
  for (const name of made.lost) {
    const lost = await client.tokenId(ownerId, name, { signal });
    if (lost !== undefined) await client.deleteToken(ownerId, lost, { signal });
  }
  await ledger.write({ kind: "token", op: "gone", name: made.name, owner: ownerId });
}

/** A secret whose answer was lost is lost: the next try takes a name of its own. */
function create(ownerId: string, made: Made, lifetimeMs: number, asker: Asker): Promise<string> {
  const { client, signal, send = (request) => request({ signal }) } = asker;
  const nameOf = (attempt: number) => (attempt === 0 ? made.name : `${made.name}-${attempt}`);
  return createOrFind(
    (attempt) => {
      if (attempt > 0) made.lost.push(nameOf(attempt - 1));
      return send((options) => client.createToken(ownerId, lifetimeMs, nameOf(attempt), options));
    },
    async () => undefined,
    signal,
  );
}
