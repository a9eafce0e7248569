import * as z from "zod";
import type { Agent, User, Workspace } from "../coder/schemas.ts";
import { Refusal } from "../contract/failures.ts";
import type { PrepareContext } from "../contract/prepare.ts";
import type { Untouched } from "../protocol/left.ts";
import { english, type Message, say, sayAll } from "../text/message.ts";
import { type Choice, parseRange, partOf, type TargetRange } from "./chosen-fields.ts";
import { namedRuns } from "./leftovers.ts";
import { hasPosixShell } from "./posix-shell.ts";
import { findTemplate } from "./preflight/find-template.ts";
import { findScaletestWorkspaces, isRunning } from "./scaletest-workspaces.ts";

/** A workspace that is used, and the agent in it. */
export interface Target {
  workspace: Workspace;
  agent: Agent;
}

export type Seeker = Pick<PrepareContext, "client" | "signal" | "warn"> & {
  /** Says which workspaces no other run uses; absent: all. */
  free?: (all: Workspace[]) => Promise<Workspace[]>;
};

/**
 * Which workspaces are meant: those of the run that is named; else those that this very run has made;
 * else those of the pool that is named, or any.
 */
export function meantBy(
  { run, pool }: Choice,
  { ledger, runId }: Pick<PrepareContext, "ledger" | "runId">,
): Pick<Choice, "run" | "pool"> {
  if (run !== undefined) return { run, pool };
  const isOwn = ledger.state.remaining("workspace").length > 0;
  return isOwn ? { run: runId, pool: undefined } : { run: undefined, pool };
}

/**
 * All workspaces of scale tests that a choice may mean, running or not, before its range. A share applies here:
 * shares of steps that run at the same time are of the same list, whatever of it runs at their begin. Throws Refusal
 * where the share has none.
 */
export async function findChosen(
  choice: Choice,
  { client, signal, free = async (all) => all }: Seeker,
): Promise<Workspace[]> {
  const template = choice.template
    ? await findTemplate(client, choice.template, choice.org, signal)
    : undefined;
  const { run, pool } = choice;
  const all = await free(await findScaletestWorkspaces(client, { template, run, pool }, signal));
  const range = rangeOf(choice);
  if (!range?.isShare) return all;
  const part = partOf(all, range);
  if (part.length === 0 && all.length > 0) throw new Refusal(noneNamed(choice, all.length));
  return part;
}

function rangeOf({ targetWorkspaces }: Choice): TargetRange | undefined {
  return targetWorkspaces ? parseRange(targetWorkspaces) : undefined;
}

/** Those of a choice's range. Throws Refusal where there are none; `found` is how many there were before `usable`. */
export function inRange(choice: Choice, usable: readonly Workspace[], found: number): Workspace[] {
  const range = rangeOf(choice);
  const chosen = range && !range.isShare ? partOf(usable, range) : [...usable];
  if (chosen.length === 0) throw new Refusal(nothingFound(choice, found, usable.length));
  return chosen;
}

/** Running workspaces that are reached through their agents. */
export interface Wanted extends Choice {
  useHostLogin: boolean;
  /** The agent's name; by default see agentOf. */
  agent?: string | undefined;
  /** They are reached as apps: those of others are closed to anybody else. */
  app?: string | undefined;
}

/**
 * The workspaces of scale tests that are running: by name or owner, as Coder's own tool finds them (docs/coder-api.md,
 * Coder's own load tool). `lackOf`: what a target lacks to be used. Throws Refusal where there are none.
 */
export async function findTargets(
  wanted: Wanted,
  context: Seeker,
  host: User,
  lackOf: (target: Target) => Message | undefined = lackOfShell,
): Promise<Target[]> {
  const found = await findChosen(wanted, context);
  const running = found.filter(isRunning);
  if (running.length < found.length)
    context.warn(
      say(
        "{0} of {1} workspaces are not running and are left out",
        found.length - running.length,
        found.length,
      ),
    );
  const mine = await reachable(wanted, context, running, host);
  const chosen = inRange(wanted, mine, found.length);
  return usableTargets(wanted.agent, chosen, context.warn, lackOf);
}

const accessConfig = z.looseObject({
  config: z.looseObject({ disable_owner_workspace_exec: z.boolean().default(false) }),
});

/** With the caller's own token, others' workspaces may be closed to it. */
async function reachable(
  { useHostLogin, app }: Wanted,
  { client, signal, warn }: Seeker,
  all: Workspace[],
  host: User,
): Promise<Workspace[]> {
  if (!useHostLogin) return all;
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
  if (!closed && !app) return all;
  warn(
    app
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

function noneNamed({ targetWorkspaces = "" }: Choice, all: number): Message {
  return say("--target-workspaces {0} names none of the {1} workspaces", targetWorkspaces, all);
}

function nothingFound(choice: Choice, found: number, usable: number): Message {
  const { template, pool } = choice;
  if (usable > 0) return noneNamed(choice, usable);
  if (found > 0)
    return template
      ? say(
          'none of the {0} scaletest- workspaces of template "{1}" can be used: they are not running, or not yours',
          found,
          template,
        )
      : say("none of the {0} scaletest- workspaces can be used: they are not running, or not yours", found);
  if (pool !== undefined)
    return say(
      'pool "{0}" has no workspaces; make some with: {1}',
      pool,
      `coder-scaletest prepare workspaces --name ${pool} --template ${template ?? "NAME"} --count N`,
    );
  const how = "coder-scaletest create-workspaces --no-cleanup";
  return template
    ? say('no scaletest- workspaces of template "{0}"; make some with: {1}', template, how)
    : say("no scaletest- workspaces; make some with: {0}", how);
}

/**
 * The workspaces that have what is needed: an agent, the one that is named. The others are left out and warned of: one
 * workspace of another template must not refuse the whole run. Throws Refusal where none is left.
 */
export function usableTargets(
  agentName: string | undefined,
  workspaces: readonly Workspace[],
  warn: (what: Message) => void,
  lackOf: (target: Target) => Message | undefined,
): Target[] {
  const targets: Target[] = [];
  /** By what they lack, in English. */
  const lacking = new Map<string, { lacks: Message; names: string[] }>();
  for (const workspace of workspaces) {
    const agent = agentOf(workspace, agentName);
    const lacks = agent ? lackOf({ workspace, agent }) : agentLack(agentName, workspace);
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

function agentLack(name: string | undefined, { latest_build: { resources } }: Workspace): Message {
  const there = resources.flatMap(({ agents }) => agents).map((one) => one.name);
  return name ? say('no agent "{0}" (there is {1})', name, there.join(", ") || say("none")) : say("no agent");
}

/** Of what runs something in the workspace. */
function lackOfShell({ agent }: Target): Message | undefined {
  return hasPosixShell(agent) ? undefined : say("Windows, which has no sh to run a command,");
}

/** Workspaces that a run uses and leaves as they are; undefined for those that it has made itself. */
export function untouchedBy(
  workspaces: readonly Workspace[],
  run: string | undefined,
  { runId }: Pick<PrepareContext, "runId">,
): Untouched | undefined {
  if (run === runId) return undefined;
  const runs = namedRuns(workspaces.map(({ name }) => name));
  return { workspaces: workspaces.length, users: 0, runs, used: true };
}
