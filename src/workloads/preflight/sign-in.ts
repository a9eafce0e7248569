import { isFailure } from "../../coder/errors.ts";
import { isRefusedInFront } from "../../coder/front.ts";
import type { User } from "../../coder/schemas.ts";
import { checkVersion, OLDEST_VERSION } from "../../coder/version.ts";
import { Refusal } from "../../contract/failures.ts";
import type { PrepareContext } from "../../contract/prepare.ts";
import { type Message, say } from "../../text/message.ts";
import { saidOf } from "../../text/said-error.ts";

/**
 * Is this a Coder deployment that we can work with, and who are we there? Throws Refusal with one line
 * that says what to do. `needsOwner` names what an owner is needed for.
 */
export async function signIn(
  context: Pick<PrepareContext, "client" | "signal" | "warn" | "deployment"> &
    Partial<Pick<PrepareContext, "signedIn">>,
  needsOwner: Message | undefined,
): Promise<User> {
  const { client, signal } = context;
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
  context.deployment({
    url,
    host: new URL(url).host,
    version,
    user: user.username,
    sandbox: client.transport.sandbox,
  });
  if (checkVersion(version) === "too_old") {
    throw new Refusal(say("{0} runs Coder {1}; {2} or later is needed", url, version, OLDEST_VERSION));
  }
  if (checkVersion(version) === "unknown") {
    context.warn(
      say("Coder {0} is not a release; this tool is written for {1} and later", version, OLDEST_VERSION),
    );
  }
  if (needsOwner && !user.roles.some((role) => role.name === "owner")) {
    throw new Refusal(
      say('"{0}" is not an owner of {1}; {2} needs the token of an owner', user.username, url, needsOwner),
    );
  }
  context.signedIn?.({ user, needsOwner });
  return user;
}

/** By which proxies say that they want something of their own; 401 may be the deployment's, behind one that drops headers. */
const GATES = new Set([403, 407, 511]);

function signInRefusal(url: string, error: unknown): Refusal {
  if (isFailure(error, "unauthorized")) {
    return new Refusal(
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
    return new Refusal(
      say(
        "something in front of {0} refuses it with status {1}: it may want headers (CODER_HEADER_COMMAND) or a client certificate",
        url,
        String(gate.status),
      ),
      { cause: error },
    );
  }
  if (isFailure(error, "network", "timeout"))
    return new Refusal(say("cannot reach {0}: {1}", url, error.failure.message), { cause: error });
  if (isFailure(error, "not_found", "unexpected", "validation")) {
    return new Refusal(say("{0} does not answer like a Coder deployment: {1}", url, error.said), {
      cause: error,
    });
  }
  return new Refusal(say("{0} cannot be used: {1}", url, saidOf(error)), { cause: error });
}
