import type { CoderClient } from "../../coder/client.ts";
import { isFailure } from "../../coder/errors.ts";
import type { Agent, Template, User, Workspace } from "../../coder/schemas.ts";
import type { RequestOptions } from "../../coder/transport.ts";
import { WorkspaceWatch } from "../../coder/watch.ts";
import { JobFailure } from "../../contract/failures.ts";
import type { Job, JobContext } from "../../contract/job.ts";
import { say } from "../../text/message.ts";
import { topLevelAgents } from "../build-phases.ts";
import { createOrFind } from "../create-or-find.ts";
import { followAgents, followBuild, tellLateAgent } from "../follow-build.ts";
import { step } from "../job-step.ts";
import type { LivingTokens } from "../living-tokens.ts";
import { makeUser, REFUSALS } from "../make-user.ts";
import { removeUser, removeWorkspace } from "../remove.ts";
import { commandOptions, inTerminal } from "../run-command.ts";
import type { CreateWorkspacesConfig } from "./config.ts";
import { connectBySsh, type SshWays } from "./ssh-connection.ts";
import type { Values } from "./template.ts";

/** What all jobs of a run share. */
export interface Shared {
  config: CreateWorkspacesConfig;
  template: Template;
  values: Pick<Values, "sent" | "preset">;
  /** The signed-in user, who owns the workspaces with `--use-host-login`. */
  host: User;
  ssh: SshWays | undefined;
  /** Jobs whose agent had not connected within its `connection_timeout`. */
  lateAgents: Set<number>;
  /** Of the users that are made. */
  tokens: LivingTokens;
}

/** One user and workspace: made, connected to, used, and deleted again. */
export class WorkspaceJob implements Job {
  readonly index: number;
  readonly name: string;
  readonly owner: string;
  #shared: Shared;
  /** Of a pool: the workspace's owner, who stays. */
  readonly #pooled: User | undefined;
  #user: User | undefined;
  #userAsked = false;
  /** As the user that was made. */
  #ownClient: CoderClient | undefined;
  #workspace: Workspace | undefined;
  #workspaceAsked = false;
  #watch: WorkspaceWatch | undefined;

  constructor(index: number, name: string, shared: Shared, pooled: User | undefined) {
    this.index = index;
    this.name = name;
    this.owner = shared.config.useHostLogin ? shared.host.username : (pooled?.username ?? name);
    this.#shared = shared;
    this.#pooled = pooled;
  }

