import type { Access, Address, TlsOptions } from "../network.ts";
import type { DerpMap, DerpNode, DerpRegion } from "../proto/messages.ts";

/** Where a region's relay is, and with which headers it is asked. */
export type RelayAddress = Omit<Address, "protocol">;

/**
 * Addresses of a region's relays. The embedded relay is where the user reaches the deployment itself, not
 * where the server believes it is (docs/tailnet.md, Relays).
 */
export function relayAddresses(region: DerpRegion, access: Access): RelayAddress[] {
  if (region.embeddedRelay) return [gated(`${access.url}/derp`, access.tls, access)];
  const nodes = region.nodes.filter((node) => !node.stunOnly && node.host !== "");
  if (isOfProxy(region)) return nodes.map((node) => gated(nodeUrl(node), elsewhere(access.tls), access));
  const tls = access.tls?.ca ? { ca: access.tls.ca } : undefined;
  return nodes.map((node) => ({ url: nodeUrl(node), headers: {}, tls }));
}

/**
 * Relays of workspace proxies are the deployment's own: their regions are `coder_` and the proxy's name
 * (docs/tailnet.md, Relays).
 */
function isOfProxy({ code }: DerpRegion): boolean {
  return code.startsWith("coder_");
}

/** Behind what the deployment is behind. */
function gated(url: string, tls: TlsOptions | undefined, access: Access): RelayAddress {
  return {
    url,
    get headers() {
      return access.headers;
    },
    tls,
  };
}

/** The same certificates for another host, which has a name of its own. */
function elsewhere(tls: TlsOptions | undefined): TlsOptions | undefined {
  if (!tls) return undefined;
  const { servername: _deployment, ...others } = tls;
  return others;
}

function nodeUrl(node: DerpNode): string {
  const scheme = node.forceHttp ? "http" : "https";
  const port = node.port > 0 ? node.port : node.forceHttp ? 80 : 443;
  const host = node.host.includes(":") ? `[${node.host}]` : node.host;
  return `${scheme}://${host}:${port}/derp`;
}

/** Regions that can relay for us, the ones to be avoided last. */
export function usableRegions(map: DerpMap, access: Access): DerpRegion[] {
  return [...map.values()]
    .filter((region) => region.id > 0 && relayAddresses(region, access).length > 0)
    .sort((a, b) => Number(a.avoid) - Number(b.avoid) || a.id - b.id);
}
