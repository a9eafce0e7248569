import * as z from "zod";
import type { Agent, User, Workspace } from "../coder/schemas.ts";
import { Refusal } from "../contract/failures.ts";
import type { PrepareContext } from "../contract/prepare.ts";
import type { Untouched } from "../protocol/left.ts";
import { type Choice, parseRange } from "./chosen-fields.ts";
import { namedRuns } from "./leftovers.ts";
import { hasPosixShell } from "./posix-shell.ts";
import { findTemplate } from "./preflight/find-template.ts";
import { findScaletestWorkspaces, isRunning } from "./scaletest-workspaces.ts";

/** A workspace that is used, and the agent in it. */
export interface Target {
  workspace: Workspace;
  agent: Agent;
}

type Seeker = Pick<PrepareContext, "client" | "signal" | "warn">;

/** Which run's workspaces are meant: the one named; else this very run's, where it has made some; else any. */
export function runMeant(
  { run }: Choice,
  { ledger, runId }: Pick<PrepareContext, "ledger" | "runId">,
): string | undefined {
  return run ?? (ledger.state.remaining("workspace").length > 0 ? runId : undefined);
}

/** All workspaces of scale tests that a choice may mean, running or not, before its range is taken. */
export async function findChosen(choice: Choice, { client, signal }: Seeker): Promise<Workspace[]> {
  const template = choice.template
    ? await findTemplate(client, choice.template, choice.org, signal)
    : undefined;
  return findScaletestWorkspaces(client, template, choice.run, signal);
}

/** Those of a choice's range. Throws Refusal where there are none; `found` is how many there were before `usable`. */
export function inRange(choice: Choice, usable: readonly Workspace[], found: number): Workspace[] {
  const range = choice.targetWorkspaces ? parseRange(choice.targetWorkspaces) : undefined;
  const chosen = range ? usable.slice(range.start, range.end) : [...usable];
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
  lackOf: (target: Target) => string | undefined = lackOfShell,
): Promise<Target[]> {
  const found = await findChosen(wanted, context);
  const running = found.filter(isRunning);
  if (running.length < found.length)
    context.warn(
      `${found.length - running.length} of ${found.length} workspaces are not running and are left out`,
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
    `${all.length - mine.length} workspaces belong to others and are left out: this deployment opens their ${app ? "apps" : "terminals"} to them only`,
  );
  return mine;
}

function nothingFound(choice: Choice, found: number, usable: number): string {
  const of = choice.template ? ` of template "${choice.template}"` : "";
  if (usable > 0)
    return `--target-workspaces ${choice.targetWorkspaces} names none of the ${usable} workspaces`;
  if (found > 0)
    return `none of the ${found} scaletest- workspaces${of} can be used: they are not running, or not yours`;
  return `no scaletest- workspaces${of}; make some with: coder-scaletest create-workspaces --no-cleanup`;
}

/**
 * The workspaces that have what is needed: an agent, the one that is named. The others are left out and warned of: one
 * workspace of another template must not refuse the whole run. Throws Refusal where none is left.
 */
export function usableTargets(
  agentName: string | undefined,
  workspaces: readonly Workspace[],
  warn: (text: string) => void,
  lackOf: (target: Target) => string | undefined,
): Target[] {
  const targets: Target[] = [];
  const lacking = new Map<string, string[]>();
  for (const workspace of workspaces) {
    const agent = agentOf(workspace, agentName);
    const lacks = agent ? lackOf({ workspace, agent }) : agentLack(agentName, workspace);
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

function agentLack(name: string | undefined, { latest_build: { resources } }: Workspace): string {
  const there = resources.flatMap(({ agents }) => agents).map((one) => one.name);
  return name ? `no agent "${name}" (there is ${there.join(", ") || "none"})` : "no agent";
}

/** Of what runs something in the workspace. */
function lackOfShell({ agent }: Target): string | undefined {
  return hasPosixShell(agent) ? undefined : "Windows, which has no sh to run a command,";
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
