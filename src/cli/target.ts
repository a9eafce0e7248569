import { type Address, AddressError, readAddress } from "../app/target/address.ts";
import { deploymentAt } from "../app/target/deployment-at.ts";
import { NetworkError, networkTo } from "../app/target/network.ts";
import { isToken } from "../app/target/token.ts";
import type { Target } from "../protocol/target.ts";
import { CliError, EXIT } from "./exit.ts";

export interface TargetFlags {
  url?: string | undefined;
  token?: string | undefined;
}

/** The deployment from flags and environment. Throws CliError (usage). */
export async function targetOf(flags: TargetFlags, env: NodeJS.ProcessEnv = process.env): Promise<Target> {
  const typed = flags.url ?? env.CODER_URL;
  if (!typed) {
    throw new CliError(
      "which deployment? pass --url (or set CODER_URL), or --sandbox to try without one",
      EXIT.usage,
    );
  }
  const address = addressOf(typed, flags.url === undefined ? "CODER_URL" : "--url");
  const token = flags.token ?? env.CODER_SESSION_TOKEN;
  if (!token) {
    const { origin } = address;
    throw new CliError(
      `no token for ${origin}: pass --token or set CODER_SESSION_TOKEN; ${origin}/cli-auth makes one`,
      EXIT.usage,
    );
  }
  const checked = checkedToken(token);
  const network = await asUsage(networkTo(address.origin, { env }));
  return { url: await deploymentAt(address, network), token: checked, network };
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
    if (error instanceof NetworkError) throw new CliError(error.message, EXIT.usage);
    throw error;
  }
}
