import { randomUUID } from "node:crypto";
import * as z from "zod";
import type { CoderClient } from "../../coder/client.ts";
import { isSameOrigin } from "../../coder/origin.ts";
import { ownApps } from "../../coder/own-apps.ts";
import { type App, appHostSchema } from "../../coder/schemas.ts";
import { Refusal } from "../../contract/failures.ts";
import { say } from "../../text/message.ts";
import { posixScript } from "../posix-shell.ts";
import type { Target } from "../targets.ts";
import type { TrafficConfig } from "./config.ts";
import type { Address } from "./probe/setup.ts";

const regionsSchema = z.looseObject({
  regions: z.array(z.looseObject({ path_app_url: z.string(), wildcard_hostname: z.string().default("") })),
});

/**
 * The wildcard host of a workspace proxy. A proxy of another deployment would send all traffic elsewhere.
 * Throws Refusal where the deployment has no proxy at this address.
 */
export async function proxyAppHost(
  client: CoderClient,
  proxyUrl: string,
  signal: AbortSignal,
): Promise<string> {
  const path = "/api/v2/regions";
  const { token, subject } = client;
  const call = { method: "GET", path, route: `GET ${path}`, token, subject, signal } as const;
  const { regions } = await client.transport.json(call, regionsSchema);
  const proxies = regions.filter((region) => !isSameOrigin(region.path_app_url, client.transport.url));
  const proxy = regions.find((region) => isSameOrigin(region.path_app_url, proxyUrl));
  if (proxy) return proxy.wildcard_hostname;
  const there = proxies.map((region) => region.path_app_url).join(", ");
  throw new Refusal(
    there
      ? say("--workspace-proxy-url {0} is no workspace proxy of this deployment; it has {1}", proxyUrl, there)
      : say("this deployment has no workspace proxies ({0})", "--workspace-proxy-url"),
  );
}

/** Where apps are served that have a host name of their own: `*.apps.example.com`, empty where nowhere. */
export async function appHost(client: CoderClient, signal: AbortSignal): Promise<string> {
  const path = "/api/v2/applications/host";
  const call = {
    method: "GET",
    path,
    route: `GET ${path}`,
    token: client.token,
    subject: client.subject,
    signal,
  } as const;
  return (await client.transport.json(call, appHostSchema)).host;
}

/** With interrupts left on, so that ^C ends it; everything else that is typed comes back as it is. */
const RAW_ECHO = posixScript("stty raw -echo isig && printf scaletest-ready && exec cat");
/** GNU screen would mix its own sequences in. */
const BACKEND = "buffered";

export interface AddressBook {
  config: TrafficConfig;
  bytes: number;
  /** As `appHost` says. */
  appHost: string;
}

/** The address of one more connection to a workspace, as the token's user. */
export function addressOf(book: AddressBook, target: Target, user: CoderClient): Address {
  const { config } = book;
  const { workspace, agent } = target;
  if (config.ssh) {
    const { owner_name: owner, name } = workspace;
    return {
      kind: "ssh",
      target: { owner, workspace: name, agent: agent.name, agentId: agent.id, token: user.token },
    };
  }
  return config.app ? appAddress(book, config.app, target, user) : terminalAddress(book, target, user);
}

/**
 * A workspace proxy asks the deployment what the token opens, as it does for Coder's own tool. The tokens that
 * are signed for browsers are good for a minute: too short for a ramp, or for a connection that comes back.
 */
function terminalAddress({ config, bytes }: AddressBook, { agent }: Target, user: CoderClient): Address {
  const command = config.echo === "raw" ? RAW_ECHO : `dd if=/dev/stdin of=/dev/null bs=${bytes} status=none`;
  const base = config.workspaceProxyUrl ?? user.transport.url;
  const url = new URL(`${base.replace(/\/+$/, "")}/api/v2/workspaceagents/${agent.id}/pty`);
  const query = { reconnect: randomUUID(), width: "80", height: "25", backend_type: BACKEND, command };
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
  return { kind: "pty", url: url.href, token: user.token };
}

function appAddress(
  { config, appHost: host }: AddressBook,
  slug: string,
  target: Target,
  user: CoderClient,
): Address {
  const { workspace, agent } = target;
  const app = appOf(slug, target);
  if (!app) throw new Refusal(say('workspace "{0}" has no app "{1}"', workspace.name, slug));
  const base = (config.workspaceProxyUrl ?? user.transport.url).replace(/\/+$/, "");
  const url =
    app.subdomain && app.subdomain_name
      ? `${new URL(base).protocol}//${host.replace("*", app.subdomain_name)}/`
      : `${base}/@${workspace.owner_name}/${workspace.name}.${agent.name}/apps/${slug}/`;
  return { kind: "app", url, token: user.token };
}

/** The agent's app of this name; undefined where it has none that goes through the deployment. */
export function appOf(slug: string, { agent }: Target): App | undefined {
  return ownApps(agent).find((one) => one.slug === slug);
}

/** The names of those that there are. */
export function appsOf({ agent }: Target): string[] {
  return ownApps(agent).map((one) => one.slug);
}
