import type { Deployment } from "../protocol/target.ts";
import { type Message, say } from "../text/message.ts";
import { SaidError, saidOf } from "../text/said-error.ts";
import type { CoderClient } from "./client.ts";
import { isFailure } from "./errors.ts";
import { isRefusedInFront } from "./front.ts";
import type { User } from "./schemas.ts";
import { checkVersion, OLDEST_VERSION } from "./version.ts";

/** A deployment cannot be used, or not by this person: one line that says what to do. */
export class SignInRefused extends SaidError {
  override readonly name = "SignInRefused";
}

export interface SignInParts {
  client: CoderClient;
  signal: AbortSignal;
  /** What one should know of the deployment, and nothing that ends a run. */
  warn(what: Message): void;
  /** Who and what it is, as soon as that is known. */
  deployment(deployment: Deployment): void;
}

/**
 * Is this a Coder deployment that we can work with, and who are we there? `needsOwner` names what an owner is needed
 * for. Rejects with SignInRefused, or with the signal's reason.
 */
export async function signIn(
  { client, signal, warn, deployment }: SignInParts,
  needsOwner: Message | undefined,
): Promise<User> {
  const { url } = client.transport;
  let version: string;
  let user: User;
  try {
    version = (await client.buildInfo({ signal, timeoutMs: 20_000, retries: 1 })).version;
    user = await client.me({ signal, timeoutMs: 20_000, retries: 2 });
  } catch (error) {
    signal.throwIfAborted();
    throw signInRefusal(url, error);
  }
  const { sandbox } = client.transport;
  deployment({ url, host: new URL(url).host, version, user: user.username, sandbox });
  if (checkVersion(version) === "too_old") {
    throw new SignInRefused(say("{0} runs Coder {1}; {2} or later is needed", url, version, OLDEST_VERSION));
  }
  if (checkVersion(version) === "unknown") {
    warn(say("Coder {0} is not a release; this tool is written for {1} and later", version, OLDEST_VERSION));
  }
  if (needsOwner && !user.roles.some((role) => role.name === "owner")) {
    throw new SignInRefused(
      say('"{0}" is not an owner of {1}; {2} needs the token of an owner', user.username, url, needsOwner),
    );
  }
  return user;
}

/** By which proxies say that they want something of their own; 401 may be the deployment's, behind one that drops headers. */
const GATES = new Set([403, 407, 511]);

function signInRefusal(url: string, error: unknown): SignInRefused {
  if (isFailure(error, "unauthorized")) {
    return new SignInRefused(
      say(
        "the token is not accepted by {0}: it is wrong or has expired; make a new one at {1}",
        url,
        `${url}/cli-auth`,
      ),
      { cause: error },
    );
  }
  const gate =
    isRefusedInFront(error) && isFailure(error, "forbidden", "validation", "server") && error.failure;
  if (gate && "status" in gate && GATES.has(gate.status)) {
    return new SignInRefused(
      say(
        "something in front of {0} refuses it with status {1}: it may want headers (CODER_HEADER_COMMAND) or a client certificate",
        url,
        String(gate.status),
      ),
      { cause: error },
    );
  }
  if (isFailure(error, "network", "timeout"))
    return new SignInRefused(say("cannot reach {0}: {1}", url, error.failure.message), { cause: error });
  if (isFailure(error, "not_found", "unexpected", "validation")) {
    return new SignInRefused(say("{0} does not answer like a Coder deployment: {1}", url, error.said), {
      cause: error,
    });
  }
  return new SignInRefused(say("{0} cannot be used: {1}", url, saidOf(error)), { cause: error });
}
