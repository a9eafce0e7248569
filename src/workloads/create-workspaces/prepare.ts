import { rm } from "node:fs/promises";
import type { Template } from "../../coder/schemas.ts";
import { Refusal } from "../../contract/failures.ts";
import type { Plan } from "../../contract/plan.ts";
import type { PrepareContext } from "../../contract/prepare.ts";
import { say } from "../../text/message.ts";
import { lateAgentsRemarks } from "../follow-build.ts";
import { countLeft } from "../left.ts";
import { LivingTokens } from "../living-tokens.ts";
import { countTokens } from "../owner-tokens.ts";
import { type LeasedUsers, leaseUsers } from "../pool-users.ts";
import { findTemplate } from "../preflight/find-template.ts";
import { preflight, refuseBlocked, sayCheck } from "../preflight/preflight.ts";
import { chooseSsh, openDialer, sshFolder } from "../ssh.ts";
import { thresholdsOf } from "../thresholds.ts";
import { CREATION_METRICS, type CreateWorkspacesConfig, intendedOf } from "./config.ts";
import { CREATION } from "./describe.ts";
import { tryTemplate } from "./dry-run.ts";
import { keptForm } from "./keep-parameters.ts";
import { SshWays } from "./ssh-connection.ts";
import { parameterValues, refuseExternalAuth, refuseWithoutAgent } from "./template.ts";
import { type Shared, WorkspaceJob } from "./workspace-job.ts";

/** Coder's limit for the names of users and workspaces (docs/coder-api.md, Names). */
const MAX_NAME = 32;
const HOUR_MS = 3_600_000;

/** `prefix`: of the names of all that is made; by default the step's own. */
export async function prepare(
  config: CreateWorkspacesConfig,
  context: PrepareContext,
  prefix = context.prefix,
): Promise<Plan> {
  const host = context.user;
  const template = await findTemplate(context.client, config.template, config.org, context.signal);
  const values = parameterValues(config, template, await keptForm(config, template, host.id, context));
  if (values.preset) context.event(say('preset "{0}" is applied', values.preset.name));
  for (const note of values.notes) context.warn(note);
  await refuseExternalAuth(config, template, context.client, context.signal);
  // A command is looked for before the trial: a dry-run takes a place in the deployment's queue.
  const wantsSsh = config.ssh && config.waitForAgents;
  await checkFirst(config, template, context);
  const way = wantsSsh ? await chooseSsh(config, context) : undefined;
  context.event(say('checking template "{0}" (dry run)', template.name));
  const agents = await tryTemplate(context, template, values.sent, config.dryRunTimeoutMs);
  refuseWithoutAgent(config, template, agents);
  const dialer = way ? await openDialer(way, config, context) : undefined;
  const ssh = dialer && new SshWays(dialer);
  const version = await versionOf(template, context);
  const leased = config.pool === undefined ? undefined : await leaseUsers(config.pool, config.count, context);
  return planOf(config, { ...context, prefix }, { template, version, values, host, ssh, leased });
}

/** As people know it; where the deployment does not tell, its id. The run goes on without. */
async function versionOf(
  { active_version_id: id }: Template,
  { client, signal }: Pick<PrepareContext, "client" | "signal">,
): Promise<string> {
  const version = await client.templateVersion(id, { signal }).catch(() => undefined);
  signal.throwIfAborted();
  return version?.name || id;
}

interface Found extends Pick<Shared, "template" | "values" | "host" | "ssh"> {
  /** Whose the workspaces will be, where that is no new users. */
  leased: LeasedUsers | undefined;
  /** Of the template. */
  version: string;
}

async function planOf(
  config: CreateWorkspacesConfig,
  context: PrepareContext,
  { leased, version, ...found }: Found,
): Promise<Plan> {
  const { prefix } = context;
  const last = `${prefix}${config.count - 1}`;
  if (last.length > MAX_NAME)
    throw new Refusal(
      say("--count {0} makes names longer than Coder's {1} characters", String(config.count), MAX_NAME),
    );
  const lateAgents = new Set<number>();
  const { client, ledger } = context;
  const tokens = new LivingTokens({
    client,
    ledger,
    lifetimeMs: tokenLifetimeMs(config),
    warn: (what) => context.warn(what),
  });
  await tokens.learn(context.signal);
  const shared: Shared = { ...found, config, lateAgents, tokens };
  const jobs = Array.from(
    { length: config.count },
    (_, index) => new WorkspaceJob(index, `${prefix}${index}`, shared, leased?.users[index]),
  );
  return {
    testName: "workspacebuild",
    thresholds: thresholdsOf(config.thresholds, CREATION_METRICS),
    jobs,
    description: CREATION,
    facts: [{ label: say("template version"), value: version }],
    jobsLabel: say("Create and use"),
    concurrency: config.concurrency,
    timeoutMs: config.timeoutMs,
    jobTimeoutMs: config.jobTimeoutMs,
    cleanup: config.cleanup
      ? {
          label: say("Clean up"),
          concurrency: config.cleanupConcurrency ?? config.concurrency,
          timeoutMs: config.cleanupTimeoutMs,
          jobTimeoutMs: config.cleanupJobTimeoutMs,
        }
      : undefined,
    countLeft: async (signal) => {
      const { left } = await countLeft(context.client, prefix, signal);
      return { left: leased ? { ...left, tokens: await countTokens(context, signal) } : left };
    },
    remarks: () => lateAgentsRemarks(lateAgents.size),
    helpers: () => helpersOf(found.ssh),
    giveBack: async () => {
      await leased?.leases.giveBack();
      if (!config.cleanup) await tokens.revokeAll();
    },
    close: async () => {
      tokens.close();
      await found.ssh?.dialer.close();
      await rm(sshFolder(context), { recursive: true, force: true });
    },
  };
}

/** Helper processes, and connections that wait for their turn here. */
function helpersOf(ssh: SshWays | undefined): { processes: number; waiting: number } {
  if (!ssh) return { processes: 0, waiting: 0 };
  const { processes, waiting } = ssh.dialer.load();
  return { processes, waiting: waiting + ssh.waiting };
}

async function checkFirst(
  config: CreateWorkspacesConfig,
  template: Template,
  context: PrepareContext,
): Promise<void> {
  const checks = await preflight(context.client, template, intendedOf(config), context.signal);
  refuseBlocked(checks);
  for (const check of checks.filter(({ status }) => status === "warning")) context.warn(sayCheck(check));
}

/** Longer than the run can take; a deployment may not let a member's token live for so long. */
function tokenLifetimeMs(config: CreateWorkspacesConfig): number {
  const run = config.timeoutMs > 0 ? config.timeoutMs : 24 * HOUR_MS;
  return Math.max(HOUR_MS, Math.ceil((run * 1.5) / HOUR_MS) * HOUR_MS);
}
