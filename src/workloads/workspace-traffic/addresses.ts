import { randomUUID } from "node:crypto";
import * as z from "zod";
import type { CoderClient } from "../../coder/client.ts";
import { isFailure } from "../../coder/errors.ts";
import { appHostSchema } from "../../coder/schemas.ts";
import { USER_AGENT } from "../../coder/transport.ts";
import { JobFailure, Refusal } from "../workload.ts";
import type { TrafficConfig } from "./config.ts";
import type { Address } from "./shard/messages.ts";
import type { Target } from "./targets.ts";

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
const RAW_ECHO = "stty raw -echo isig && printf scaletest-ready && exec cat";
/** GNU screen would mix its own sequences in. */
const BACKEND = "buffered";
const SIGNED_TOKEN = "coder_signed_app_token_23db1dde";

export interface AddressBook {
  config: TrafficConfig;
  bytes: number;
  /** As `appHost` says. */
  appHost: string;
}

/** The address of one more connection to a workspace, as the token's user. Throws JobFailure or CoderError. */
export async function addressOf(
  book: AddressBook,
  target: Target,
  user: CoderClient,
  signal: AbortSignal,
): Promise<Address> {
  const { config } = book;
  const { workspace, agent } = target;
  if (config.ssh) {
    const { owner_name: owner, name } = workspace;
    return {
      kind: "ssh",
      target: { owner, workspace: name, agent: agent.name, agentId: agent.id, token: user.token },
    };
  }
  return config.app
    ? appAddress(book, config.app, target, user)
    : terminalAddress(book, target, user, signal);
}

async function terminalAddress(
  { config, bytes }: AddressBook,
  { agent }: Target,
  user: CoderClient,
  signal: AbortSignal,
): Promise<Address> {
  const command = config.echo === "raw" ? RAW_ECHO : `dd if=/dev/stdin of=/dev/null bs=${bytes} status=none`;
  const base = config.workspaceProxyUrl ?? user.transport.url;
  const url = new URL(`${base.replace(/\/+$/, "")}/api/v2/workspaceagents/${agent.id}/pty`);
  const headers: Record<string, string> = { "User-Agent": USER_AGENT };
  if (config.workspaceProxyUrl)
    url.searchParams.set(SIGNED_TOKEN, await signedToken(user, url, agent.id, signal));
  else headers["Coder-Session-Token"] = user.token;
  const query = { reconnect: randomUUID(), width: "80", height: "25", backend_type: BACKEND, command };
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
  return { kind: "pty", url: url.href, headers };
}

/** A proxy does not know the deployment's tokens: the deployment signs one for this terminal (fact sheet §6). */
async function signedToken(
  user: CoderClient,
  url: URL,
  agentId: string,
  signal: AbortSignal,
): Promise<string> {
  const path = "/api/v2/applications/reconnecting-pty-signed-token";
  try {
    const answer = await user.transport.json(
      {
        method: "POST",
        path,
        route: `POST ${path}`,
        token: user.token,
        subject: user.subject,
        signal,
        body: { url: url.href.replace(/^http/, "ws"), agentID: agentId },
      },
      z.looseObject({ signed_token: z.string() }),
    );
    return answer.signed_token;
  } catch (error) {
    if (!isFailure(error, "not_found")) throw error;
    throw new JobFailure("no_proxies", "this deployment has no workspace proxies (--workspace-proxy-url)");
  }
}

const appsSchema = z.array(
  z.looseObject({
    slug: z.string(),
    subdomain: z.boolean().default(false),
    subdomain_name: z.string().nullish(),
    external: z.boolean().default(false),
  }),
);

function appAddress(
  { config, appHost: host }: AddressBook,
  slug: string,
  target: Target,
  user: CoderClient,
): Address {
  const { workspace, agent } = target;
  const app = findApp(slug, target);
  const base = (config.workspaceProxyUrl ?? user.transport.url).replace(/\/+$/, "");
  const url =
    app.subdomain && app.subdomain_name
      ? `${new URL(base).protocol}//${host.replace("*", app.subdomain_name)}/`
      : `${base}/@${workspace.owner_name}/${workspace.name}.${agent.name}/apps/${slug}/`;
  // The cookie: any header would be passed on into the workspace (fact sheet §8).
  return {
    kind: "app",
    url,
    headers: { "User-Agent": USER_AGENT, Cookie: `coder_session_token=${user.token}` },
  };
}

/** Throws Refusal where the agent has no such app. */
export function findApp(slug: string, { workspace, agent }: Target): z.output<typeof appsSchema>[number] {
  const apps = appsSchema.catch([]).parse(agent.apps);
  const app = apps.find((one) => one.slug === slug && !one.external);
  if (app) return app;
  const there = apps.filter((one) => !one.external).map((one) => one.slug);
  throw new Refusal(
    `workspace "${workspace.name}" has no app "${slug}"; it has ${there.length > 0 ? there.join(", ") : "none"}`,
  );
}
