import { type Dispatcher, EnvHttpProxyAgent } from "undici";
import type { Network } from "../protocol/target.ts";
import type { TlsOptions } from "./tls.ts";

/** Connections by the network policy of the person who started the run; `connections` at most, or as many as are wanted. */
export function dispatcherFor(
  { proxy, noProxy }: Network,
  tls: TlsOptions,
  connections: number | null,
): Dispatcher {
  const connect = { timeout: 15_000, ...tls };
  return new EnvHttpProxyAgent({
    // Empty strings, not absent: the environment is read by whoever starts a run, not here.
    httpProxy: proxy ?? "",
    httpsProxy: proxy ?? "",
    noProxy: noProxy ?? "",
    connect,
    requestTls: connect,
    connections,
    keepAliveTimeout: 30_000,
  });
}
