import type { Agent, Workspace } from "../../coder/schemas.ts";
import { Refusal } from "../../contract/failures.ts";
import { english, type Message, say, sayAll } from "../../text/message.ts";
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
  warn: (what: Message) => void,
): Target[] {
  const targets: Target[] = [];
  /** By what they lack, in English. */
  const lacking = new Map<string, { lacks: Message; names: string[] }>();
  for (const workspace of workspaces) {
    const agent = agentOf(workspace, wanted.agent);
    const lacks = agent ? lackOf(wanted, { workspace, agent }) : agentLack(wanted, workspace);
    if (agent && lacks === undefined) targets.push({ workspace, agent });
    else if (lacks !== undefined) {
      const known = lacking.get(english(lacks)) ?? { lacks, names: [] };
      known.names.push(workspace.name);
      lacking.set(english(lacks), known);
    }
  }
  if (lacking.size === 0) return targets;
  const reasons = sayAll(
    [...lacking.values()].map(({ lacks, names: [first = "", ...more] }) =>
      more.length > 0
        ? say("{0} in {1} and {2} more", lacks, first, more.length)
        : say("{0} in {1}", lacks, first),
    ),
    ", ",
  );
  if (targets.length === 0) throw new Refusal(say("no workspace can be used: {0}", reasons));
  const missing = workspaces.length - targets.length;
  warn(say("{0} of {1} workspaces are left out: {2}", missing, workspaces.length, reasons));
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

function agentLack({ agent: name }: Wanted, { latest_build: { resources } }: Workspace): Message {
  const there = resources.flatMap(({ agents }) => agents).map((one) => one.name);
  return name ? say('no agent "{0}" (there is {1})', name, there.join(", ") || say("none")) : say("no agent");
}

/** Terminals and SSH need something that echoes; an app is reached as it is. */
function lackOf({ app }: Wanted, target: Target): Message | undefined {
  if (app === undefined)
    return hasPosixShell(target.agent) ? undefined : say("Windows, which has no sh to echo by,");
  if (appOf(app, target)) return undefined;
  return say('no app "{0}" (there is {1})', app, appsOf(target).join(", ") || say("none"));
}
