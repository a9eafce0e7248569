import { CoderClient } from "../coder/client.ts";
import { isFailure } from "../coder/errors.ts";
import type { User } from "../coder/schemas.ts";
import type { SessionNews } from "../coder/session.ts";
import { formatDuration } from "../protocol/duration.ts";
import type { RunEvent, Snapshot } from "../protocol/snapshot.ts";
import { messageOf } from "./causes.ts";
import type { Standstill } from "./time.ts";

/** Where nobody says otherwise, a run whose session has expired waits this long for a sign-in. */
export const SIGN_IN_LIMIT_MS = 10 * 60_000;

export interface SignInParts {
  runId: string;
  /** The run's own, whose session is kept. */
  client: CoderClient;
  still: Standstill;
  limitMs: number;
  event(level: RunEvent["level"], text: string): void;
  /** What needs the session stands still from now on, or goes on. */
  stand(isStill: boolean): void;
  /** Nobody has signed in in time. */
  lost(sentence: string): void;
}

/** Whose run it is, and what it needs that person to be. */
export interface SignedIn {
  user: Pick<User, "id" | "username">;
  /** What an owner is needed for; undefined where the run does its work as this very user. */
  needsOwner: string | undefined;
}

/** Keeps a run's session: stands still where it has expired, and goes on with another token. */
export class SignIn {
  #parts: SignInParts;
  #signedIn: SignedIn | undefined;
  #expired: Snapshot["sessionExpired"];
  #limit: NodeJS.Timeout | undefined;
  #hear = (news: SessionNews) => this.#heard(news);

  constructor(parts: SignInParts) {
    this.#parts = parts;
  }

  /** Since when a sign-in is waited for, and until when. */
  get expired(): Snapshot["sessionExpired"] {
    return this.#expired;
  }

  /** From here on an expired session is waited for; before, it is a reason not to begin. */
  begin(signedIn: SignedIn): void {
    if (this.#signedIn) return;
    this.#signedIn = signedIn;
    const { session } = this.#parts.client.transport;
    session.changed.add(this.#hear);
    session.keep();
  }

  end(): void {
    this.#parts.client.transport.session.changed.delete(this.#hear);
    clearTimeout(this.#limit);
    this.#parts.still.end();
    this.#expired = undefined;
  }

  /**
   * Goes on with another token, which may come without being asked for. Resolves with one sentence; rejects with
   * one where it is not good for this run.
   */
  async renew(token: string): Promise<string> {
    const { client } = this.#parts;
    const { session } = client.transport;
    const signedIn = this.#signedIn;
    if (!signedIn) throw new Error("the run has not signed in yet");
    if (session.state === "lost") throw new Error("the run has given up waiting for a sign-in");
    if (token === session.token) {
      if (session.state === "expired") throw new Error("this is the token that has expired; make a new one");
      return "the run has this token already";
    }
    const user = await this.#userOf(token);
    const refusal = this.#refusal(user, signedIn);
    if (refusal) throw new Error(refusal);
    const sameUser = user.id === signedIn.user.id;
    const who = sameUser
      ? `signed in again as "${user.username}"`
      : `signed in as "${user.username}"; the run was begun by "${signedIn.user.username}"`;
    const waited = this.#expired ? `; goes on after ${formatDuration(Date.now() - this.#expired.since)}` : "";
    session.renew(token);
    this.#parts.event(sameUser ? "info" : "warning", `${who}${waited}`);
    return `${who}; the run goes on`;
  }

  /** Asked apart from the run's own requests, which may be standing still. */
  async #userOf(token: string): Promise<User> {
    const { transport } = this.#parts.client;
    const probe = new CoderClient({ ...transport.target, token });
    if (transport.meter) probe.transport.meter = transport.meter;
    try {
      return await probe.me({ timeoutMs: 20_000, retries: 2 });
    } catch (error) {
      const { host } = new URL(transport.url);
      throw new Error(
        isFailure(error, "unauthorized")
          ? `the token is not accepted by ${host}: it is wrong, has expired, or is of another deployment`
          : `${host} could not be asked about the token: ${messageOf(error)}`,
      );
    } finally {
      await probe.close().catch(() => undefined);
    }
  }

  #refusal({ id, username, roles }: User, { user, needsOwner }: SignedIn): string | undefined {
    if (needsOwner === undefined) {
      if (id === user.id) return undefined;
      return `the run does its work as "${user.username}"; it cannot go on as "${username}"`;
    }
    if (roles.some(({ name }) => name === "owner")) return undefined;
    const { host } = new URL(this.#parts.client.transport.url);
    return `"${username}" is not an owner of ${host}; ${needsOwner} needs the token of an owner`;
  }

  #heard({ state }: SessionNews): void {
    if (state === "expired" && !this.#expired) this.#stand();
    if (state === "accepted" && this.#expired) this.#goOn();
  }

  #stand(): void {
    const { client, still, limitMs, runId } = this.#parts;
    const since = Date.now();
    this.#expired = { since, until: since + limitMs, user: this.#signedIn?.user.username ?? "" };
    still.begin();
    this.#parts.stand(true);
    if (limitMs <= 0) return this.#giveUp();
    const { host } = new URL(client.transport.url);
    this.#parts.event(
      "warning",
      `the session of "${this.#expired.user}" on ${host} has expired: what needs it waits for at most ${formatDuration(limitMs)}; sign in again in the editor, or: coder-scaletest runs token ${runId}`,
    );
    this.#limit = setTimeout(() => this.#giveUp(), limitMs);
  }

  #goOn(): void {
    clearTimeout(this.#limit);
    this.#expired = undefined;
    this.#parts.still.end();
    this.#parts.stand(false);
  }

  #giveUp(): void {
    const { limitMs, client, still } = this.#parts;
    this.#expired = undefined;
    still.end();
    const sentence =
      limitMs > 0
        ? `the session has expired, and nobody has signed in again within ${formatDuration(limitMs)}`
        : "the session has expired";
    this.#parts.event("error", `${sentence}: the run ends`);
    this.#parts.lost(sentence);
    client.transport.session.giveUp();
    this.#parts.stand(false);
  }
}
