import { isFailure } from "../../coder/errors.ts";
import { isRefusedInFront } from "../../coder/front.ts";
import type { User } from "../../coder/schemas.ts";
import { checkVersion, OLDEST_VERSION } from "../../coder/version.ts";
import { Refusal } from "../../contract/failures.ts";
import type { PrepareContext } from "../../contract/prepare.ts";

/**
 * Is this a Coder deployment that we can work with, and who are we there? Throws Refusal with one line
 * that says what to do. `needsOwner` names what an owner is needed for.
 */
export async function signIn(
  context: Pick<PrepareContext, "client" | "signal" | "warn" | "deployment"> &
    Partial<Pick<PrepareContext, "signedIn">>,
  needsOwner: string | undefined,
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
    throw new Refusal(`${url} runs Coder ${version}; ${OLDEST_VERSION} or later is needed`);
  }
  if (checkVersion(version) === "unknown") {
    context.warn(`Coder ${version} is not a release; this tool is written for ${OLDEST_VERSION} and later`);
  }
  if (needsOwner && !user.roles.some((role) => role.name === "owner")) {
    throw new Refusal(
      `"${user.username}" is not an owner of ${url}; ${needsOwner} needs the token of an owner`,
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
      `the token is not accepted by ${url}: it is wrong or has expired; make a new one at ${url}/cli-auth`,
      { cause: error },
    );
  }
  const gate =
    isRefusedInFront(error) && isFailure(error, "forbidden", "validation", "server") && error.failure;
  if (gate && "status" in gate && GATES.has(gate.status)) {
    return new Refusal(
      `something in front of ${url} refuses it with status ${gate.status}: it may want headers (CODER_HEADER_COMMAND) or a client certificate`,
      { cause: error },
    );
  }
  if (isFailure(error, "network", "timeout"))
    return new Refusal(`cannot reach ${url}: ${error.failure.message}`, { cause: error });
  if (isFailure(error, "not_found", "unexpected", "validation")) {
    return new Refusal(`${url} does not answer like a Coder deployment: ${error.message}`, { cause: error });
  }
  return new Refusal(`${url} cannot be used: ${error instanceof Error ? error.message : error}`, {
    cause: error,
  });
}
