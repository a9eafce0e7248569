import { SignedTokens } from "./apps/signed-tokens.ts";
import { createClock } from "./clock.ts";
import { Connections } from "./faults/connections.ts";
import { Faults } from "./faults/faults.ts";
import { Recorder } from "./metrics/recorder.ts";
import { LoadModel, type LoadModelOptions, type Replica } from "./model/load-model.ts";
import { createRandom } from "./random.ts";
import { AgentLife } from "./state/agent-life.ts";
import { Agents } from "./state/agents.ts";
import { Builds } from "./state/builds.ts";
import { Claims } from "./state/claims.ts";
import { DaemonLoss } from "./state/daemon-loss.ts";
import { Files } from "./state/files.ts";
import { type Daemon, JobQueue } from "./state/jobs.ts";
import { createProvisioner } from "./state/provisioner.ts";
import { seedCatalogue } from "./state/seed-templates.ts";
import { Catalogue } from "./state/templates.ts";
import { TOKEN_LIFETIME_MS, type User, Users } from "./state/users.ts";
import { Workspaces } from "./state/workspaces.ts";
import { Stats } from "./stats.ts";
import { Timers } from "./timers.ts";

export const VERSION = "v2.26.0+sandbox";
/** The owner's sign-in, the same in every sandbox: nothing in it is worth a secret. */
export const OWNER = { username: "admin", email: "admin@example.com", password: "SandboxPass!1234" };

export interface DeploymentOptions {
  workspaces: number;
  daemons: number;
  buildTimeMs: readonly [number, number];
  deleteTimeMs: readonly [number, number];
  seed: number;
  rateLimit: number | undefined;
  /** `*.apps.example.com[:port]`; "" = no subdomain apps. */
  wildcardHost: string;
  /** No user yet: the first one is made by POST /api/v2/users/first, and nobody has a token before. */
  fresh: boolean;
  /** Owners may not open the terminals of others. */
  ownerExecDisabled: boolean;
  /** Longest life of a token of those who are no owners; as a server's own default when undefined. */
  maxTokenLifetimeMs: number | undefined;
  model: LoadModelOptions;
}

/** A listener of its own for terminals and apps, in another region. */
export interface WorkspaceProxy {
  id: string;
  /** Without a slash at the end. */
  url: string;
  /** What it has of a CPU: none of coderd's. */
  replica: Replica;
}

/** Everything that a simulated deployment knows. Where it listens is added once it does. */
export interface Deployment {
  options: DeploymentOptions;
  id: string;
  /** Where the metrics are; "" when they are nowhere. */
  metricsUrl: string;
  /** The bearer token that they want; undefined: none, as at coderd itself. */
  metricsToken: string | undefined;
  /** What the metrics say of the server's process: since when it runs, and what CPU time it had taken by then. */
  process: { startedAt: number; cpuBefore: number };
  /** A workspace proxy, where there is one. */
  proxy: WorkspaceProxy | undefined;
  /** `http://host:port`, without a slash at the end. */
  accessUrl: string;
  owner: User;
  ownerToken: string;
  users: Users;
  catalogue: Catalogue;
  files: Files;
  /** Whether there is a first user. */
  isSetUp: boolean;
  workspaces: Workspaces;
  agents: Agents;
  builds: Builds;
  queue: JobQueue;
  daemonLoss: DaemonLoss;
  stats: Stats;
  claims: Claims;
  faults: Faults;
  connections: Connections;
  model: LoadModel;
  /** The server goes away and is back, with its state, after so many milliseconds. */
  restart(downMs: number): void;
  life: AgentLife;
  signedTokens: SignedTokens;
  recorder: Recorder;
  timers: Timers;
  clock: ReturnType<typeof createClock>;
  random: ReturnType<typeof createRandom>;
  startedAt: number;
}