  async run(context: JobContext): Promise<void> {
    const { config } = this.#shared;
    const { user, workspace } = await step(context.signal, "not_created", say("not created in time"), () =>
      this.#create(context),
    );
    const agents = await this.#bringUp(context, user, workspace);
    context.ready();
    if (!config.waitForAgents) return;
    const agent = config.agent ? agents.find((one) => one.name === config.agent) : agents[0];
    context.state("active", say("ready"));
    if (this.#shared.ssh && agent)
      await connectBySsh(context, this.#shared.ssh, config, this.#target(user, agent));
    if (config.runCommand && agent) await this.#runCommand(context, user, agent);
    context.doing(say("done"));
  }

  async #create(context: JobContext): Promise<{ user: CoderClient; workspace: Workspace }> {
    context.state("creating", this.#pooled ? say("making a token") : say("creating the user"));
    const api = new ApiTime(context.signal);
    const user = this.#shared.config.useHostLogin ? context.client : await this.#createUser(context, api);
    context.doing(say("creating the workspace"));
    const workspace = await this.#createWorkspace(context, user, api);
    context.phase("api", api.ms);
    return { user, workspace };
  }

  async #createUser(context: JobContext, api: ApiTime): Promise<CoderClient> {
    const { ledger, client, signal } = context;
    const user = this.#pooled ?? (await this.#makeUser(context, api));
    this.#user = user;
    const token = await this.#shared.tokens.make(user.id, this.name, {
      client,
      ledger,
      signal,
      send: (request) => api.of(request),
    });
    this.#ownClient = client.as({ token });
    return this.#ownClient;
  }

  #makeUser(context: JobContext, api: ApiTime): Promise<User> {
    this.#userAsked = true;
    const organizationIds = [this.#shared.template.organization_id];
    return makeUser(
      context,
      { name: this.name, organizationIds },
      {
        send: (request) => api.of(request),
        undone: () => {
          this.#userAsked = false;
        },
      },
    );
  }

  async #createWorkspace(context: JobContext, user: CoderClient, api: ApiTime): Promise<Workspace> {
    const { ledger, signal } = context;
    const ownerId = this.#user?.id ?? this.#shared.host.id;
    await ledger.write({ kind: "workspace", op: "asking", name: this.name, owner: this.owner });
    this.#workspaceAsked = true;
    const { preset } = this.#shared.values;
    const body = {
      template_id: this.#shared.template.id,
      name: this.name,
      rich_parameter_values: this.#shared.values.sent,
      ...(preset ? { template_version_preset_id: preset.id } : {}),
    };
    const workspace = await createOrFind(
      () => api.of((options) => user.createWorkspace(ownerId, body, options)),
      () => user.workspaceByName(this.owner, this.name, { signal }),
      signal,
    ).catch(async (error: unknown) => {
      if (isFailure(error, ...REFUSALS)) {
        await ledger.write({ kind: "workspace", op: "refused", name: this.name, owner: this.owner });
        this.#workspaceAsked = false;
      }
      throw error;
    });
    this.#workspace = workspace;
    context.workspaceId(workspace.id);
    await ledger.write({
      kind: "workspace",
      op: "exists",
      name: this.name,
      owner: this.owner,
      id: workspace.id,
    });
    // A claimed prebuild has had a build before ours.
    if (workspace.latest_build.build_number > 1) context.prebuilt();
    return workspace;
  }

  /** Follows the build and the agents; with `--retry`, starts a failed one again. */
  async #bringUp(context: JobContext, user: CoderClient, workspace: Workspace): Promise<Agent[]> {
    const watch = new WorkspaceWatch(context.client, workspace);
    this.#watch = watch;
    for (let attempt = 0; ; attempt++) {
      try {
        return await this.#waitForAgents(context, watch);
      } catch (error) {
        if (attempt >= this.#shared.config.retry || !(error instanceof JobFailure) || context.signal.aborted)
          throw error;
        context.log(`try ${attempt + 1} failed (${error.message}); starting it again`);
        const build = await user.createBuild(workspace.id, "start", { signal: context.signal });
        watch.offer({ ...workspace, latest_build: build });
      }
    }
  }

  async #waitForAgents(context: JobContext, watch: WorkspaceWatch): Promise<Agent[]> {
    const build = await followBuild(context, watch, {
      kind: "build",
      queued: { state: "queued", doing: say("waiting for a provisioner daemon") },
      building: { state: "building", doing: say("building") },
      queue: "queue",
      provision: "provision",
      names: [this.name, this.owner],
    });
    if (!this.#shared.config.waitForAgents) return topLevelAgents(build);
    return followAgents(context, watch, {
      late: () => tellLateAgent(context, this.index, this.#shared.lateAgents),
    });
  }

  async #runCommand(context: JobContext, user: CoderClient, agent: Agent): Promise<void> {
    const { config } = this.#shared;
    await inTerminal(context, user, agent, {
      command: config.runCommand ?? "",
      ...commandOptions(config),
      hints: {
        noShell: say("leave out --run-command"),
        timedOut: say("allow more with --run-timeout, or in the step after the command"),
      },
    });
  }

  #target(user: CoderClient, agent: Agent) {
    return {
      owner: this.owner,
      workspace: this.name,
      agent: agent.name,
      agentId: agent.id,
      token: user.token,
      ...(this.#shared.config.useHostLogin ? {} : { subject: user.subject }),
    };
  }

  async cleanup(context: JobContext): Promise<void> {
    try {
      if (this.#workspaceAsked) {
        const started = context.client.clock();
        const removed = await this.#removeWorkspace(context);
        if (removed) context.phase("delete", context.client.clock() - started);
        this.#workspaceAsked = false;
      }
    } finally {
      this.#watch?.close();
    }
    if (this.#pooled) {
      const { client, ledger, signal } = context;
      await this.#shared.tokens.revoke(this.#pooled.id, { client, ledger, signal });
    }
    if (this.#userAsked) {
      if (this.#user) await this.#shared.tokens.end(this.#user.id);
      await removeUser(context, { name: this.name, id: this.#user?.id });
      this.#userAsked = false;
    }
  }

  async #removeWorkspace(context: JobContext): Promise<boolean> {
    const { name, owner } = this;
    const known = () => this.#watch?.latest() ?? this.#workspace;
    try {
      return await removeWorkspace(context, { name, owner, known: known(), watch: this.#watch });
    } catch (error) {
      const client = this.#ownClient;
      if (!client || context.client.transport.session.state !== "lost") throw error;
      // Nobody has signed in again: what costs most can still be deleted by its owner.
      return removeWorkspace({ ...context, client }, { name, owner, known: known(), watch: undefined });
    }
  }
}

/** Adds up the deployment's own time for some requests: without our waiting for the rate limit. */
class ApiTime {
  ms = 0;
  #signal: AbortSignal;

  constructor(signal: AbortSignal) {
    this.#signal = signal;
  }

  async of<T>(work: (options: RequestOptions) => Promise<T>): Promise<T> {
    const started = performance.now();
    let waited = 0;
    const onWait = (ms: number) => {
      waited += ms;
    };
    const value = await work({ signal: this.#signal, onWait });
    this.ms += Math.max(0, performance.now() - started - waited);
    return value;
  }
}
