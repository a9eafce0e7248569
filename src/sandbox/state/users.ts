import { createHash } from "node:crypto";
import type { Clock } from "../clock.ts";
import { KEPT_DELETED_USERS, KEYS_OF_USER } from "../limits.ts";
import type { Random } from "../random.ts";

export type UserStatus = "active" | "dormant" | "suspended";

export interface User {
  id: string;
  username: string;
  email: string;
  name: string;
  /** Kept as it was given: a sandbox holds no real people's passwords. "" = none. */
  password: string;
  loginType: string;
  status: UserStatus;
  roles: string[];
  organizationIds: string[];
  createdAt: number;
  updatedAt: number;
  /** 0 = never. */
  lastSeenAt: number;
  deleted: boolean;
}

export interface ApiKey {
  /** The 10 characters before the dash. */
  id: string;
  userId: string;
  secretHash: string;
  loginType: "password" | "token";
  scope: string;
  tokenName: string;
  createdAt: number;
  expiresAt: number;
  lifetimeMs: number;
  lastUsedAt: number;
}

export interface NewUser {
  username: string;
  email: string;
  name?: string;
  password?: string;
  loginType: string;
  status?: UserStatus;
  roles?: string[];
  organizationIds: string[];
}

const DAY_MS = 24 * 60 * 60 * 1000;
/** How long a key lives when nobody says (`session_lifetime` of the server's defaults). */
export const SESSION_LIFETIME_MS = DAY_MS;
export const TOKEN_LIFETIME_MS = 7 * DAY_MS;

/** Users and their API keys. Names and addresses are compared without case. */
export class Users {
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #byId = new Map<string, User>();
  readonly #byName = new Map<string, User>();
  readonly #byEmail = new Map<string, User>();
  readonly #keys = new Map<string, ApiKey>();
  readonly #keysOf = new Map<string, Set<ApiKey>>();
  /** Those who are still found by their id, oldest first. */
  readonly #deleted = new Set<User>();
  /** Told of a user of whom nothing is kept any more. */
  onForgotten: (user: User) => void = () => undefined;

  constructor(clock: Clock, random: Random) {
    this.#clock = clock;
    this.#random = random;
  }

  create(given: NewUser): User {
    const now = this.#clock.now();
    const user: User = {
      id: this.#random.uuid(),
      username: given.username,
      email: given.email,
      name: given.name ?? "",
      password: given.password ?? "",
      loginType: given.loginType,
      status: given.status ?? "dormant",
      roles: given.roles ?? [],
      organizationIds: given.organizationIds,
      createdAt: now,
      updatedAt: now,
      lastSeenAt: 0,
      deleted: false,
    };
    this.restore(user);
    return user;
  }

  /** Takes a user as it was kept; the one of the same id is replaced. */
  restore(user: User): void {
    this.#byId.set(user.id, user);
    this.#byName.set(user.username.toLowerCase(), user);
    this.#byEmail.set(user.email.toLowerCase(), user);
  }

  /** Gives a user another name, address and password. */
  rename(user: User, to: Pick<User, "username" | "email" | "name" | "password">): void {
    this.#byName.delete(user.username.toLowerCase());
    this.#byEmail.delete(user.email.toLowerCase());
    Object.assign(user, to, { updatedAt: this.#clock.now() });
    this.restore(user);
  }

  /** Also a deleted one: the server still answers for their id. */
  byId(id: string): User | undefined {
    return this.#byId.get(id);
  }

  byName(username: string): User | undefined {
    return this.#byName.get(username.toLowerCase());
  }

  byEmail(email: string): User | undefined {
    return this.#byEmail.get(email.toLowerCase());
  }

  /** Those who are not deleted. */
  all(): IterableIterator<User> {
    return this.#byName.values();
  }

  get count(): number {
    return this.#byName.size;
  }

  delete(user: User): void {
    if (user.deleted) return;
    user.deleted = true;
    this.#byName.delete(user.username.toLowerCase());
    this.#byEmail.delete(user.email.toLowerCase());
    for (const key of this.#keysOf.get(user.id) ?? []) this.#keys.delete(key.id);
    this.#keysOf.delete(user.id);
    this.#deleted.add(user);
    const [oldest] = this.#deleted;
    if (this.#deleted.size <= KEPT_DELETED_USERS || !oldest) return;
    this.#deleted.delete(oldest);
    this.#byId.delete(oldest.id);
    this.onForgotten(oldest);
  }

  /** A new key; what comes back is the only place where its secret is. */
  addKey(
    user: User,
    given: Partial<Pick<ApiKey, "loginType" | "scope" | "tokenName" | "lifetimeMs">>,
  ): string {
    const now = this.#clock.now();
    const lifetimeMs = given.lifetimeMs ?? SESSION_LIFETIME_MS;
    const secret = this.#random.letters(22);
    const key: ApiKey = {
      id: this.#random.letters(10),
      userId: user.id,
      secretHash: hashSecret(secret),
      loginType: given.loginType ?? "password",
      scope: given.scope ?? "all",
      tokenName: given.tokenName ?? "",
      createdAt: now,
      expiresAt: now + lifetimeMs,
      lifetimeMs,
      lastUsedAt: 0,
    };
    this.restoreKey(key);
    return `${key.id}-${secret}`;
  }

  restoreKey(key: ApiKey): void {
    this.#keys.set(key.id, key);
    const own = this.#keysOf.get(key.userId) ?? new Set();
    this.#keysOf.set(key.userId, own.add(key));
  }

  key(id: string): ApiKey | undefined {
    return this.#keys.get(id);
  }

  keyCount(user: User): number {
    return this.#keysOf.get(user.id)?.size ?? 0;
  }

  keysOf(user: User): ApiKey[] {
    return [...(this.#keysOf.get(user.id) ?? [])];
  }

  /** Signing in always succeeds: where there is no room for another session, the oldest one ends. */
  dropOldestSession(user: User): void {
    if (this.keyCount(user) < KEYS_OF_USER) return;
    const oldest = this.keysOf(user).find((key) => key.loginType === "password");
    if (oldest) this.deleteKey(oldest);
  }

  deleteKey(key: ApiKey): void {
    this.#keys.delete(key.id);
    this.#keysOf.get(key.userId)?.delete(key);
  }
}

export function hashSecret(secret: string): string {
  return createHash("sha256").update(secret).digest("base64");
}
