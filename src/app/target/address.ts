import { isLoopback } from "../../coder/network.ts";
import { say } from "../../text/message.ts";
import { SaidError } from "../../text/said-error.ts";

/** What was typed cannot be the address of a deployment; the message begins with what was typed, in quotes. */
export class AddressError extends SaidError {
  override readonly name = "AddressError";
}

/** An address as it was typed. */
export interface Address {
  /** Scheme, host and port. */
  origin: string;
  /** What was typed behind it, without query and without a slash at the end: `/workspaces`; empty for none. */
  path: string;
}

/**
 * Reads an address as people paste it. Without a scheme, names of this machine are http and all others https.
 * Throws AddressError.
 */
export function readAddress(typed: string): Address {
  const text = typed.trim();
  const named = /^([a-z][a-z0-9+.-]*):\/\//i.exec(text)?.[1];
  const url = urlOf(named === undefined ? `https://${text}` : text);
  if (!url)
    throw new AddressError(say('"{0}" is not a URL; write it like {1}', text, "https://coder.example.com"));
  if (url.protocol !== "https:" && url.protocol !== "http:")
    throw new AddressError(say('"{0}" must begin with {1} or {2}', text, "https://", "http://"));
  if (url.username !== "" || url.password !== "")
    throw new AddressError(say('"{0}" must not have a user name or password before it', url.host));
  // Port 443 is TLS wherever it is; `https://` has made it disappear.
  const isPlain = named === undefined && isThisMachine(url.hostname) && !/:443(\/|$)/.test(text);
  if (isPlain) url.protocol = "http:";
  return { origin: url.origin, path: url.pathname.replace(/\/+$/, "") };
}

function urlOf(text: string): URL | undefined {
  // A blank in a host is percent-encoded by some schemes and refused by others.
  if (/\s/.test(text) || !URL.canParse(text)) return undefined;
  const url = new URL(text);
  return url.hostname === "" ? undefined : url;
}

function isThisMachine(hostname: string): boolean {
  return isLoopback(hostname) || hostname === "0.0.0.0" || hostname.endsWith(".localhost");
}
