import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { headerOf, headersOfCommand } from "../../coder/header-command.ts";
import { environmentProxy, isLoopback, proxyUrl, usableNetwork } from "../../coder/network.ts";
import { csvFields } from "../../protocol/csv-fields.ts";
import type { Network } from "../../protocol/target.ts";
import { type Message, say } from "../../text/message.ts";
import { SaidError, saidOf } from "../../text/said-error.ts";
import { systemCertificates } from "./certificates.ts";

export type Environment = Readonly<Record<string, string | undefined>>;

/** The way to a deployment cannot be told; one line that names the variable or setting. */
export class NetworkError extends SaidError {
  override readonly name = "NetworkError";
}

/** What an editor's settings say about the network; each wins over the variable of the same meaning. */
export interface NetworkSettings {
  /** VS Code's `http.proxy`, `http.noProxy` and `http.proxySupport`. */
  http?: {
    proxy?: string | undefined;
    noProxy?: readonly string[] | undefined;
    proxySupport?: string | undefined;
  };
  /** Settings of Coder's own extension; empty where they are not set. Paths may begin with `~` or `${userHome}`. */
  coder?: {
    tlsCertFile: string;
    tlsKeyFile: string;
    tlsCaFile: string;
    tlsAltHost: string;
    headerCommand: string;
  };
}

export interface NetworkSources {
  env: Environment;
  settings?: NetworkSettings;
  /** The system's own; by default as this Node reads them. */
  certificates?: () => readonly string[];
  readText?: (path: string) => Promise<string>;
}

/**
 * How a deployment is reached from here: proxy, certificates, headers. Checking the server's certificate cannot be
 * switched off. Rejects with NetworkError.
 */
export async function networkTo(url: string, sources: NetworkSources): Promise<Network> {
  try {
    const network: Network = {
      ...proxyOf(url, sources),
      ...(url.startsWith("https:") ? await tlsOf(sources) : {}),
      ...(await headersTo(url, sources)),
    };
    return usableNetwork(network, url);
  } catch (error) {
    throw new NetworkError(saidOf(error), { cause: error });
  }
}

/** Addresses on this machine never go through a proxy, as with Go's tools and VS Code itself. */
function proxyOf(url: string, { env, settings }: NetworkSources): Pick<Network, "proxy" | "noProxy"> {
  const { proxy, noProxy: exempt, proxySupport } = settings?.http ?? {};
  if (proxySupport === "off") return {};
  const noProxy = exempt?.length ? exempt.join(",") : env.NO_PROXY || env.no_proxy;
  if (!proxy) return environmentProxy(url, { ...env, NO_PROXY: noProxy });
  const isBypassed = isLoopback(new URL(url).hostname);
  return {
    ...(isBypassed ? {} : { proxy: proxyUrl(proxy, say("the setting {0}", "http.proxy")) }),
    ...(noProxy ? { noProxy } : {}),
  };
}

/** A file that somebody names, and by what. */
interface NamedFile {
  named: string;
  file: string;
}

async function tlsOf(sources: NetworkSources): Promise<Network> {
  const { env, settings, certificates = systemCertificates } = sources;
  const network: Network = {};
  const trusted = [
    fileOf("NODE_EXTRA_CA_CERTS", env.NODE_EXTRA_CA_CERTS) ?? fileOf("SSL_CERT_FILE", env.SSL_CERT_FILE),
    fileOf("coder.tlsCaFile", settings?.coder?.tlsCaFile),
  ].filter((one) => one !== undefined);
  const own = await Promise.all(trusted.map((one) => textOf(one, say("the certificates"), sources)));
  const ca = [...certificates(), ...own];
  if (ca.length > 0) network.ca = ca;
  const pair = clientPair(sources);
  if (pair) {
    const [cert, key] = await Promise.all(
      pair.map((one) => textOf(one, say("the client certificate"), sources)),
    );
    network.clientCertificate = { cert: cert ?? "", key: key ?? "" };
  }
  if (settings?.coder?.tlsAltHost) network.serverName = settings.coder.tlsAltHost;
  return network;
}

function fileOf(named: string, file: string | undefined): NamedFile | undefined {
  return file ? { named, file: expandPath(file) } : undefined;
}

function clientPair({ env, settings }: NetworkSources): [NamedFile, NamedFile] | undefined {
  const { tlsCertFile, tlsKeyFile } = settings?.coder ?? {};
  return (
    pairOf(fileOf("coder.tlsCertFile", tlsCertFile), fileOf("coder.tlsKeyFile", tlsKeyFile), [
      "coder.tlsCertFile",
      "coder.tlsKeyFile",
    ]) ??
    pairOf(
      fileOf("CODER_SCALETEST_TLS_CERT_FILE", env.CODER_SCALETEST_TLS_CERT_FILE),
      fileOf("CODER_SCALETEST_TLS_KEY_FILE", env.CODER_SCALETEST_TLS_KEY_FILE),
      ["CODER_SCALETEST_TLS_CERT_FILE", "CODER_SCALETEST_TLS_KEY_FILE"],
    )
  );
}

function pairOf(
  cert: NamedFile | undefined,
  key: NamedFile | undefined,
  names: readonly [string, string],
): [NamedFile, NamedFile] | undefined {
  if (!cert && !key) return undefined;
  if (!cert || !key) throw new SaidError(say("{0} and {1} go together", names[0], names[1]));
  return [cert, key];
}

async function textOf(
  { named, file }: NamedFile,
  what: Message,
  { readText }: NetworkSources,
): Promise<string> {
  try {
    return await (readText ?? ((path: string) => readFile(path, "utf8")))(file);
  } catch (error) {
    throw new SaidError(
      say("{0} in {1} cannot be read ({2}): {3} names this file", what, file, saidOf(error), named),
    );
  }
}

function expandPath(path: string): string {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: the setting's own spelling
  return path.replace(/^~(?=\/|\\|$)/, homedir()).replaceAll("${userHome}", homedir());
}

/**
 * Headers by the variables of Coder's own command: CODER_HEADER (NAME=VALUE, separated by commas) and
 * CODER_HEADER_COMMAND, or the setting in its place. The command goes with them, to be run again.
 */
async function headersTo(
  url: string,
  { env, settings }: NetworkSources,
): Promise<Pick<Network, "headers" | "headerCommand">> {
  const fixed = Object.fromEntries(csvFields(env.CODER_HEADER ?? "").map(headerOf));
  const command = settings?.coder?.headerCommand || env.CODER_HEADER_COMMAND;
  const headers = { ...fixed, ...(command ? await headersOfCommand(command, url, env) : {}) };
  return {
    ...(Object.keys(headers).length > 0 ? { headers } : {}),
    ...(command ? { headerCommand: { command, fixed } } : {}),
  };
}
