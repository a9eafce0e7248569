import { CoderClient } from "../coder/client.ts";
import { isFailure } from "../coder/errors.ts";
import type { User } from "../coder/schemas.ts";
import type { SessionNews } from "../coder/session.ts";
import { formatDuration } from "../protocol/duration.ts";
import type { RunEvent, Snapshot } from "../protocol/snapshot.ts";
import { type Message, say } from "../text/message.ts";
import { SaidError, saidOf } from "../text/said-error.ts";
import type { Standstill } from "./time.ts";

/** Where nobody says otherwise, a run whose session has expired waits this long for a sign-in. */
export const SIGN_IN_LIMIT_MS = 10 * 60_000;

export interface SignInParts {
  runId: string;
  /** The run's own, whose session is kept. */
  client: CoderClient;
  still: Standstill;
  limitMs: number;
  event(level: RunEvent["level"], what: Message): void;
  /** What needs the session stands still from now on, or goes on. */
  stand(isStill: boolean): void;
  /** Nobody has signed in in time. */
  lost(sentence: Message): void;
}

/** Whose run it is, and what it needs that person to be. */
export interface SignedIn {
  user: Pick<User, "id" | "username">;
  /** What an owner is needed for; undefined where the run does its work as this very user. */
  needsOwner: Message | undefined;
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
  async renew(token: string): Promise<Message> {
    const { client } = this.#parts;
    const { session } = client.transport;
    const signedIn = this.#signedIn;
    if (!signedIn) throw new SaidError(say("the run has not signed in yet"));
    if (session.state === "lost") throw new SaidError(say("the run has given up waiting for a sign-in"));
    if (token === session.token) {
      if (session.state === "expired")
        throw new SaidError(say("this is the token that has expired; make a new one"));
      return say("the run has this token already");
    }
    const user = await this.#userOf(token);
    const refusal = this.#refusal(user, signedIn);
    if (refusal) throw new SaidError(refusal);
    const sameUser = user.id === signedIn.user.id;
    const who = sameUser
      ? say('signed in again as "{0}"', user.username)
      : say('signed in as "{0}"; the run was started by "{1}"', user.username, signedIn.user.username);
    const waitedMs = this.#expired && Date.now() - this.#expired.since;
    const told = waitedMs === undefined ? who : say("{0}; goes on after {1}", who, formatDuration(waitedMs));
    session.renew(token);
    this.#parts.event(sameUser ? "info" : "warning", told);
    return say("{0}; the run goes on", who);
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
      throw new SaidError(
        isFailure(error, "unauthorized")
          ? say(
              "the token is not accepted by {0}: it is wrong, has expired, or is of another deployment",
              host,
            )
          : say("{0} could not be asked about the token: {1}", host, saidOf(error)),
      );
    } finally {
      await probe.close().catch(() => undefined);
    }
  }

  #refusal({ id, username, roles }: User, { user, needsOwner }: SignedIn): Message | undefined {
    if (needsOwner === undefined) {
      if (id === user.id) return undefined;
      return say('the run does its work as "{0}"; it cannot go on as "{1}"', user.username, username);
    }
    if (roles.some(({ name }) => name === "owner")) return undefined;
    const { host } = new URL(this.#parts.client.transport.url);
    return say('"{0}" is not an owner of {1}; {2} needs the token of an owner', username, host, needsOwner);
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
      say(
        'the session of "{0}" on {1} has expired: what needs it waits for at most {2}; sign in again in the editor, or: {3}',
        this.#expired.user,
        host,
        formatDuration(limitMs),
        `coder-scaletest runs token ${runId}`,
      ),
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
        ? say("the session has expired, and nobody has signed in again within {0}", formatDuration(limitMs))
        : say("the session has expired");
    this.#parts.event("error", say("{0}: the run ends", sentence));
    this.#parts.lost(sentence);
    client.transport.session.giveUp();
    this.#parts.stand(false);
  }
}
