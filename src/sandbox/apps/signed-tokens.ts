import type { Clock } from "../clock.ts";
import type { Random } from "../random.ts";
import type { User } from "../state/users.ts";

export const SIGNED_COOKIE = "coder_signed_app_token";
/** The same in a terminal's query: browsers have no cookies for another host (codersdk/client.go). */
export const SIGNED_QUERY = "coder_signed_app_token_23db1dde";
/** coderd/workspaceapps/provider.go: a signed token is good for a minute. */
const LIFE_MS = 60_000;

interface Grant {
  /** What it opens: the path of an app or of a terminal. */
  scope: string;
  user: User | undefined;
  expiresAt: number;
}

/** Tokens that open one app or one terminal for a minute, without a session. */
export class SignedTokens {
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #grants = new Map<string, Grant>();

  constructor(clock: Clock, random: Random) {
    this.#clock = clock;
    this.#random = random.fork("signed-tokens");
  }

  /** The Set-Cookie line of a new token. */
  issue(scope: string, user: User | undefined, path = scope): string {
    const token = this.sign(scope, user);
    const expiresAt = this.#clock.now() + LIFE_MS;
    return `${SIGNED_COOKIE}=${token}; Path=${path}; Expires=${new Date(expiresAt).toUTCString()}; HttpOnly; SameSite=Lax`;
  }

  /** A new token. */
  sign(scope: string, user: User | undefined): string {
    const token = `eyJhbGciOiJ.${this.#random.letters(32)}.${this.#random.letters(22)}`;
    this.#forget();
    this.#grants.set(token, { scope, user, expiresAt: this.#clock.now() + LIFE_MS });
    return token;
  }

  /** The grant of a token that opens `scope`. */
  check(token: string, scope: string): Grant | undefined {
    const grant = this.#grants.get(token);
    return grant?.scope === scope && grant.expiresAt > this.#clock.now() ? grant : undefined;
  }

  /** The oldest are at the front. */
  #forget(): void {
    const now = this.#clock.now();
    for (const [token, grant] of this.#grants) {
      if (grant.expiresAt > now) return;
      this.#grants.delete(token);
    }
  }
}
