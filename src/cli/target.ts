import { knownAddress, knownToken, type SessionSources } from "../app/sign-in/known-session.ts";
import { TokenCommandError } from "../app/sign-in/token-command.ts";
import { type Address, AddressError, readAddress } from "../app/target/address.ts";
import { deploymentAt } from "../app/target/deployment-at.ts";
import { NetworkError, networkTo } from "../app/target/network.ts";
import { isToken } from "../app/target/token.ts";
import type { Network, Target } from "../protocol/target.ts";
import { productHome } from "../runs/home.ts";
import { CliError, EXIT } from "./exit.ts";

export interface TargetFlags {
  url?: string | undefined;
  token?: string | undefined;
  /** Folder of Coder's own command. */
  globalConfig?: string | undefined;
}

type Environment = NodeJS.ProcessEnv;

/** The deployment from flags and environment, else as somebody is logged in. Throws CliError (usage). */
export async function targetOf(flags: TargetFlags, env: Environment = process.env): Promise<Target> {
  const address = await namedAddress(flags, env);
  const token = checkedToken(flags.token ?? env.CODER_SESSION_TOKEN ?? (await tokenOf(address, flags, env)));
  const network = await networkOf(address, env);
  return { url: await deploymentAt(address, network), token, network };
}

/** The address that is meant. Throws CliError where there is none, or it is none. */
export async function namedAddress(flags: TargetFlags, env: Environment = process.env): Promise<Address> {
  if (flags.url) return addressOf(flags.url, "--url");
  if (env.CODER_URL) return addressOf(env.CODER_URL, "CODER_URL");
  const known = await knownAddress(sourcesOf(flags, env));
  if (known !== undefined) return addressOf(known, "the address of the login");
  throw new CliError(
    "which deployment? pass --url (or set CODER_URL), log in with: coder-scaletest login, or pass --sandbox to try without one",
    EXIT.usage,
  );
}

/** How it is reached from here. Throws CliError. */
export function networkOf({ origin }: Address, env: Environment = process.env): Promise<Network> {
  return asUsage(networkTo(origin, { env }));
}

async function tokenOf({ origin }: Address, flags: TargetFlags, env: Environment): Promise<string> {
  const known = await asUsage(knownToken(origin, sourcesOf(flags, env)));
  if (known.kind === "token") return known.token;
  const where =
    known.kind === "keychain"
      ? `that of "coder login" is in the system's keychain, which is not read here`
      : `${origin}/cli-auth makes one`;
  throw new CliError(
    `no token for ${origin}: set CODER_SESSION_TOKEN, or log in with: coder-scaletest login ${origin}; ${where}`,
    EXIT.usage,
  );
}

function sourcesOf({ globalConfig }: TargetFlags, env: Environment): SessionSources {
  return { env, home: productHome(env), globalConfig };
}

/** Throws CliError where it cannot be a session token. */
export function checkedToken(text: string): string {
  if (isToken(text)) return text.trim();
  throw new CliError("the token is not one of Coder's (10 characters, a dash, 22 characters)", EXIT.usage);
}

/** An address as people write it; `named` is where they did. Throws CliError. */
export function addressOf(text: string, named: string): Address {
  try {
    return readAddress(text);
  } catch (error) {
    if (error instanceof AddressError) throw new CliError(`${named} ${error.message}`, EXIT.usage);
    throw error;
  }
}

/** What cannot be used of the environment is a mistake in how the command was called. */
async function asUsage<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof NetworkError || error instanceof TokenCommandError)
      throw new CliError(error.message, EXIT.usage);
    throw error;
  }
}
