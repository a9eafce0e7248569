import type { Deployment } from "../protocol/target.ts";
import type { CoderClient } from "./client.ts";
import { isFailure } from "./errors.ts";
import { isRefusedInFront } from "./front.ts";
import type { User } from "./schemas.ts";
import { checkVersion, OLDEST_VERSION } from "./version.ts";

/** A deployment cannot be used, or not by this person: one line that says what to do. */
export class SignInRefused extends Error {
  override readonly name = "SignInRefused";
}

export interface SignInParts {
  client: CoderClient;
  signal: AbortSignal;
  /** What one should know of the deployment, and nothing that ends a run. */
  warn(text: string): void;
  /** Who and what it is, as soon as that is known. */
  deployment(deployment: Deployment): void;
}

/**
 * Is this a Coder deployment that we can work with, and who are we there? `needsOwner` names what an owner is needed
 * for. Rejects with SignInRefused, or with the signal's reason.
 */
export async function signIn(
  { client, signal, warn, deployment }: SignInParts,
  needsOwner: string | undefined,
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
    throw new SignInRefused(`${url} runs Coder ${version}; ${OLDEST_VERSION} or later is needed`);
  }
  if (checkVersion(version) === "unknown") {
    warn(`Coder ${version} is not a release; this tool is written for ${OLDEST_VERSION} and later`);
  }
  if (needsOwner && !user.roles.some((role) => role.name === "owner")) {
    throw new SignInRefused(
      `"${user.username}" is not an owner of ${url}; ${needsOwner} needs the token of an owner`,
    );
  }
  return user;
}

/** By which proxies say that they want something of their own; 401 may be the deployment's, behind one that drops headers. */
const GATES = new Set([403, 407, 511]);

function signInRefusal(url: string, error: unknown): SignInRefused {
  if (isFailure(error, "unauthorized")) {
    return new SignInRefused(
      `the token is not accepted by ${url}: it is wrong or has expired; make a new one at ${url}/cli-auth`,
      { cause: error },
    );
  }
  const gate =
    isRefusedInFront(error) && isFailure(error, "forbidden", "validation", "server") && error.failure;
  if (gate && "status" in gate && GATES.has(gate.status)) {
    return new SignInRefused(
      `something in front of ${url} refuses it with status ${gate.status}: it may want headers (CODER_HEADER_COMMAND) or a client certificate`,
      { cause: error },
    );
  }
  if (isFailure(error, "network", "timeout"))
    return new SignInRefused(`cannot reach ${url}: ${error.failure.message}`, { cause: error });
  if (isFailure(error, "not_found", "unexpected", "validation")) {
    return new SignInRefused(`${url} does not answer like a Coder deployment: ${error.message}`, {
      cause: error,
    });
  }
  return new SignInRefused(`${url} cannot be used: ${error instanceof Error ? error.message : error}`, {
    cause: error,
  });
}
