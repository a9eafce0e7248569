import { environmentProxy, proxyUrl } from "../../coder/network.ts";
import type { Network } from "../../protocol/target.ts";

export interface NetworkSources {
  /** VS Code's `http.proxy`, `http.noProxy` and `http.proxySupport`. */
  settings: {
    proxy?: string | undefined;
    noProxy?: readonly string[] | undefined;
    proxySupport?: string | undefined;
  };
  env: Readonly<Record<string, string | undefined>>;
  /** PEM certificates: the system's, and those of NODE_EXTRA_CA_CERTS. */
  certificates: readonly string[];
  /** What the settings of Coder's own extension come to. */
  coder?: Network;
}

/**
 * How a deployment is reached from here: the editor's proxy setting, else the environment's; the certificates
 * that this machine trusts. (The built-in ones are trusted in any case; checking cannot be switched off.)
 * Throws an Error with one line that names the setting or variable that cannot be used.
 */
export function resolveNetwork(url: string, { settings, env, certificates, coder }: NetworkSources): Network {
  const network: Network = { ...coder };
  if (settings.proxySupport !== "off") Object.assign(network, proxyOf(url, settings, env));
  const trusted = [...certificates, ...(coder?.ca ?? [])];
  if (trusted.length > 0) network.ca = trusted;
  return network;
}

function proxyOf(
  url: string,
  settings: NetworkSources["settings"],
  env: NetworkSources["env"],
): Pick<Network, "proxy" | "noProxy"> {
  const noProxy = settings.noProxy?.length ? settings.noProxy.join(",") : env.NO_PROXY || env.no_proxy;
  if (!settings.proxy) return environmentProxy(url, { ...env, NO_PROXY: noProxy });
  return { proxy: proxyUrl(settings.proxy, "the setting http.proxy"), ...(noProxy ? { noProxy } : {}) };
}

/** Splits a bundle of PEM certificates; what is not one is dropped. */
export function splitPem(bundle: string): string[] {
  return bundle.match(/-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g) ?? [];
}
