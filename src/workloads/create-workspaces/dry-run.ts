import type { ParameterValue } from "../../coder/client.ts";
import { delay } from "../../coder/delay.ts";
import { isFailure } from "../../coder/errors.ts";
import type { DryRunResource, Job, Template } from "../../coder/schemas.ts";
import { Refusal } from "../../contract/failures.ts";
import type { PrepareContext } from "../../contract/prepare.ts";
import { formatDuration } from "../../protocol/duration.ts";
import { say } from "../../text/message.ts";
import { buildReason } from "../build-failure.ts";
import { createOrFind } from "../create-or-find.ts";

const POLL_MS = 500;

/**
 * Lets the deployment try the template with these parameters, as Coder's own command does before it
 * creates anything, so that a mistake costs nothing. Resolves with the names of the top-level agents that
 * a workspace will have. Throws Refusal.
 */
export async function tryTemplate(
  context: PrepareContext,
  template: Template,
  values: readonly ParameterValue[],
  timeoutMs: number,
): Promise<string[]> {
  const { client, signal } = context;
  const version = template.active_version_id;
  const body = { workspace_name: `scaletest-${context.runId}-try`, rich_parameter_values: values };
  let job: Job;
  try {
    // One whose answer was lost on the way leaves nothing but a place in the queue.
    job = await createOrFind(
      () => client.createDryRun(version, body, { signal, isQuestion: true }),
      async () => undefined,
      signal,
    );
  } catch (error) {
    if (isFailure(error, "validation", "forbidden", "not_found")) {
      throw new Refusal(say('the template "{0}" cannot be tried: {1}', template.name, error.said));
    }
    throw error;
  }
  const limit = AbortSignal.timeout(timeoutMs);
  const either = AbortSignal.any([signal, limit]);
  try {
    await warnWithoutProvisioner(context, template, job.id);
    while (!job.completed_at) {
      await delay(POLL_MS, either);
      job = await client.dryRun(version, job.id, { signal: either });
    }
  } catch (error) {
    await client.cancelDryRun(version, job.id).catch(() => undefined);
    if (limit.aborted && !signal.aborted) {
      const state =
        job.status === "pending"
          ? say("it is still queued: no provisioner daemon with the template's tags is free")
          : say("it is {0}", job.status);
      throw new Refusal(
        say("the template's trial did not end within {0}; {1}", formatDuration(timeoutMs), state),
      );
    }
    throw error;
  }
  if (job.status !== "succeeded") {
    const log = await client.dryRunLogs(version, job.id, { signal }).catch(() => []);
    const { text } = buildReason(job.error ?? job.status, log, []);
    throw new Refusal(say("the template's trial failed: {0}", text));
  }
  return topLevelAgents(await client.dryRunResources(version, job.id, { signal }));
}

/** The trial shows whether one comes: where daemons are started on demand, there is none before. */
async function warnWithoutProvisioner(
  context: PrepareContext,
  template: Template,
  job: string,
): Promise<void> {
  const { client, signal } = context;
  const matched = await client.dryRunMatchedProvisioners(template.active_version_id, job, { signal });
  if (matched.count === 0) {
    context.warn(
      say('no provisioner daemon matches the tags of template "{0}"; the trial waits for one', template.name),
    );
  } else if (matched.available === 0) {
    context.warn(say("none of the {0} matching provisioner daemons is available right now", matched.count));
  }
}

function topLevelAgents(resources: readonly DryRunResource[]): string[] {
  return resources
    .filter((resource) => resource.workspace_transition === "start")
    .flatMap((resource) => resource.agents)
    .filter((agent) => !agent.parent_id)
    .map((agent) => agent.name);
}
