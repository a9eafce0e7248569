import type { Network } from "../protocol/target.ts";
import { type Message, say } from "../text/message.ts";
import { SaidError } from "../text/said-error.ts";
import { tlsProblem } from "./tls.ts";

/** Names and addresses of this machine, as Go's tools understand them where they choose a proxy. */
export function isLoopback(hostname: string): boolean {
  const host = hostname.toLowerCase().replace(/\.$/, "");
  return (
    host === "localhost" ||
    /^127\.\d+\.\d+\.\d+$/.test(host) ||
    host === "[::1]" ||
    // ::ffff:127.0.0.1, as URLs write it.
    /^\[::ffff:7f[0-9a-f]{2}:[0-9a-f]{1,4}\]$/.test(host)
  );
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The proxy that the environment names for a deployment, by its scheme, in either case, as curl and Coder's own tools
 * read it; an empty variable counts as none, and none takes what is on this machine. Throws an Error with one line that names the variable.
 */
export function environmentProxy(url: string, env: Environment): Pick<Network, "proxy" | "noProxy"> {
  const scheme = url.startsWith("https:") ? "HTTPS_PROXY" : "HTTP_PROXY";
  const name = [scheme, scheme.toLowerCase(), "ALL_PROXY", "all_proxy"].find((one) => env[one]);
  const noProxy = env.NO_PROXY || env.no_proxy;
  const network: Pick<Network, "proxy" | "noProxy"> = {};
  if (noProxy) network.noProxy = noProxy;
  const { hostname } = new URL(url);
  if (name !== undefined && !isLoopback(hostname) && !bypasses(hostname, noProxy ?? ""))
    network.proxy = proxyUrl(env[name] ?? "", name);
  return network;
}

/**
 * A proxy's address as connections take it. Without a scheme it is an HTTP proxy, as for curl and for Go's httpproxy,
 * which Coder's own tools use. Throws an Error with one line that begins with `named`: the variable or setting.
 */
export function proxyUrl(text: string, named: string | Message): string {
  const withScheme = /^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `http://${text}`;
  const url = URL.canParse(withScheme) ? new URL(withScheme) : undefined;
  if (url && /^socks/i.test(url.protocol))
    throw new SaidError(say("{0} names a SOCKS proxy, which is not supported; name an HTTP proxy", named));
  if (!url?.hostname || (url.protocol !== "http:" && url.protocol !== "https:"))
    throw new SaidError(
      say(
        "{0} is not the address of a proxy; write it like http://proxy.example.com:3128, or leave it empty",
        named,
      ),
    );
  const credentials = url.username ? `${url.username}:${url.password}@` : "";
  return `${url.protocol}//${credentials}${url.host}`;
}

/**
 * The way to a deployment, in the form that connections take it. Throws an Error with one line where it cannot be
 * used: a connection would throw later, in the middle of something.
 */
export function usableNetwork(network: Network, url: string): Network {
  const unsendable = Object.entries(network.headers ?? {}).find(([name, value]) => !isHeader(name, value));
  if (unsendable) throw new SaidError(say('the header "{0}" cannot be sent', unsendable[0].slice(0, 40)));
  const problem = tlsProblem(network, url);
  if (problem) throw new SaidError(problem);
  return network.proxy ? { ...network, proxy: proxyUrl(network.proxy, say("the proxy")) } : network;
}

/** `NO_PROXY`: exact names, `.suffix` or `*.suffix`, `*` for all. */
export function bypasses(host: string, noProxy: string): boolean {
  return noProxy
    .split(/[\s,]+/)
    .filter(Boolean)
    .some((entry) => {
      const name = entry
        .replace(/:\d+$/, "")
        .replace(/^\*?\./, ".")
        .toLowerCase();
      if (name === "*") return true;
      return name.startsWith(".") ? host.endsWith(name) || host === name.slice(1) : host === name;
    });
}

/** Whether HTTP can carry it (RFC 9110 §5.1, §5.5). */
export function isHeader(name: string, value: string): boolean {
  return /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(name) && !/[^\t\u0020-\u007e\u0080-\u00ff]/.test(value);
}
