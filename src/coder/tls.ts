import tls from "node:tls";
import type { Network } from "../protocol/target.ts";
import { type Message, say } from "../text/message.ts";
import { saidOf } from "../text/said-error.ts";

/** What TLS connections to the deployment are made with; checking the server's certificate is never off. */
export interface TlsOptions {
  ca?: string[];
  cert?: string;
  key?: string;
  servername?: string;
  /**
   * Made once of the above for a deployment that is reached by TLS: a store of all trusted certificates takes
   * megabytes, and without this every connection has one of its own.
   */
  secureContext?: tls.SecureContext;
}

/** Own certificates are trusted in addition to the built-in ones. Throws where one cannot be read. */
export function tlsOptions(network: Network, url: string): TlsOptions {
  const options: TlsOptions = {};
  if (network.ca && network.ca.length > 0) options.ca = [...tls.rootCertificates, ...network.ca];
  if (network.clientCertificate) {
    options.cert = network.clientCertificate.cert;
    options.key = network.clientCertificate.key;
  }
  if (network.serverName) options.servername = network.serverName;
  if (url.startsWith("https:")) {
    const { ca, cert, key } = options;
    options.secureContext = tls.createSecureContext({ ca, cert, key });
  }
  return options;
}

/** What is wrong with the certificates, in one line; undefined where they can be used. */
export function tlsProblem(network: Network, url: string): Message | undefined {
  const { clientCertificate: _client, ...trusted } = network;
  return (
    problemOf(trusted, url, say("the certificates to trust cannot be used")) ??
    problemOf(network, url, say("the client certificate cannot be used"))
  );
}

function problemOf(network: Network, url: string, sentence: Message): Message | undefined {
  try {
    tlsOptions(network, url);
    return undefined;
  } catch (error) {
    return say("{0} ({1})", sentence, saidOf(error));
  }
}

/** For a connection that is not HTTP: own certificates beside the built-in ones, and the server's is always checked. */
export function withCertificates<T extends { ca?: unknown }>(
  own: T,
  ca: readonly string[] = [],
): T & { ca?: string[]; rejectUnauthorized: true } {
  const named = [own.ca].flat().filter((one) => typeof one === "string");
  const all = named.length > 0 ? named : ca.length > 0 ? [...tls.rootCertificates, ...ca] : undefined;
  return { ...own, ...(all ? { ca: all } : {}), rejectUnauthorized: true };
}
