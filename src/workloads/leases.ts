import pLimit from "p-limit";
import type { CoderClient } from "../coder/client.ts";
import { isFailure } from "../coder/errors.ts";
import { maxTokenLifetimeMs } from "../coder/token-life.ts";
import { allTokens } from "../coder/tokens.ts";
import type { Ledger } from "../contract/job.ts";
import type { PrepareContext } from "../contract/prepare.ts";
import { type Message, say } from "../text/message.ts";

/**
 * A deployment gives a token's name once to each user, and refuses the second, also after the first has expired. So the
 * token with the next number is a lock that no two runs can have, on whichever machines they are.
 */
const NAME = /^scaletest-lease-(\d+)$/;

/** A run that has crashed keeps nobody from its users for longer. */
const LEASE_MS = 15 * 60_000;
/** With so much of its life behind it, a lease is renewed. */
const OLD = 1 / 2;
const AT_ONCE = 10;
const REQUEST_MS = 30_000;

interface Lease {
  owner: string;
  n: number;
  id: string;
  renewAt: number;
  endsAt: number;
}

export interface LeaseParts {
  client: CoderClient;
  ledger: Ledger;
  warn(what: Message): void;
  /** Milliseconds. */
  lifetimeMs?: number;
}

/** The newest lease of a user that the deployment knows of. */
interface Known {
  n: number;
  /** By this machine's clock. */
  endsAt: number;
}

/**
 * Leases of users whom other runs might use, too. Each is renewed while the run lives, and ends by itself after a crash.
 * One is in the journal once it is there, and not before it is asked for as all else: by its name alone, it may be
 * another run's.
 */
export class Leases {
  readonly #parts: LeaseParts;
  readonly #known: ReadonlyMap<string, Known>;
  readonly #own = new Map<string, Lease>();
  readonly #lifetimeMs: number;
  readonly #renewing: NodeJS.Timeout;
  #lost = 0;

  private constructor(parts: LeaseParts, known: ReadonlyMap<string, Known>, lifetimeMs: number) {
    this.#parts = parts;
    this.#known = known;
    this.#lifetimeMs = lifetimeMs;
    this.#renewing = setInterval(() => void this.#renew(), lifetimeMs / 15).unref();
  }

  /** Asks the deployment, once, who is leased. A user who may not see that finds all free. Rejects with CoderError. */
  static async open(parts: LeaseParts, signal: AbortSignal): Promise<Leases> {
    const { tokens, now } = await allTokens(parts.client, { signal }).catch((error: unknown) => {
      if (!isFailure(error, "forbidden", "not_found")) throw error;
      return { tokens: [], now: Date.now() };
    });
    const ahead = Date.now() - now;
    const known = new Map<string, Known>();
    for (const { userId, name, expiresAt } of tokens) {
      const n = Number(NAME.exec(name)?.[1] ?? Number.NaN);
      const before = known.get(userId);
      if (Number.isNaN(n) || (before && before.n > n)) continue;
      known.set(userId, { n, endsAt: expiresAt + ahead });
    }
    const { lifetimeMs = LEASE_MS } = parts;
    return new Leases(parts, known, lifetimeMs);
  }

  /** Whether no other run has this user at the moment, as far as is known. */
  isFree(owner: string): boolean {
    const known = this.#known.get(owner);
    return known === undefined || known.endsAt <= Date.now() || this.#isOurs(owner);
  }

