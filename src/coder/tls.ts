import tls from "node:tls";
import type { Network } from "../protocol/target.ts";

/** What TLS connections to the deployment are made with; checking the server's certificate is never off. */
export interface TlsOptions {
  ca?: string[];
  cert?: string;
  key?: string;
  servername?: string;
}

/** Own certificates are trusted in addition to the built-in ones. */
export function tlsOptions(network: Network): TlsOptions {
  const options: TlsOptions = {};
  if (network.ca && network.ca.length > 0) options.ca = [...tls.rootCertificates, ...network.ca];
  if (network.clientCertificate) {
    options.cert = network.clientCertificate.cert;
    options.key = network.clientCertificate.key;
  }
  if (network.serverName) options.servername = network.serverName;
  return options;
}
