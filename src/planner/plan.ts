import { type Message, say } from "../text/message.ts";
import { BUILDING_SHARE, RUNNING_SHARE, type Size, TIERS, type Tier } from "./published.ts";
import { type BuildTimes, daemonsFor, meanQueueMs, type QueueTimes, queueOfMorning } from "./queue.ts";

/** Which of Coder's published rules: those of 2023 (v2.2.1), or the validated architectures of 2026. */
export type RuleSet = "2023" | "2026";

export interface PlanInput {
  rules: RuleSet;
  /** Users who are active at the same time, at the peak. */
  users: number;
  /** Of 1: those who work in the browser. */
  webShare: number;
  /** Builds at the same time; by default, as many as the rules have. */
  builds?: number | undefined;
  /** Workspaces that are started within `windowMs`, as at nine o'clock; by default, all that run. */
  starts?: number | undefined;
  windowMs: number;
  /** Of the template: how long a build takes. */
  times: BuildTimes;
  /** Daemons beside coderd, or in it. */
  provisioners: "external" | "integrated";
  /** What a workspace of the template asks for, without its agent. */
  workspace: Size;
  /** Machines for workspaces. */
  node: Size;
}

export interface Coderd extends Size {
  replicas: number;
}

export interface Provisioners {
  daemons: number;
  /** Of daemons in coderd, for each replica. */
  perReplica?: number;
  /** Of daemons beside it: machines, each with so many daemons. */
  nodes?: Size & { count: number; daemons: number };
}

/** What a deployment needs. Cores, and GB of memory. */
export interface Plan {
  rules: RuleSet;
  /** Where the rules were published (docs/sizing.md). */
  source: string;
  users: number;
  running: number;
  builds: number;
  coderd: Coderd;
  provisioners: Provisioners;
  database: Size & { connections: number };
  workspaces: { count: number; nodes: number; node: Size; each: Size };
  /** At nine o'clock. */
  starts: number;
  windowMs: number;
  queue: QueueTimes;
  /** So many daemons, and 95 of 100 of these builds wait for less than a minute. */
  daemonsForAMinute: number;
  /** Mean wait where as many builds come in each hour, all day; null: the daemons cannot keep up. */
  steadyQueueMs: number | null;
  /** How each was found. */
  because: { coderd: Message; provisioners: Message; database: Message; workspaces: Message };
  /** What a reader should know of it. */
  notes: Message[];
}

const SOURCES: Record<RuleSet, string> = {
  "2023": "Coder v2.2.1, Scaling Coder",
  "2026": "Coder's validated architectures of 2026",
};

/** A daemon in coderd, and the old rule for those beside it, too. */
const DAEMON: Size = { cores: 0.25, memory: 0.25 };
/** Of 2023, on machines of their own. */
const BUILDS_PER_CORE = 5;
/** Both rule sets have at most so many in a replica or on a machine. */
const MOST_DAEMONS = 30;
/** Coder's own default of daemons in a replica. */
export const DEFAULT_DAEMONS = 3;
/** coderd opens at most so many connections to the database, and one that listens. */
const DATABASE_CONNECTIONS = 10 + 1;
/** A node is filled to here: Coder's docs have it grow then. */
const FILLED = 0.8;
const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const MOST_PODS = 256;
/** What an idle agent needs. */
const AGENT: Record<RuleSet, Size> = {
  "2023": { cores: 0.1, memory: 0.256 },
  "2026": { cores: 0.1, memory: 0.128 },
};

/** What so many users need, by the rules that are asked for. */
export function planFor(input: PlanInput): Plan {
  const { rules, users, windowMs, times } = input;
  const running = Math.ceil(users * RUNNING_SHARE);
  const builds = input.builds ?? Math.ceil(running * BUILDING_SHARE);
  const starts = input.starts ?? running;
  const found = rules === "2023" ? by2023(input, builds) : by2026(input, builds);
  const { daemons } = found.provisioners;
  const workspaces = workspacesOf(input, running);
  return {
    rules,
    source: SOURCES[rules],
    users,
    running,
    builds,
    starts,
    windowMs,
    ...found,
    workspaces,
    queue: queueOfMorning({ builds: starts, windowMs, daemons }, times),
    daemonsForAMinute: daemonsFor({ builds: starts, windowMs }, times, MINUTE_MS),
    steadyQueueMs: meanQueueMs({ buildsPerHour: starts / (windowMs / HOUR_MS), daemons }, times) ?? null,
    because: { ...found.because, workspaces: sayWorkspaces(input, workspaces) },
  };
}

type Found = Pick<Plan, "coderd" | "provisioners" | "database" | "notes"> & {
  because: Omit<Plan["because"], "workspaces">;
};

