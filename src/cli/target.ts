import { readFileSync } from "node:fs";
import tls from "node:tls";
import { HeaderCommandError, headerOf, headersOfCommand } from "../coder/header-command.ts";
import { environmentProxy, usableNetwork } from "../coder/network.ts";
import type { Network, Target } from "../protocol/target.ts";
import { CliError, EXIT } from "./exit.ts";

export interface TargetFlags {
  url?: string | undefined;
  token?: string | undefined;
}

/** The deployment from flags and environment. Throws CliError (usage). */
export async function targetOf(flags: TargetFlags, env: NodeJS.ProcessEnv = process.env): Promise<Target> {
  const url = flags.url ?? env.CODER_URL;
  if (!url) {
    throw new CliError(
      "which deployment? pass --url (or set CODER_URL), or --sandbox to try without one",
      EXIT.usage,
    );
  }
  const token = flags.token ?? env.CODER_SESSION_TOKEN;
  const origin = parseUrl(url);
  if (!token) {
    throw new CliError(
      `no token for ${origin}: pass --token or set CODER_SESSION_TOKEN; ${origin}/cli-auth makes one`,
      EXIT.usage,
    );
  }
  const network = { ...networkOf(origin, env), ...(await headersOf(origin, env)) };
  return { url: origin, token: checkedToken(token), network: asUsage(() => usableNetwork(network, origin)) };
}

/** Throws CliError where it cannot be a session token. */
export function checkedToken(text: string): string {
  const token = text.trim();
  if (/^[A-Za-z0-9]{10}-[A-Za-z0-9]{22}$/.test(token)) return token;
  throw new CliError("the token is not one of Coder's (10 characters, a dash, 22 characters)", EXIT.usage);
}

/** An address as people write it: the scheme may be missing. Throws CliError. */
export function parseUrl(text: string): string {
  const withScheme = /^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `https://${text}`;
  let url: URL;
  try {
    url = new URL(withScheme);
  } catch {
    throw new CliError(`--url "${text}" is not a URL; write it like https://coder.example.com`, EXIT.usage);
  }
  if (url.protocol !== "https:" && url.protocol !== "http:") {
    throw new CliError(`--url "${text}" must begin with https:// or http://`, EXIT.usage);
  }
  return `${url.origin}${url.pathname.replace(/\/+$/, "")}`;
}

/** What cannot be used of the environment is a mistake in how the command was called. */
function asUsage<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw new CliError((error as Error).message, EXIT.usage);
  }
}

/** Proxy by the usual variables; certificates by NODE_EXTRA_CA_CERTS and the system's. */
function networkOf(url: string, env: NodeJS.ProcessEnv): Network {
  const network: Network = asUsage(() => environmentProxy(url, env));
  if (url.startsWith("https:")) {
    const ca = [...extraCertificates(env), ...systemCertificates()];
    if (ca.length > 0) network.ca = ca;
    const client = clientCertificate(env);
    if (client) network.clientCertificate = client;
  }
  return network;
}

/** The variables of Coder's own command: CODER_HEADER (NAME=VALUE, separated by commas) and CODER_HEADER_COMMAND. */
async function headersOf(url: string, env: NodeJS.ProcessEnv): Promise<Pick<Network, "headers">> {
  try {
    const fixed = (env.CODER_HEADER ?? "").split(",").filter(Boolean).map(headerOf);
    const command = env.CODER_HEADER_COMMAND
      ? await headersOfCommand(env.CODER_HEADER_COMMAND, url, env)
      : {};
    const headers = { ...Object.fromEntries(fixed), ...command };
    return Object.keys(headers).length > 0 ? { headers } : {};
  } catch (error) {
    if (error instanceof HeaderCommandError) throw new CliError(error.message, EXIT.usage);
    throw error;
  }
}

function extraCertificates(env: NodeJS.ProcessEnv): string[] {
  const file = env.NODE_EXTRA_CA_CERTS ?? env.SSL_CERT_FILE;
  if (!file) return [];
  try {
    return [readFileSync(file, "utf8")];
  } catch (error) {
    throw new CliError(
      `the certificates in ${file} cannot be read (${(error as Error).message})`,
      EXIT.usage,
    );
  }
}

function clientCertificate(env: NodeJS.ProcessEnv): Network["clientCertificate"] {
  const [cert, key] = [env.CODER_SCALETEST_TLS_CERT_FILE, env.CODER_SCALETEST_TLS_KEY_FILE];
  if (!cert && !key) return undefined;
  if (!cert || !key) {
    throw new CliError(
      "CODER_SCALETEST_TLS_CERT_FILE and CODER_SCALETEST_TLS_KEY_FILE go together",
      EXIT.usage,
    );
  }
  try {
    return { cert: readFileSync(cert, "utf8"), key: readFileSync(key, "utf8") };
  } catch (error) {
    throw new CliError(`the client certificate cannot be read (${(error as Error).message})`, EXIT.usage);
  }
}

/** Node 22.15 and later know the system's store. */
function systemCertificates(): string[] {
  const get = (tls as { getCACertificates?: (type: string) => string[] }).getCACertificates;
  return get ? get("system") : [];
}
