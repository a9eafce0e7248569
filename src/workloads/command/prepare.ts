import type { Plan } from "../../contract/plan.ts";
import type { PrepareContext } from "../../contract/prepare.ts";
import { NOTHING_LEFT } from "../../protocol/left.ts";
import { say } from "../../text/message.ts";
import { type Leased, leased } from "../leased.ts";
import { countTokens, OwnerTokens } from "../owner-tokens.ts";
import { findTargets, meantBy, untouchedBy } from "../targets.ts";
import { thresholdsOf } from "../thresholds.ts";
import { CommandJob, type Shared } from "./command-job.ts";
import type { CommandConfig } from "./config.ts";
import { COMMAND_METRICS, COMMAND_RUN } from "./describe.ts";

const HOUR_MS = 3_600_000;

export function prepare(config: CommandConfig, context: PrepareContext): Promise<Plan> {
  return leased(context, (own) => prepareWith(config, context, own));
}

async function prepareWith(config: CommandConfig, context: PrepareContext, own: Leased): Promise<Plan> {
  const { client, ledger, prefix, user } = context;
  const meant = meantBy(config, context);
  const found = await findTargets({ ...config, ...meant }, own.seeker, user);
  const targets = await own.hold(found, ({ workspace }) => workspace);
  const untouched = untouchedBy(
    targets.map(({ workspace }) => workspace),
    meant.run,
    context,
  );
  const { concurrency } = config;
  context.demand({
    ...(untouched ? { workspaces: targets.length } : {}),
    connections: concurrency === 0 ? targets.length : Math.min(concurrency, targets.length),
  });
  const tokens = new OwnerTokens(prefix, {
    client,
    ledger,
    lifetimeMs: tokenLifetimeMs(config),
    warn: (what) => context.warn(what),
  });
  const shared: Shared = { config, tokens, hostId: user.id };
  return {
    testName: "command",
    description: COMMAND_RUN,
    thresholds: thresholdsOf(config.thresholds, COMMAND_METRICS),
    jobs: targets.map((target, index) => new CommandJob(index, target, shared)),
    jobsLabel: say("Run the command"),
    concurrency,
    timeoutMs: config.timeoutMs,
    jobTimeoutMs: config.jobTimeoutMs,
    cleanup: {
      label: say("Revoke tokens"),
      done: say("token revoked"),
      // Tokens are gone in a moment; one after the other would take minutes for a thousand.
      concurrency: Math.max(config.cleanupConcurrency, 10),
      timeoutMs: config.cleanupTimeoutMs,
      jobTimeoutMs: config.cleanupJobTimeoutMs,
    },
    countLeft: async (signal) => ({ left: { ...NOTHING_LEFT, tokens: await countTokens(context, signal) } }),
    ...(untouched ? { untouched } : {}),
    close: async () => tokens.close(),
  };
}

/** Longer than the step can take; a deployment may not let a token live for so long. */
function tokenLifetimeMs({ timeoutMs }: CommandConfig): number {
  const run = timeoutMs > 0 ? timeoutMs : 24 * HOUR_MS;
  return Math.max(HOUR_MS, Math.ceil((run * 1.5) / HOUR_MS) * HOUR_MS);
}
