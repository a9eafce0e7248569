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
 */
export function resolveNetwork(url: string, { settings, env, certificates, coder }: NetworkSources): Network {
  const network: Network = { ...coder };
  const proxy = settings.proxySupport === "off" ? undefined : settings.proxy || environmentProxy(url, env);
  if (proxy) {
    network.proxy = /^[a-z]+:\/\//i.test(proxy) ? proxy : `http://${proxy}`;
    const noProxy = settings.noProxy?.length ? settings.noProxy.join(",") : (env.NO_PROXY ?? env.no_proxy);
    if (noProxy) network.noProxy = noProxy;
  }
  const trusted = [...certificates, ...(coder?.ca ?? [])];
  if (trusted.length > 0) network.ca = trusted;
  return network;
}

/** By the deployment's scheme; lower case counts too, as everywhere. */
function environmentProxy(url: string, env: NetworkSources["env"]): string | undefined {
  const secure = env.HTTPS_PROXY ?? env.https_proxy;
  const plain = env.HTTP_PROXY ?? env.http_proxy;
  return (url.startsWith("https:") ? secure : plain) || env.ALL_PROXY || env.all_proxy || undefined;
}

/** Splits a bundle of PEM certificates; what is not one is dropped. */
export function splitPem(bundle: string): string[] {
  return bundle.match(/-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g) ?? [];
}
