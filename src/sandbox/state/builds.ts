import type { Clock } from "../clock.ts";
import type { Faults } from "../faults/faults.ts";
import { ApiError, type Validation } from "../http/errors.ts";
import { JOBS, KEPT_JOBS, WORKSPACES } from "../limits.ts";
import type { Random } from "../random.ts";
import type { AgentLife } from "./agent-life.ts";
import { type Job, type JobQueue, jobStatus, type Work } from "./jobs.ts";
import type { KeptWorkspace } from "./kept.ts";
import type { Build, Resource, Transition, Workspace } from "./model.ts";
import { type ParameterValue, resolveParameters } from "./parameters.ts";
import type { Preset, Template, TemplateVersion } from "./templates.ts";
import type { User } from "./users.ts";
import { latestBuild, type Workspaces } from "./workspaces.ts";

const APPLY_STAGE: Record<Transition, string> = {
  start: "Starting workspace",
  stop: "Stopping workspace",
  delete: "Destroying workspace",
};

/** A dry run only initialises and plans: this share of a start. */
const DRY_RUN_SHARE = 0.4;

/** What an import does, as its log tells it. */
const IMPORT_STAGES = [
  "Parsing template parameters",
  "Detecting persistent resources",
  "Detecting ephemeral resources",
];

export interface NewWorkspace {
  name: string;
  owner: User;
  initiator: User;
  template: Template;
  /** Its values win over those that are given. */
  preset?: Preset;
  parameters: ParameterValue[];
  ttlMs?: number;
  autostart?: string;
  automaticUpdates?: string;
}

export interface NewBuild {
  transition: Transition;
  initiator: User;
  parameters: ParameterValue[];
  preset?: Preset | undefined;
  reason?: string;
  /** A delete that leaves the resources where they are. */
  orphan?: boolean;
}

export interface BuildTimes {
  start: readonly [number, number];
  delete: readonly [number, number];
}

/** Starts, follows up and cancels the jobs of workspaces and templates. */
export class Builds {
  readonly #faults: Faults;
  readonly #clock: Clock;
  readonly #ids: Random;
  readonly #pace: Random;
  readonly #queue: JobQueue;
  readonly #workspaces: Workspaces;
  readonly #life: AgentLife;
  readonly #times: BuildTimes;
  readonly #buildOfJob = new Map<string, Build>();
  readonly #jobs = new Map<string, Job>();
  /** With so many jobs it is time to forget some. */
  #forgetAt = KEPT_JOBS;
  /** Told of a build that is not kept any more, and whether its workspace is gone with it. */
  onForgotten: (build: Build, workspaceToo: boolean) => void = () => undefined;

  constructor(parts: {
    faults: Faults;
    clock: Clock;
    random: Random;
    queue: JobQueue;
    workspaces: Workspaces;
    life: AgentLife;
    times: BuildTimes;
  }) {
    this.#faults = parts.faults;
    this.#clock = parts.clock;
    this.#ids = parts.random.fork("builds");
    this.#pace = parts.random.fork("build-pace");
    this.#queue = parts.queue;
    this.#workspaces = parts.workspaces;
    this.#life = parts.life;
    this.#times = parts.times;
  }

  job(id: string): Job | undefined {
    return this.#jobs.get(id);
  }

  /** Newest last. */
  jobs(): IterableIterator<Job> {
    return this.#jobs.values();
  }

  buildOf(job: Job): Build | undefined {
    return this.#buildOfJob.get(job.id);
  }

  /**
   * Makes a workspace and its first build.
   * @throws ApiError 400 when a parameter is wrong
   */
  createWorkspace(given: NewWorkspace): Workspace {
    this.#checkRoom();
    const { initiator, preset } = given;
    // The preset's come first: the first value of a name counts.
    const parameters = [...(preset?.parameters ?? []), ...given.parameters];
    const values = this.#resolve(given.template, parameters, undefined);
    const workspace = this.#newWorkspace(given);
    this.#workspaces.add(workspace);
    this.#queueBuild(workspace, { transition: "start", initiator, parameters: [], preset }, values);
    return workspace;
  }

