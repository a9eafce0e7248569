import * as z from "zod";
import type { User, Workspace } from "../../coder/schemas.ts";
import { Refusal } from "../../contract/failures.ts";
import type { PrepareContext } from "../../contract/prepare.ts";
import { findTemplate } from "../preflight/find-template.ts";
import { findScaletestWorkspaces, isRunning } from "../scaletest-workspaces.ts";
import { inRange, parseRange, type TrafficConfig } from "./config.ts";
import type { Target } from "./target.ts";
import { usableTargets } from "./usable.ts";

/**
 * The workspaces of scale tests that are running: by name or owner, as Coder's own tool finds them (docs/coder-api.md,
 * Coder's own load tool). Throws Refusal where there are none.
 */
export async function findTargets(
  config: TrafficConfig,
  context: Pick<PrepareContext, "client" | "signal" | "warn">,
  host: User,
): Promise<Target[]> {
  const { client, signal } = context;
  const template = config.template
    ? await findTemplate(client, config.template, config.org, signal)
    : undefined;
  const all = await findScaletestWorkspaces(client, template, config.run, signal);
  const range = config.targetWorkspaces ? parseRange(config.targetWorkspaces) : undefined;
  // Shares of steps that run at the same time are of the same list, whatever of it runs at their begin.
  const found = range?.isShare ? inRange(all, range) : all;
  const running = found.filter(isRunning);
  if (running.length < found.length)
    context.warn(
      `${found.length - running.length} of ${found.length} workspaces are not running and are left out`,
    );
  const mine = await reachable(config, context, running, host);
  const chosen = range && !range.isShare ? inRange(mine, range) : mine;
  if (found.length === 0 && all.length > 0) throw new Refusal(noneNamed(config, all.length));
  if (chosen.length === 0) throw new Refusal(nothingFound(config, found.length, mine.length));
  return usableTargets(config, chosen, context.warn);
}

const accessConfig = z.looseObject({
  config: z.looseObject({ disable_owner_workspace_exec: z.boolean().default(false) }),
});

/** With the caller's own token, others' workspaces may be closed to it. */
async function reachable(
  config: TrafficConfig,
  { client, signal, warn }: Pick<PrepareContext, "client" | "signal" | "warn">,
  all: Workspace[],
  host: User,
): Promise<Workspace[]> {
  if (!config.useHostLogin) return all;
  const mine = all.filter((one) => one.owner_id === host.id);
  if (mine.length === all.length) return all;
  const path = "/api/v2/deployment/config";
  const closed = await client.transport
    .json(
      { method: "GET", path, route: `GET ${path}`, token: client.token, subject: "run", signal },
      accessConfig,
    )
    .then(
      (answer) => answer.config.disable_owner_workspace_exec,
      () => false,
    );
  if (!closed && !config.app) return all;
  warn(
    `${all.length - mine.length} workspaces belong to others and are left out: this deployment opens their ${config.app ? "apps" : "terminals"} to them only`,
  );
  return mine;
}

function noneNamed({ targetWorkspaces }: TrafficConfig, all: number): string {
  return `--target-workspaces ${targetWorkspaces} names none of the ${all} workspaces`;
}

function nothingFound(config: TrafficConfig, found: number, reachable: number): string {
  const of = config.template ? ` of template "${config.template}"` : "";
  if (reachable > 0) return noneNamed(config, reachable);
  if (found > 0)
    return `none of the ${found} scaletest- workspaces${of} can be used: they are not running, or not yours`;
  return `no scaletest- workspaces${of}; make some with: coder-scaletest create-workspaces --no-cleanup`;
}
