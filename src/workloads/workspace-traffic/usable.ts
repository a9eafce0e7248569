import type { Agent, Workspace } from "../../coder/schemas.ts";
import { Refusal } from "../../contract/failures.ts";
import { hasPosixShell } from "../posix-shell.ts";
import { appOf, appsOf } from "./addresses.ts";
import type { TrafficConfig } from "./config.ts";
import type { Target } from "./target.ts";

type Wanted = Pick<TrafficConfig, "agent" | "app">;

/**
 * The workspaces that have what traffic needs: an agent, the one that is named, the app. The others are left out and
 * warned of: one workspace of another template must not refuse the whole run. Throws Refusal where none is left.
 */
export function usableTargets(
  wanted: Wanted,
  workspaces: readonly Workspace[],
  warn: (text: string) => void,
): Target[] {
  const targets: Target[] = [];
  const lacking = new Map<string, string[]>();
  for (const workspace of workspaces) {
    const agent = agentOf(workspace, wanted.agent);
    const lacks = agent ? lackOf(wanted, { workspace, agent }) : agentLack(wanted, workspace);
    if (agent && lacks === undefined) targets.push({ workspace, agent });
    else if (lacks !== undefined) lacking.set(lacks, [...(lacking.get(lacks) ?? []), workspace.name]);
  }
  if (lacking.size === 0) return targets;
  const reasons = [...lacking]
    .map(
      ([lacks, [first, ...more]]) =>
        `${lacks} in ${first}${more.length > 0 ? ` and ${more.length} more` : ""}`,
    )
    .join(", ");
  if (targets.length === 0) throw new Refusal(`no workspace can be used: ${reasons}`);
  warn(`${workspaces.length - targets.length} of ${workspaces.length} workspaces are left out: ${reasons}`);
  return targets;
}

/**
 * The one named, else the first of the last resource that has any, as Coder's own tool takes it. Agents of dev
 * containers are an agent's own, and have to be named.
 */
function agentOf({ latest_build: { resources } }: Workspace, name: string | undefined): Agent | undefined {
  if (name) return resources.flatMap(({ agents }) => agents).find((one) => one.name === name);
  return resources
    .map(({ agents }) => agents.filter((agent) => !agent.parent_id))
    .findLast((all) => all.length > 0)?.[0];
}

function agentLack({ agent: name }: Wanted, { latest_build: { resources } }: Workspace): string {
  const there = resources.flatMap(({ agents }) => agents).map((one) => one.name);
  return name ? `no agent "${name}" (there is ${there.join(", ") || "none"})` : "no agent";
}

/** Terminals and SSH need something that echoes; an app is reached as it is. */
function lackOf({ app }: Wanted, target: Target): string | undefined {
  if (app === undefined)
    return hasPosixShell(target.agent) ? undefined : "Windows, which has no sh to echo by,";
  if (appOf(app, target)) return undefined;
  return `no app "${app}" (there is ${appsOf(target).join(", ") || "none"})`;
}