  /** When the last lease ends of those that others have, in Unix milliseconds; undefined where they have none. */
  lastEnd(owners: readonly string[]): number | undefined {
    const ends = owners
      .filter((one) => !this.isFree(one))
      .flatMap((one) => this.#known.get(one)?.endsAt ?? []);
    return ends.length > 0 ? Math.max(...ends) : undefined;
  }

  /** Leases at most `most` of them, in their order. Resolves with those that this run has; rejects with CoderError. */
  async take(owners: readonly string[], most: number, signal: AbortSignal): Promise<Set<string>> {
    const wanted = [...new Set(owners)];
    const taken = new Set<string>();
    const limit = pLimit(AT_ONCE);
    for (let at = 0; taken.size < most && at < wanted.length; ) {
      const next = wanted.slice(at, at + most - taken.size);
      at += next.length;
      const got = await Promise.all(next.map((owner) => limit(() => this.#takeOne(owner, signal))));
      for (const [index, owner] of next.entries()) if (got[index]) taken.add(owner);
    }
    return taken;
  }

  async #takeOne(owner: string, signal: AbortSignal): Promise<boolean> {
    if (this.#isOurs(owner)) return true;
    if (!this.isFree(owner)) return false;
    // Another run was faster; or another step of this one, which is as good.
    const isHeld = await this.#add(owner, (this.#known.get(owner)?.n ?? 0) + 1, signal).catch(
      unlessForbidden,
    );
    return isHeld || this.#isOurs(owner);
  }

  /** This run has it: by this step, or by another. */
  #isOurs(owner: string): boolean {
    const tokens = this.#parts.ledger.state.remaining("token");
    return tokens.some((token) => token.owner === owner && NAME.test(token.name));
  }

  /** Resolves with false where another has that number. Rejects with CoderError. */
  async #add(owner: string, n: number, signal: AbortSignal): Promise<boolean> {
    const { client, ledger } = this.#parts;
    const name = `scaletest-lease-${n}`;
    const since = Date.now();
    const { token, lifetimeMs } = await this.#create(owner, name, signal).catch((error: unknown) => {
      if (isFailure(error, "conflict")) return { token: undefined, lifetimeMs: 0 };
      throw error;
    });
    if (token === undefined) return false;
    const id = token.slice(0, 10);
    await ledger.write({ kind: "token", op: "exists", name, owner, id });
    const former = this.#own.get(owner);
    const [renewAt, endsAt] = [since + lifetimeMs * OLD, since + lifetimeMs];
    this.#own.set(owner, { owner, n, id, renewAt, endsAt });
    if (former) await this.#delete(former, client, signal).catch(() => undefined);
    return true;
  }

  /** Shorter where the deployment wants that. */
  async #create(
    owner: string,
    name: string,
    signal: AbortSignal,
  ): Promise<{ token: string; lifetimeMs: number }> {
    const { client } = this.#parts;
    const make = async (lifetimeMs: number) => ({
      // Its answer lost, whose it is could not be told: it is not asked for again, and ends by itself.
      token: await client.createToken(owner, lifetimeMs, name, { signal, retries: 0 }),
      lifetimeMs,
    });
    try {
      return await make(this.#lifetimeMs);
    } catch (error) {
      if (!isFailure(error, "validation")) throw error;
      const most = await maxTokenLifetimeMs(client, owner, { signal });
      if (most === undefined || most >= this.#lifetimeMs) throw error;
      return make(most);
    }
  }

  async #delete({ owner, n, id }: Lease, client: CoderClient, signal: AbortSignal): Promise<void> {
    await client.deleteToken(owner, id, { signal });
    await this.#parts.ledger.write({ kind: "token", op: "gone", name: `scaletest-lease-${n}`, owner, id });
  }

  /** Never rejects. */
  async #renew(): Promise<void> {
    const now = Date.now();
    const old = [...this.#own.values()].filter(({ renewAt }) => renewAt <= now).slice(0, AT_ONCE);
    const signal = AbortSignal.timeout(REQUEST_MS);
    await Promise.all(old.map((lease) => this.#renewOne(lease, signal)));
  }

  async #renewOne(lease: Lease, signal: AbortSignal): Promise<void> {
    // It is not begun again while this goes on.
    lease.renewAt = Date.now() + REQUEST_MS;
    const isHeld = await this.#add(lease.owner, lease.n + 1, signal).catch(() => undefined);
    // A renewal that has failed is tried again, until another run could have it.
    const isOver = isHeld === undefined && lease.endsAt <= Date.now();
    if (isHeld !== false && !isOver) return;
    this.#own.delete(lease.owner);
    if (this.#lost++ > 0) return;
    this.#parts.warn(say("a lease could not be renewed in time: another run may use the same users"));
  }

  /** Renews nothing any more: what this run has ends by itself. */
  abandon(): void {
    clearInterval(this.#renewing);
  }

  /** Gives all of them back. Never rejects: what could not be given back ends by itself. */
  async giveBack(): Promise<void> {
    this.abandon();
    const limit = pLimit(AT_ONCE);
    const signal = AbortSignal.timeout(REQUEST_MS);
    const all = [...this.#own.values()];
    this.#own.clear();
    await Promise.all(
      all.map((lease) => limit(() => this.#delete(lease, this.#parts.client, signal).catch(() => undefined))),
    );
  }
}

/** Of one user, whatever it was costs that user only. */
function unlessForbidden(error: unknown): false {
  if (isFailure(error, "forbidden")) throw error;
  return false;
}

/** For a step that uses what others have made. */
export function openLeases({ client, ledger, warn, signal }: PrepareContext): Promise<Leases> {
  return Leases.open({ client, ledger, warn }, signal);
}
