import type { Workspace } from "../../coder/schemas.ts";
import { WorkspaceWatch } from "../../coder/watch.ts";
import { JobFailure } from "../../contract/failures.ts";
import type { Job, JobContext } from "../../contract/job.ts";
import { say } from "../../text/message.ts";
import { createOrFind } from "../create-or-find.ts";
import { followAgents, followBuild, tellLateAgent } from "../follow-build.ts";
import { step } from "../job-step.ts";
import { isRunning } from "../scaletest-workspaces.ts";

/** What all jobs of a run share. */
export interface Shared {
  /** Names of workspaces that were stopped, and whose start was not asked for or has failed. */
  stopped: Set<string>;
  /** Jobs whose agent had not connected within its `connection_timeout`. */
  lateAgents: Set<number>;
}

/** Stops a workspace, where it runs, and starts it again. */
export class BuildsJob implements Job {
  readonly index: number;
  readonly name: string;
  readonly owner: string;
  readonly #id: string;
  readonly #shared: Shared;

  constructor(index: number, workspace: Workspace, shared: Shared) {
    this.index = index;
    this.name = workspace.name;
    this.owner = workspace.owner_name;
    this.#id = workspace.id;
    this.#shared = shared;
  }

  async run(context: JobContext): Promise<void> {
    context.workspaceId(this.#id);
    // It may have changed since it was found.
    const workspace = await context.client.workspace(this.#id, { signal: context.signal });
    if (!workspace) throw new JobFailure("workspace_gone", say("the workspace is gone"));
    const watch = new WorkspaceWatch(context.client, workspace);
    try {
      const before = await this.#atRest(context, watch);
      if (isRunning(before)) await this.#stop(context, watch);
      await this.#start(context, watch);
    } finally {
      watch.close();
    }
  }

  /** Once no build is under way. */
  #atRest(context: JobContext, watch: WorkspaceWatch): Promise<Workspace> {
    const { signal } = context;
    context.doing(say("waiting for the build that is under way"));
    return step(signal, "build_unfinished", say("build did not finish"), () =>
      watch.until((workspace) => (workspace.latest_build.job.completed_at ? workspace : undefined), signal),
    );
  }

  async #stop(context: JobContext, watch: WorkspaceWatch): Promise<void> {
    context.state("stopping", say("asking for the stop"));
    this.#shared.stopped.add(this.name);
    await this.#ask(context, watch, "stop");
    await followBuild(context, watch, {
      kind: "stop",
      queued: { state: "stopping", doing: say("waiting for a provisioner daemon to stop it") },
      building: { state: "stopping", doing: say("stopping") },
      queue: "stop_queue",
      provision: "stop_provision",
      names: [this.name, this.owner],
    });
  }

  async #start(context: JobContext, watch: WorkspaceWatch): Promise<void> {
    context.state("queued", say("asking for the start"));
    context.awaitReady();
    await this.#ask(context, watch, "start");
    // From here on the deployment starts it, whatever becomes of this run.
    this.#shared.stopped.delete(this.name);
    try {
      await followBuild(context, watch, {
        kind: "build",
        queued: { state: "queued", doing: say("waiting for a provisioner daemon") },
        building: { state: "building", doing: say("building") },
        queue: "start_queue",
        provision: "start_provision",
        names: [this.name, this.owner],
      });
    } catch (error) {
      const { job } = watch.latest()?.latest_build ?? {};
      if (job?.completed_at && job.status !== "succeeded") this.#shared.stopped.add(this.name);
      throw error;
    }
    await followAgents(context, watch, {
      late: () => tellLateAgent(context, this.index, this.#shared.lateAgents),
    });
    context.ready();
    context.doing(say("done"));
  }

  /** Asks for a build, whatever the network does in between. */
  async #ask(context: JobContext, watch: WorkspaceWatch, transition: "start" | "stop"): Promise<void> {
    const { client, signal } = context;
    const before = watch.latest()?.latest_build.build_number ?? 0;
    const build = await createOrFind(
      () => client.createBuild(this.#id, transition, { signal }),
      async () => {
        const latest = (await client.workspace(this.#id, { signal }))?.latest_build;
        return latest && latest.build_number > before && latest.transition === transition
          ? latest
          : undefined;
      },
      signal,
    );
    const workspace = watch.latest();
    if (workspace) watch.offer({ ...workspace, latest_build: build });
  }

  /** It has made nothing. */
  async cleanup(): Promise<void> {}
}
