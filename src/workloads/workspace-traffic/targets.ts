import * as z from "zod";
import type { User, Workspace } from "../../coder/schemas.ts";
import { Refusal } from "../../contract/failures.ts";
import type { PrepareContext } from "../../contract/prepare.ts";
import { type Message, say } from "../../text/message.ts";
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
      say(
        "{0} of {1} workspaces are not running and are left out",
        found.length - running.length,
        found.length,
      ),
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
    config.app
      ? say(
          "{0} workspaces belong to others and are left out: this deployment opens their apps to them only",
          all.length - mine.length,
        )
      : say(
          "{0} workspaces belong to others and are left out: this deployment opens their terminals to them only",
          all.length - mine.length,
        ),
  );
  return mine;
}

function noneNamed({ targetWorkspaces = "" }: TrafficConfig, all: number): Message {
  return say("--target-workspaces {0} names none of the {1} workspaces", targetWorkspaces, all);
}

function nothingFound(config: TrafficConfig, found: number, reachable: number): Message {
  const { template } = config;
  if (reachable > 0) return noneNamed(config, reachable);
  if (found > 0)
    return template
      ? say(
          'none of the {0} scaletest- workspaces of template "{1}" can be used: they are not running, or not yours',
          found,
          template,
        )
      : say("none of the {0} scaletest- workspaces can be used: they are not running, or not yours", found);
  const how = "coder-scaletest create-workspaces --no-cleanup";
  return template
    ? say('no scaletest- workspaces of template "{0}"; make some with: {1}', template, how)
    : say("no scaletest- workspaces; make some with: {0}", how);
}