export function createDeployment(options: DeploymentOptions): Deployment {
  const clock = createClock();
  const random = createRandom(options.seed);
  const timers = new Timers();
  const now = clock.now();
  const users = new Users(clock, random.fork("users"));
  const catalogue = new Catalogue();
  const workspaces = new Workspaces();
  const agents = new Agents();
  const ids = random.fork("deployment");
  const owner = users.create({
    ...OWNER,
    ...(options.fresh ? { password: "" } : {}),
    loginType: "password",
    status: "active",
    roles: ["owner"],
    organizationIds: [],
  });
  owner.lastSeenAt = now;
  seedCatalogue(catalogue, random.fork("templates"), owner.id, now);
  owner.organizationIds = catalogue.organizations.map((one) => one.id);
  const daemons: Daemon[] = Array.from({ length: options.daemons * options.model.replicas }, (_, at) => ({
    id: ids.uuid(),
    name: `coderd-${at}`,
    createdAt: now,
    current: undefined,
    previous: undefined,
  }));
  const faults = new Faults(random.fork("faults"), clock);
  const connections = new Connections(faults, timers);
  const model = new LoadModel(options.model, timers);
  const provisioner = createProvisioner(clock, timers, () => model.databaseBack());
  const queue = new JobQueue(daemons, async (job, daemon) => {
    const started = performance.now();
    const replica = model.replicas[daemons.indexOf(daemon) % model.replicas.length];
    const share = replica && model.build(replica, job.work.durationMs);
    if (share) job.work.durationMs = share.durationMs;
    await provisioner.run(job, daemon).finally(() => share?.end());
    deployment.recorder.job(job, builds.buildOf(job), (performance.now() - started) / 1000);
  });
  const daemonLoss = new DaemonLoss({ queue, clock, timers, faults, fail: provisioner.fail });
  const life = new AgentLife({ faults, clock, random, timers, agents, workspaces, version: VERSION });
  const times = { start: options.buildTimeMs, delete: options.deleteTimeMs };
  const builds: Builds = new Builds({ faults, clock, random, queue, workspaces, life, times });
  const deployment: Deployment = {
    options,
    id: ids.uuid(),
    accessUrl: "",
    metricsUrl: "",
    metricsToken: undefined,
    process: { startedAt: now, cpuBefore: 0 },
    proxy: undefined,
    owner,
    ownerToken: options.fresh
      ? ""
      : users.addKey(owner, { loginType: "token", tokenName: "sandbox", lifetimeMs: TOKEN_LIFETIME_MS }),
    users,
    catalogue,
    files: new Files(),
    isSetUp: !options.fresh,
    workspaces,
    agents,
    builds,
    queue,
    daemonLoss,
    stats: new Stats(),
    claims: new Claims(),
    faults,
    connections,
    model,
    restart: () => undefined,
    life,
    signedTokens: new SignedTokens(clock, random),
    recorder: new Recorder(),
    timers,
    clock,
    random,
    startedAt: now,
  };
  faults.onChange(({ provisionersPaused, databaseSlowdown, databasePaused }) => {
    model.databaseSlowdown = databaseSlowdown;
    model.pauseDatabase(databasePaused);
    queue.paused = provisionersPaused || databasePaused;
    queue.dispatch();
  });
  model.onQuery = (seconds) => deployment.recorder.query(seconds);
  users.onForgotten = (user) => deployment.stats.forgetUser(user);
  builds.onForgotten = (build, workspaceToo) => {
    for (const resource of build.resources) for (const agent of resource.agents) agents.delete(agent);
    if (workspaceToo) deployment.stats.forgetWorkspace(build.workspace);
  };
  addWorkspaces(deployment, options.workspaces);
  return deployment;
}

/** Workspaces that are there from the start, each with a user of its own, as a scale test would have left them. */
function addWorkspaces(deployment: Deployment, count: number): void {
  const { catalogue, users, builds } = deployment;
  const [organization] = catalogue.organizations;
  const template = catalogue.templates(organization).find((one) => one.name === "kubernetes");
  if (!organization || !template) throw new Error("the sandbox has no template to make workspaces of");
  for (let at = 1; at <= count; at++) {
    const name = `scaletest-sandbox-${at}`;
    const owner = users.create({
      username: name,
      email: `sandbox-${at}@scaletest.local`,
      loginType: "none",
      status: "active",
      organizationIds: [organization.id],
    });
    builds.addRunning({ name, owner, initiator: owner, template, parameters: [] });
  }
}
