import type { Agent, Build } from "../coder/schemas.ts";
import type { WorkspaceWatch } from "../coder/watch.ts";
import type { JobContext } from "../contract/job.ts";
import { type Message, say } from "../text/message.ts";
import { connectedAgents, hasLateAgent, readyAgents } from "./agents.ts";
import { agentPhases, buildPhases } from "./build-phases.ts";
import { BUILD_SAYINGS, type BuildKind, buildFailure } from "./failed-build.ts";
import { step } from "./job-step.ts";

/** Where a job is, for counts and table. */
export interface Stand {
  state: string;
  doing: Message;
}

/** How a workload tells of a build that it follows. */
export interface BuildTelling {
  kind: BuildKind;
  queued: Stand;
  building: Stand;
  /** Names of its phases. */
  queue: string;
  provision: string;
  /** By which the deployment knows the workspace and its user: failures are counted without them. */
  names: readonly string[];
}

/**
 * Follows a workspace's newest build from the queue to its end, and times both by the server's own clock. Rejects with
 * JobFailure where it did not succeed.
 */
export async function followBuild(
  context: JobContext,
  watch: WorkspaceWatch,
  telling: BuildTelling,
): Promise<Build> {
  const { signal } = context;
  const { kind, queued, building } = telling;
  const sayings = BUILD_SAYINGS[kind];
  context.state(queued.state, queued.doing);
  const begun = await step(signal, `${kind}_queued`, sayings.queued, () =>
    watch.until(
      ({ latest_build }) =>
        latest_build.job.started_at || latest_build.job.completed_at ? latest_build : undefined,
      signal,
    ),
  );
  context.state(building.state, building.doing);
  const { queue } = buildPhases(begun);
  const inQueue = (agoMs?: number) => queue !== undefined && context.serverPhase(telling.queue, queue, agoMs);
  const build = await step(signal, `${kind}_unfinished`, sayings.unfinished, () =>
    watch.until(({ latest_build }) => (latest_build.job.completed_at ? latest_build : undefined), signal),
  ).catch((error: unknown) => {
    // It hangs, and has waited in the queue before that all the same.
    inQueue();
    throw error;
  });
  const { provision } = buildPhases(build);
  inQueue(provision);
  if (provision !== undefined) context.serverPhase(telling.provision, provision);
  if (build.job.status !== "succeeded") throw await buildFailure(context, build, telling.names, kind);
  return build;
}

/**
 * Waits until all agents of a workspace that has been started are connected and ready, and times both by the server's
 * own clock. `late`: one has not connected within its connection timeout; it may be called more than once.
 */
export async function followAgents(
  context: JobContext,
  watch: WorkspaceWatch,
  { late }: { late: () => void },
): Promise<Agent[]> {
  const { signal } = context;
  context.state("starting", say("waiting for the agent"));
  const agents = await step(signal, "agent_never_connected", say("agent never connected"), () =>
    watch.until((workspace) => {
      if (hasLateAgent(workspace)) late();
      return connectedAgents(workspace);
    }, signal),
  );
  context.doing(say("startup script"));
  const { connect } = agentPhases(agents);
  const inConnecting = (agoMs?: number) =>
    agents.length > 0 && connect !== undefined && context.serverPhase("agent_connect", connect, agoMs);
  const ready = await step(signal, "startup_script_unfinished", say("startup script did not finish"), () =>
    watch.until((workspace) => readyAgents(workspace), signal),
  ).catch((error: unknown) => {
    inConnecting();
    throw error;
  });
  const { script } = agentPhases(ready);
  inConnecting(script);
  if (script !== undefined) context.serverPhase("startup_script", script);
  return ready;
}

/** Remarks on agents that came after their connection timeout; none where none did. */
export function lateAgentsRemarks(count: number): Message[] {
  if (count === 0) return [];
  return [
    say(
      "{0} × agent not connected within its connection_timeout; the run waited for it until the job's own time limit",
      count,
    ),
  ];
}

/** Says it once for a job. The deployment goes on accepting the agent, and Coder's own tools go on waiting for it. */
export function tellLateAgent(context: JobContext, index: number, late: Set<number>): void {
  if (late.has(index)) return;
  late.add(index);
  context.doing(say("waiting for the agent, past its connection timeout"));
  context.log("the agent has not connected within its connection timeout; it may still do so");
}