  /** A workspace that has been there for a while: its build is done and its agents are ready. */
  addRunning(given: NewWorkspace): Workspace {
    const values = this.#resolve(given.template, given.parameters, undefined);
    const workspace = this.#newWorkspace(given);
    this.#workspaces.add(workspace);
    const build = this.#newBuild(
      workspace,
      { transition: "start", initiator: given.initiator, parameters: [] },
      values,
    );
    this.#workspaces.addBuild(build);
    const now = this.#clock.now();
    Object.assign(build.job, { startedAt: now, completedAt: now, updatedAt: now });
    const worker = this.#queue.daemons[0];
    if (worker) build.job.worker = worker;
    build.resources = this.#makeResources(build);
    for (const resource of build.resources) for (const agent of resource.agents) this.#life.settle(agent);
    return workspace;
  }

  /** Takes a workspace as it was kept: its last build as it ended, or, if it was under way, anew. */
  restore(kept: KeptWorkspace, owner: User, template: Template): void {
    const workspace = {
      ...this.#newWorkspace({ name: kept.name, owner, initiator: owner, template, parameters: [] }),
    };
    Object.assign(workspace, { id: kept.id, createdAt: kept.createdAt });
    this.#workspaces.add(workspace);
    const values = new Map(Object.entries(kept.parameters));
    const build = this.#newBuild(
      workspace,
      { transition: kept.build.transition, initiator: owner, parameters: [] },
      values,
    );
    build.number = kept.build.number;
    this.#workspaces.addBuild(build);
    if (!kept.build.over) return this.#queue.add(build.job);
    const now = this.#clock.now();
    Object.assign(build.job, { startedAt: now, completedAt: now, updatedAt: now });
    if (kept.build.failed) build.job.error = "terraform apply: exit status 1";
    if (kept.agents.length === 0) return;
    build.resources = this.#makeResources(
      build,
      kept.agents.map((agent) => agent.id),
    );
    for (const resource of build.resources) for (const agent of resource.agents) this.#life.settle(agent);
  }

  /**
   * Another build of a workspace.
   * @throws ApiError 409 when one is active, 400 when a parameter is wrong
   */
  createBuild(workspace: Workspace, given: NewBuild): Build {
    this.#checkRoom();
    const last = latestBuild(workspace);
    if (last.job.completedAt === undefined) {
      const text = "A workspace build is already active.";
      throw new ApiError(409, text, { detail: text });
    }
    const values =
      given.transition === "start"
        ? this.#resolve(workspace.template, given.parameters, last.parameters)
        : last.parameters;
    for (const resource of this.#currentResources(workspace)) {
      for (const agent of resource.agents) this.#life.superseded(agent);
    }
    return this.#queueBuild(workspace, given, values);
  }

  /** A job that plans a version with these parameters; parameters that are wrong fail the plan. */
  startDryRun(version: TemplateVersion, initiator: User, given: ParameterValue[]): Job {
    this.#checkRoom();
    const { problems } = resolveParameters(version.blueprint.parameters, given, undefined);
    const [problem] = problems;
    const job = this.#newJob(
      "template_version_dry_run",
      version,
      { template_version_id: version.id },
      initiator,
      {
        durationMs: this.#pace.between(this.#times.start) * DRY_RUN_SHARE,
        applyStage: undefined,
        ...(problem ? { planError: `${problem.field}: ${problem.detail}` } : {}),
        changed: () => undefined,
      },
    );
    this.#queue.add(job);
    return job;
  }

  /** A job that imports a version; the archive is not looked at, so that it never fails. */
  startImport(version: TemplateVersion, initiator: User): Job {
    this.#checkRoom();
    const job = this.#newJob(
      "template_version_import",
      version,
      { template_version_id: version.id },
      initiator,
      {
        durationMs: this.#pace.between(this.#times.start),
        applyStage: undefined,
        planStages: IMPORT_STAGES,
        changed: () => undefined,
      },
    );
    this.#queue.add(job);
    return job;
  }

  /** Marks a job as cancelled. @throws ApiError 400 when it has ended or was cancelled before */
  cancel(job: Job, doneText: string): void {
    if (job.completedAt !== undefined) throw new ApiError(400, doneText);
    if (job.canceledAt !== undefined) throw new ApiError(400, "Job has already been marked as canceled!");
    const pending = jobStatus(job) === "pending";
    const now = this.#clock.now();
    job.canceledAt = now;
    if (pending) {
      job.completedAt = now;
      this.#queue.canceled(job);
    }
    job.work.changed();
  }

  #resolve(
    template: Template,
    given: ParameterValue[],
    previous: ReadonlyMap<string, string> | undefined,
  ): Map<string, string> {
    const { values, problems } = resolveParameters(template.version.blueprint.parameters, given, previous);
    if (problems.length) throw parametersError(problems);
    return values;
  }

  #newWorkspace(given: NewWorkspace): Workspace {
    const now = this.#clock.now();
    return {
      id: this.#ids.uuid(),
      name: given.name,
      owner: given.owner,
      template: given.template,
      createdAt: now,
      lastUsedAt: now,
      builds: [],
      deleted: false,
      favoriteOf: new Set(),
      ttlMs: given.ttlMs,
      autostart: given.autostart ?? "",
      automaticUpdates: given.automaticUpdates ?? "never",
      watchers: new Set(),
    };
  }

  #queueBuild(workspace: Workspace, given: NewBuild, values: Map<string, string>): Build {
    const build = this.#newBuild(workspace, given, values);
    this.#workspaces.addBuild(build);
    if (given.orphan && build.version.blueprint.unmatched) this.#completeAtOnce(build);
    else this.#queue.add(build.job);
    this.#workspaces.changed(workspace);
    return build;
  }

  /** With no daemon alive, the server itself carries an orphaning out (docs/coder-api.md, Builds). */
  #completeAtOnce({ job }: Build): void {
    const now = this.#clock.now();
    Object.assign(job, { startedAt: now, completedAt: now, updatedAt: now });
    job.work.applied?.();
  }

  #newBuild(workspace: Workspace, given: NewBuild, parameters: Map<string, string>): Build {
    const id = this.#ids.uuid();
    const version = workspace.template.version;
    const range = given.transition === "start" ? this.#times.start : this.#times.delete;
    const work: Work = {
      durationMs: this.#pace.between(range),
      applyStage: APPLY_STAGE[given.transition],
      ...(given.orphan ? {} : this.#applyError(workspace, version, given.transition)),
      applying: () => {
        if (given.transition !== "start") this.#stopAgents(workspace, build);
      },
      applied: () => {
        if (given.transition === "start") this.#startAgents(build);
        if (given.transition === "delete" && build.job.canceledAt === undefined)
          this.#workspaces.delete(workspace);
      },
      changed: () => this.#workspaces.changed(workspace),
    };
    const job = this.#newJob("workspace_build", version, { workspace_build_id: id }, given.initiator, work);
    const build: Build = {
      id,
      workspace,
      number: (workspace.builds.at(-1)?.number ?? 0) + 1,
      transition: given.transition,
      version,
      initiator: given.initiator,
      reason: given.reason ?? "initiator",
      createdAt: job.createdAt,
      job,
      resources: [],
      parameters,
      presetId: given.preset?.id ?? null,
    };
    this.#buildOfJob.set(job.id, build);
    return build;
  }

  #applyError(
    workspace: Workspace,
    version: TemplateVersion,
    transition: Transition,
  ): Pick<Work, "applyError"> {
    if (transition === "start" && (version.blueprint.applyFails || this.#faults.buildFails())) {
      return { applyError: "the template's resource could not be created" };
    }
    if (transition === "delete" && this.#faults.deleteFails(workspace.id)) {
      return { applyError: "the template's resource could not be destroyed" };
    }
    return {};
  }

  #newJob(
    type: Job["type"],
    version: TemplateVersion,
    input: Job["input"],
    initiator: User,
    work: Work,
  ): Job {
    const now = this.#clock.now();
    const job: Job = {
      id: this.#ids.uuid(),
      type,
      organization: version.organization,
      fileId: version.fileId,
      input,
      initiatorId: initiator.id,
      createdAt: now,
      updatedAt: now,
      ticket: -1,
      unmatched: version.blueprint.unmatched,
      work,
      logs: [],
      followers: new Set(),
    };
    this.#jobs.set(job.id, job);
    if (this.#jobs.size > this.#forgetAt) this.#forget();
    return job;
  }

  /** @throws ApiError 503 when there are too many jobs that cannot be forgotten yet, or workspaces */
  #checkRoom(): void {
    if (this.#jobs.size < JOBS && this.#workspaces.live().size < WORKSPACES) return;
    throw new ApiError(503, `The sandbox has room for ${JOBS} jobs and ${WORKSPACES} workspaces.`);
  }

  /** The oldest that are over and nobody's last go, until there are as many as are kept. */
  #forget(): void {
    let excess = this.#jobs.size - KEPT_JOBS;
    for (const job of this.#jobs.values()) {
      if (excess <= 0) break;
      const build = this.#buildOfJob.get(job.id);
      const last = build && !build.workspace.deleted && latestBuild(build.workspace) === build;
      // One that was cancelled in the queue is still taken from it.
      const waits = job.worker === undefined && !job.unmatched;
      if (last || waits || job.completedAt === undefined) continue;
      excess--;
      this.#jobs.delete(job.id);
      this.#buildOfJob.delete(job.id);
      if (build) this.onForgotten(build, this.#workspaces.forget(build));
    }
    this.#forgetAt = this.#jobs.size + KEPT_JOBS / 10;
  }

  #makeResources(build: Build, agentIds: readonly string[] = []): Resource[] {
    const { blueprint } = build.version;
    const id = this.#ids.uuid();
    const region = build.parameters.get("region");
    return [
      {
        id,
        createdAt: this.#clock.now(),
        type: "terraform_data",
        name: blueprint.agents.length ? "agent" : "disk",
        agents: blueprint.agents.map((name, at) =>
          this.#life.create(build.workspace, id, name, blueprint, agentIds[at]),
        ),
        metadata: region === undefined ? [] : [{ key: "region", value: region, sensitive: false }],
      },
    ];
  }

  #startAgents(build: Build): void {
    build.resources = this.#makeResources(build);
    for (const resource of build.resources) {
      for (const agent of resource.agents) this.#life.start(agent, build.version.blueprint);
    }
  }

  #stopAgents(workspace: Workspace, except: Build): void {
    for (const build of workspace.builds) {
      if (build === except) continue;
      for (const resource of build.resources) for (const agent of resource.agents) this.#life.stop(agent);
    }
  }

  #currentResources(workspace: Workspace): Resource[] {
    return latestBuild(workspace).resources;
  }
}

function parametersError(validations: Validation[]): ApiError {
  return new ApiError(400, "Unable to validate parameters", { validations });
}