/** 2 cores and 4 GB for each 1,000 users, twice that in the browser; a core of the database for each 1,000, and one. */
function by2023(input: PlanInput, builds: number): Found {
  const { users, webShare } = input;
  const load = (users / 1_000) * (1 + webShare);
  const isIntegrated = input.provisioners === "integrated";
  const replicas = Math.max(1, Math.ceil(users / 1_000), isIntegrated ? Math.ceil(builds / MOST_DAEMONS) : 0);
  const perReplica = isIntegrated ? Math.max(DEFAULT_DAEMONS, Math.ceil(builds / replicas)) : 0;
  const own = (all: number, each: number) => Math.ceil(all / replicas + perReplica * each);
  const coderd = { replicas, cores: own(2 * load, DAEMON.cores), memory: own(4 * load, DAEMON.memory) };
  const cores = 1 + Math.max(1, Math.ceil(users / 1_000));
  return {
    coderd,
    provisioners: isIntegrated
      ? { daemons: replicas * perReplica, perReplica }
      : externalOf(builds, (daemons) => ({
          cores: Math.ceil(Math.max(daemons * DAEMON.cores, daemons / BUILDS_PER_CORE)),
          memory: Math.ceil(Math.max(daemons * DAEMON.memory, daemons / BUILDS_PER_CORE)),
        })),
    database: { cores, memory: 2 * cores, connections: replicas * DATABASE_CONNECTIONS },
    because: {
      coderd: say("2 cores and 4 GB for each 1,000 active users, twice that for those in the browser"),
      provisioners: isIntegrated
        ? say("0.25 cores and 256 MB for each daemon in a replica, at most {0} of them", String(MOST_DAEMONS))
        : say("0.25 cores and 256 MB for each daemon, and a core and 1 GB for each 5 builds"),
      database: say("1 core, and 1 more for each 1,000 active users, with 2 GB each"),
    },
    notes: [
      say("the rules of 2026 ask for more of the database, and for a core for each 2 builds: compare them"),
    ],
  };
}

/** The tier that has room for them, or more of the largest. */
function by2026(input: PlanInput, builds: number): Found {
  const { users } = input;
  const tier = TIERS.find((one) => users <= one.users);
  const largest = TIERS.at(-1) ?? TIERS[0];
  const { coderd, database } = tier ?? beyond(largest, users);
  const isIntegrated = input.provisioners === "integrated";
  const perReplica = isIntegrated ? Math.max(DEFAULT_DAEMONS, Math.ceil(builds / coderd.replicas)) : 0;
  // A core and 1 GB for each 2 builds, where they work in coderd.
  const size = {
    replicas: coderd.replicas,
    cores: coderd.cores + Math.ceil(Math.max(0, perReplica - DEFAULT_DAEMONS) / 2),
    memory: coderd.memory + Math.ceil(Math.max(0, perReplica - DEFAULT_DAEMONS) / 2),
  };
  return {
    coderd: size,
    provisioners: isIntegrated
      ? { daemons: coderd.replicas * perReplica, perReplica }
      : externalOf(builds, (daemons) => ({ cores: daemons, memory: daemons })),
    database: { ...database, connections: coderd.replicas * DATABASE_CONNECTIONS },
    because: {
      coderd: tier
        ? say("the architecture for {0} users", String(tier.users))
        : say(
            "beyond what was published: in proportion to the architecture for {0} users",
            String(largest.users),
          ),
      provisioners: say(
        "a daemon for each build, with 1 core and 1 GB; at most {0} on a machine",
        String(MOST_DAEMONS),
      ),
      database: tier
        ? say("the architecture for {0} users", String(tier.users))
        : say("in proportion to the architecture for {0} users", String(largest.users)),
    },
    notes: [
      ...(tier
        ? []
        : [say("nobody has published a deployment of so many users: measure before you rely on it")]),
      ...(isIntegrated && users > TIERS[0].users
        ? [say("above 1,000 users, Coder advises daemons on machines of their own")]
        : []),
    ],
  };
}

function beyond({ coderd, database, users: most }: Tier, users: number): Pick<Tier, "coderd" | "database"> {
  const times = users / most;
  return {
    coderd: { ...coderd, replicas: Math.ceil(coderd.replicas * times) },
    database: { cores: Math.ceil(database.cores * times), memory: Math.ceil(database.memory * times) },
  };
}

function externalOf(builds: number, sizeOf: (daemons: number) => Size): Provisioners {
  const count = Math.max(1, Math.ceil(builds / MOST_DAEMONS));
  const daemons = Math.max(1, Math.ceil(builds / count));
  return { daemons: count * daemons, nodes: { count, daemons, ...sizeOf(daemons) } };
}

function workspacesOf({ rules, workspace, node }: PlanInput, count: number): Plan["workspaces"] {
  const agent = AGENT[rules];
  const each = {
    cores: rounded(workspace.cores + agent.cores),
    memory: rounded(workspace.memory + agent.memory),
  };
  const fit = Math.min(
    MOST_PODS,
    Math.floor((node.cores * FILLED) / each.cores),
    Math.floor((node.memory * FILLED) / each.memory),
  );
  return {
    count,
    nodes: count === 0 ? 0 : fit > 0 ? Math.ceil(count / fit) : Number.POSITIVE_INFINITY,
    node,
    each,
  };
}

function sayWorkspaces({ rules }: PlanInput, { nodes, each }: Plan["workspaces"]): Message {
  const agent = AGENT[rules];
  if (!Number.isFinite(nodes)) return say("one workspace is larger than a node: take larger nodes");
  return say(
    "{0} cores and {1} GB each, {2} cores and {3} MB of it for the agent; nodes filled to {4} %",
    String(each.cores),
    String(each.memory),
    String(agent.cores),
    String(agent.memory * 1_000),
    String(FILLED * 100),
  );
}

function rounded(value: number): number {
  return Math.round(value * 1_000) / 1_000;
}
