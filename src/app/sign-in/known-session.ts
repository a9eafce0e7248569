import { AddressError, readAddress } from "../target/address.ts";
import { readCoderLogin } from "./coder-login.ts";
import { ownSession, ownSessions } from "./own-sessions.ts";
import { tokenOfCommand } from "./token-command.ts";

export interface SessionSources {
  env: Readonly<Record<string, string | undefined>>;
  /** The product's folder, which has the sessions of `coder-scaletest login`. */
  home: string;
  /** Folder of Coder's own command. */
  globalConfig?: string | undefined;
  platform?: string;
}

/** Where somebody is signed in, when no address is given: by our own login, else by Coder's. */
export async function knownAddress(sources: SessionSources): Promise<string | undefined> {
  const [own] = await ownSessions(sources.home);
  return own?.url ?? (await readCoderLogin(sources))?.url;
}

export type KnownToken =
  | { kind: "token"; token: string }
  /** `coder login` has one in the system's keychain, which is not read here. */
  | { kind: "keychain" }
  | { kind: "none" };

/**
 * The token for a deployment, when none is given: by the command of CODER_SCALETEST_TOKEN_COMMAND, by our own login,
 * by Coder's; each only for the deployment that it was made for. Rejects with TokenCommandError.
 */
export async function knownToken(origin: string, sources: SessionSources): Promise<KnownToken> {
  const { env, home } = sources;
  const command = env.CODER_SCALETEST_TOKEN_COMMAND;
  if (command) return { kind: "token", token: await tokenOfCommand(command, origin, env) };
  const own = await ownSession(home, origin);
  if (own) return { kind: "token", token: own.token };
  const login = await readCoderLogin(sources);
  if (!login || originOf(login.url) !== origin) return { kind: "none" };
  return login.kind === "keychain" ? login : { kind: "token", token: login.token };
}

function originOf(url: string): string | undefined {
  try {
    return readAddress(url).origin;
  } catch (error) {
    if (error instanceof AddressError) return undefined;
    throw error;
  }
}
