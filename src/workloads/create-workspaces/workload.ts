import { mkdir, rm } from "node:fs/promises";
import path from "node:path";
import { resolveParameters } from "../../coder/parameters.ts";
import type { Template } from "../../coder/schemas.ts";
import { chooseCli, NoCliError } from "../../coder/ssh/cli-command.ts";
import { CliDialer } from "../../coder/ssh/cli-dialer.ts";
import type { WorkspaceDialer } from "../../coder/ssh/dialer.ts";
import { countLeft } from "../left.ts";
import { ListPoll } from "../list-poll.ts";
import { findTemplate } from "../preflight/find-template.ts";
import { signIn } from "../preflight/sign-in.ts";
import { type Plan, type PrepareContext, Refusal, type Workload } from "../workload.ts";
import { PHASES } from "./build-phases.ts";
import { type CreateWorkspacesConfig, createWorkspacesOptions, createWorkspacesSchema } from "./config.ts";
import { tryTemplate } from "./dry-run.ts";
import { type Shared, WorkspaceJob } from "./workspace-job.ts";

/** Coder's limit for the names of users and workspaces (fact sheet §3). */
const MAX_NAME = 32;
const HOUR_MS = 3_600_000;

export const createWorkspaces: Workload<typeof createWorkspacesSchema> = {
  name: "create-workspaces",
  summary: "Create users and workspaces, connect to each by SSH and web terminal, run a command, delete all",
  schema: createWorkspacesSchema,
  options: createWorkspacesOptions,
  title: (config) => `create ${config.count} × ${config.template}`,
  prepare,
};

async function prepare(config: CreateWorkspacesConfig, context: PrepareContext): Promise<Plan> {
  const needsOwner = config.useHostLogin ? undefined : "creating users";
  const host = await signIn(context, needsOwner);
  const template = await findTemplate(context.client, config.template, config.org, context.signal);
  const values = await parameterValues(config, template, context);
  await refuseExternalAuth(config, template, context);
  // The command is looked for before the trial: a dry-run takes a place in the deployment's queue.
  const wantsSsh = config.ssh && config.waitForAgents;
  const command = wantsSsh ? await cliCommand(config, context) : undefined;
  context.event(`trying the template "${template.name}"`);
  const agents = await tryTemplate(context, template, values, config.dryRunTimeoutMs);
  refuseWithoutAgent(config, template, agents);
  const dialer = command ? await openDialer(command, config, context) : undefined;
  return planOf(config, context, { template, values, host, dialer });
}

async function planOf(
  config: CreateWorkspacesConfig,
  context: PrepareContext,
  found: Pick<Shared, "template" | "values" | "host" | "dialer">,
): Promise<Plan> {
  const prefix = `scaletest-${context.runId}-`;
  const last = `${prefix}${config.count - 1}`;
  if (last.length > MAX_NAME)
    throw new Refusal(`--count ${config.count} makes names longer than Coder's ${MAX_NAME} characters`);
  const poll = new ListPoll(context.client, prefix);
  const shared: Shared = { ...found, config, poll, tokenLifetimeMs: tokenLifetimeMs(config) };
  const jobs = Array.from(
    { length: config.count },
    (_, index) => new WorkspaceJob(index, `${prefix}${index}`, shared),
  );
  return {
    testName: "workspacebuild",
    jobs,
    phases: PHASES,
    jobsLabel: "Create and use",
    concurrency: config.concurrency,
    timeoutMs: config.timeoutMs,
    jobTimeoutMs: config.jobTimeoutMs,
    cleanup: config.cleanup
      ? {
          label: "Clean up",
          concurrency: config.cleanupConcurrency ?? config.concurrency,
          timeoutMs: config.cleanupTimeoutMs,
          jobTimeoutMs: config.cleanupJobTimeoutMs,
        }
      : undefined,
    countLeft: (signal) => countLeft(context.client, prefix, signal),
    helpers: () => found.dialer?.load() ?? { processes: 0, waiting: 0 },
    close: async () => {
      poll.close();
      await found.dialer?.close();
      await rm(sshFolder(context), { recursive: true, force: true });
    },
  };
}

/** Longer than the run can take, and within what a deployment lets a member's token live. */
function tokenLifetimeMs(config: CreateWorkspacesConfig): number {
  const run = config.timeoutMs > 0 ? config.timeoutMs : 24 * HOUR_MS;
  return Math.max(HOUR_MS, Math.ceil((run * 1.5) / HOUR_MS) * HOUR_MS);
}

async function parameterValues(
  config: CreateWorkspacesConfig,
  template: Template,
  context: PrepareContext,
): Promise<Shared["values"]> {
  const parameters = await context.client.richParameters(template.active_version_id, {
    signal: context.signal,
  });
  const { values, problems } = resolveParameters(parameters, config.parameters);
  const [first, ...more] = problems;
  if (!first) return values;
  const others =
    more.length > 0 ? ` (and ${more.length} more: ${more.map((problem) => problem.name).join(", ")})` : "";
  throw new Refusal(`template "${template.name}": ${first.message}${others}`);
}

/** A created user has signed in nowhere, and nobody is there to do it. */
async function refuseExternalAuth(
  config: CreateWorkspacesConfig,
  template: Template,
  context: PrepareContext,
): Promise<void> {
  const providers = await context.client.externalAuth(template.active_version_id, { signal: context.signal });
  const missing = providers.filter((one) => !one.optional && !(config.useHostLogin && one.authenticated));
  if (missing.length === 0) return;
  const names = missing.map((one) => one.display_name || one.id).join(", ");
  throw new Refusal(
    `template "${template.name}" requires each user to sign in to ${names}, which created users cannot do`,
  );
}

function refuseWithoutAgent(
  config: CreateWorkspacesConfig,
  template: Template,
  agents: readonly string[],
): void {
  const wanted = config.waitForAgents && (config.ssh || config.runCommand);
  if (!wanted) return;
  if (agents.length === 0) {
    const what = config.runCommand ? (config.ssh ? "SSH and the command" : "the command") : "SSH";
    const how = config.runCommand ? "leave --run-command out and pass --no-ssh" : "pass --no-ssh";
    throw new Refusal(`template "${template.name}" has no agent for ${what}; ${how}`);
  }
  if (config.agent && !agents.includes(config.agent)) {
    throw new Refusal(
      `template "${template.name}" has no agent "${config.agent}"; it has ${agents.join(", ")}`,
    );
  }
}

async function cliCommand(
  config: CreateWorkspacesConfig,
  context: PrepareContext,
): Promise<readonly string[]> {
  try {
    return await chooseCli(
      {
        named: config.coderCli,
        download: config.downloadCli,
        folder: context.files.cliFolder,
        sandboxCommand: context.files.sandboxCoder,
      },
      context.client.transport,
      context.signal,
    );
  } catch (error) {
    if (error instanceof NoCliError) throw new Refusal(error.message);
    throw error;
  }
}

const sshFolder = (context: PrepareContext) => path.join(context.files.runFolder, "ssh");

async function openDialer(
  command: readonly string[],
  config: CreateWorkspacesConfig,
  context: PrepareContext,
): Promise<WorkspaceDialer> {
  const folder = sshFolder(context);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const dialer = new CliDialer({
    command,
    url: context.client.transport.url,
    mode: config.connectMode,
    pacer: context.client.transport.pacer,
    folder,
  });
  context.event(`SSH goes by ${dialer.description}`);
  return dialer;
}
