import { mkdir, rm } from "node:fs/promises";
import { availableParallelism } from "node:os";
import type { User } from "../../coder/schemas.ts";
import type { SessionNews } from "../../coder/session.ts";
import { maxCliProcesses } from "../../coder/ssh/cli-dialer.ts";
import type { Demand } from "../../contract/demand.ts";
import { Refusal } from "../../contract/failures.ts";
import type { Plan } from "../../contract/plan.ts";
import type { MostOf, PrepareContext } from "../../contract/prepare.ts";
import { ConnectionBytes } from "../../load/byte-counts.ts";
import { Course } from "../../load/course.ts";
import { lateLimitMs } from "../../load/late-limit.ts";
import { now } from "../../measure/clock.ts";
import { counted } from "../../measure/values.ts";
import { formatDuration, parseDuration } from "../../protocol/duration.ts";
import { NOTHING_LEFT, type Untouched } from "../../protocol/left.ts";
import { formatRate, sayLoad, sayMessages } from "../../protocol/rate.ts";
import { seriesKey } from "../../protocol/series-key.ts";
import { say } from "../../text/message.ts";
import { saidOf } from "../../text/said-error.ts";
import { type Leased, leased } from "../leased.ts";
import { countTokens, OwnerTokens } from "../owner-tokens.ts";
import { chooseSsh, type SshWay, sshFolder } from "../ssh.ts";
import { findTargets, meantBy, type Target, untouchedBy } from "../targets.ts";
import { thresholdsOf } from "../thresholds.ts";
import { appHost, appOf, proxyAppHost } from "./addresses.ts";
import { durationOf, type TrafficConfig, tickOf } from "./config.ts";
import { describeTraffic, JUDGED } from "./describe.ts";
import { Growth } from "./growth.ts";
import { type Shared, TrafficJob } from "./job.ts";
import { TrafficLevels } from "./levels.ts";
import { WorkspaceMetrics } from "./metrics.ts";
import { ShardPool, type ShardSetup } from "./pool.ts";
import { checkFirst } from "./preflight.ts";
import type { SshSetup } from "./probe/setup.ts";
import { TrafficLoad } from "./report.ts";
import { trafficSection } from "./result.ts";
import { mayReachBySsh } from "./ssh-rights.ts";
import { lackOf } from "./usable.ts";
import { ConnectedUsers } from "./users.ts";

const HOUR_MS = 3_600_000;
const LOOK_AGAIN_MS = 200;
const OPEN_TIMEOUT_MS = 30_000;
/** An echo that is not back this long after the last tick is lost. */
const DRAIN_MS = 10_000;
/** For opening, draining and closing, over the length of the traffic itself. */
const SLACK_MS = 5 * 60_000;

export function prepare(config: TrafficConfig, context: PrepareContext): Promise<Plan> {
  return leased(context, (own) => prepareWith(config, context, own));
}

async function prepareWith(asked: TrafficConfig, context: PrepareContext, own: Leased): Promise<Plan> {
  const host = context.user;
  const meant = meantBy(asked, context);
  const found = await findTargets({ ...asked, ...meant }, own.seeker, host, (target) =>
    lackOf(asked, target),
  );
  const targets = await own.hold(found, ({ workspace }) => workspace);
  const config = forMost(asked, targets.length, context);
  const connections = targets.length * config.connectionsPerWorkspace;
  const { bytes, intervalMs } = tickOf(config);
  const offered = (connections * bytes * 1_000) / intervalMs;
  const untouched = untouchedBy(
    targets.map(({ workspace }) => workspace),
    meant.run,
    context,
  );
  const used = untouched ? { workspaces: targets.length } : {};
  const demand = { ...used, connections, bytesPerSecond: offered };
  context.demand(demand);
  const way = config.ssh ? await chooseSsh({ ...config, connectMode: modeOf(config) }, context) : undefined;
  await checkFirst(config, connections, way?.via === "cli", context, targets[0]?.workspace);
  const ownToken = config.useHostLogin || (await sharesToken(config, way, targets, host, context));
  const apps = await hostOfApps(config, context);
  if (config.app) for (const target of targets) checkApp(config.app, target, apps);
  context.event(
    say(
      "{0} connections to {1} workspaces, {2} each: {3}, {4} in all",
      connections,
      targets.length,
      sayLoad({ bytes, intervalMs }),
      sayMessages(offered / bytes),
      formatRate(offered),
    ),
  );
  return planOf(config, context, { host, targets, untouched, way, ownToken, appHost: apps, demand });
}

/**
 * A search has as many connections as its largest level. One that a level has dropped is opened again: the levels after
 * it would have less load than they say.
 */
function forMost(config: TrafficConfig, targets: number, { most }: PrepareContext): TrafficConfig {
  if (most === undefined || targets === 0) return config;
  const each = Math.ceil((connectionsIn(most)?.value ?? 1) / targets);
  const connectionsPerWorkspace = Math.max(config.connectionsPerWorkspace, each);
  return { ...config, connectionsPerWorkspace, reconnect: true };
}

function connectionsIn(most: PrepareContext["most"]): MostOf | undefined {
  return most?.find(({ of }) => of === "connections");
}

/**
 * A tailnet node has one token. With the caller's own, where that is enough, a hundred connections share a node,
 * as those of Coder's own tool could; a user's shape is a token and a node for each.
 */
function sharesToken(
  config: TrafficConfig,
  way: SshWay | undefined,
  targets: readonly Target[],
  host: User,
  { client, signal }: PrepareContext,
): Promise<boolean> | boolean {
  if (way?.via !== "native" || config.connectionsPerNode === 1) return false;
  const workspaces = targets.map(({ workspace }) => workspace);
  return mayReachBySsh(client, workspaces, host.id, signal);
}

/** Direct connections are Coder's default; ours are the relay's, as long as no command is asked for. */
function modeOf(config: TrafficConfig): "derp" | "direct" {
  return config.sshVia === "cli" && !config.disableDirect ? "direct" : "derp";
}

/** Throws Refusal where the app is nowhere to be reached. */
function checkApp(slug: string, target: Target, host: string): void {
  const app = appOf(slug, target);
  if (app?.subdomain && app.subdomain_name && host === "")
    throw new Refusal(
      say('app "{0}" is on a subdomain, and the deployment has no wildcard host for apps', slug),
    );
}

function hostOfApps(config: TrafficConfig, context: PrepareContext): Promise<string> {
  const { workspaceProxyUrl: proxy } = config;
  if (proxy !== undefined) return proxyAppHost(context.client, proxy, context.signal);
  return config.app ? appHost(context.client, context.signal) : Promise.resolve("");
}

interface Found {
  host: User;
  targets: Target[];
  untouched: Untouched | undefined;
  way: SshWay | undefined;
  /** The caller's own token opens all of them. */
  ownToken: boolean;
  appHost: string;
  /** What it asks of the deployment. */
  demand: Demand;
}

async function planOf(config: TrafficConfig, context: PrepareContext, found: Found): Promise<Plan> {
  const { targets } = found;
  const { bytes, intervalMs } = tickOf(config);
  const connections = targets.length * config.connectionsPerWorkspace;
  const { prefix } = context;
  const lengthMs = config.rampMs + config.warmUpMs + durationOf(config);
  const course = new Course({
    jobs: targets.length,
    together: config.concurrency === 0 || config.concurrency >= targets.length,
    connections,
    rampMs: config.rampMs,
    warmUpMs: config.warmUpMs,
    durationMs: durationOf(config),
  });
  const shards = Math.min(config.shards ?? Math.max(1, availableParallelism() - 1), connections);
  const load = new TrafficLoad({
    course,
    intervalMs,
    planned: connections,
    users: new ConnectedUsers(targets.map(({ workspace }) => workspace.owner_id)),
    record: context.record,
    missed: (at, transport, ticks) => missedTicks(context, { at, transport, ticks, bytes }),
  });
  const counts = new ConnectionBytes(connections);
  const metrics = config.prometheusAddress
    ? new WorkspaceMetrics(targets, config.connectionsPerWorkspace)
    : undefined;
  const setup = await setupOf(config, context, found, connections, shards);
  const { session } = context.client.transport;
  const pool = new ShardPool(context.files.shardScript, shards, setup, {
    second: (shard, second) => {
      context.measure(second.batch);
      load.second(shard, second);
      counts.add(second.bytes);
      metrics?.bytes(second.bytes);
    },
    opened: (connection) => load.opened(connection),
    failed: (connection) => {
      load.failed(connection);
      metrics?.failed(connection.id);
    },
    dropped: (connection, drop) => {
      load.dropped(connection, drop);
      metrics?.dropped(connection.id);
      counts.changed(connection.id);
    },
    reconnected: (connection, gapMs) => load.reconnected(connection, gapMs),
    resumed: (_connection, isSame) => load.resumed(isSame),
    died: (shard, error, lost) => {
      context.warn(
        say("shard {0} died with {1} connections: {2}", String(shard), lost.length, saidOf(error)),
      );
      load.shardDied(shard, lost);
      context.leave(String(shard));
    },
    suspicion: (shard, token) =>
      void session.lapsed(token, true).then(() => pool.tellSession(session.news, shard)),
    event: (what) => context.event(what),
  });
  const most = connectionsIn(context.most);
  const growth = most && new Growth(most.first);
  const levels = new TrafficLevels({
    ...{ connections, bytes, intervalMs, demand: found.demand, growth },
    changed: (level) => {
      pool.setLevel(level);
      load.setInterval(level.intervalMs);
    },
  });
  const tellSession = (news: SessionNews) => pool.tellSession(news);
  session.changed.add(tellSession);
  tellOfBegin(course, load, durationOf(config), context);
  const tokens = new OwnerTokens(prefix, {
    client: context.client,
    ledger: context.ledger,
    lifetimeMs: tokenLifetimeMs(lengthMs),
    warn: (what) => context.warn(what),
  });
  const book = { config, bytes, appHost: found.appHost };
  const { ownToken, host } = found;
  const workspaces = targets.length;
  const shared: Shared = {
    ...{ book, course, workspaces, pool, tokens, ownToken, hostId: host.id, bytes: counts, growth },
  };
  return {
    testName: "workspace-traffic",
    thresholds: thresholdsOf(config.thresholds, JUDGED),
    jobs: targets.map((target, index) => new TrafficJob(index, target, shared)),
    description: describeTraffic(bytes, lateMsOf(config)),
    jobsLabel: say("Traffic"),
    concurrency: config.concurrency,
    timeoutMs: config.timeoutMs > 0 ? Math.max(config.timeoutMs, lengthMs) + SLACK_MS : 0,
    jobTimeoutMs: 0,
    cleanup: {
      label: say("Revoke tokens"),
      done: say("token revoked"),
      // Tokens are gone in a moment; one after the other would take minutes for a thousand.
      concurrency: Math.max(config.cleanupConcurrency, 10),
      timeoutMs: config.cleanupTimeoutMs,
      jobTimeoutMs: config.cleanupJobTimeoutMs,
    },
    countLeft: async (signal) => ({
      left: { ...NOTHING_LEFT, tokens: await countTokens(context, signal) },
    }),
    ...(found.untouched ? { untouched: found.untouched } : {}),
    load,
    levels: levels.plans,
    sections: (measured) => ({ traffic: trafficSection(measured, load, { bytes, intervalMs }) }),
    ...(config.prometheusAddress
      ? {
          exposition: {
            address: config.prometheusAddress,
            waitMs: config.prometheusWaitMs,
            own: () => metrics?.text() ?? Promise.resolve(""),
          },
        }
      : {}),
    pause: (paused) => {
      const at = now();
      if (paused) {
        course.pause(at);
        pool.pause(at);
        return say("paused: nothing is sent, connections stay open, and the time does not count");
      }
      const pause = course.resume(at);
      if (pause) pool.resume(pause);
      return say("resumed");
    },
    close: async () => {
      session.changed.delete(tellSession);
      tokens.close();
      load.end();
      await pool.close();
      await rm(sshFolder(context), { recursive: true, force: true });
    },
  };
}

/** One event, at the moment at which the measured part begins. */
function tellOfBegin(course: Course, load: TrafficLoad, durationMs: number, context: PrepareContext): void {
  let told = false;
  course.onWindow = ({ from }) => {
    if (told) return;
    told = true;
    const tell = () => {
      const { id: part } = load.part();
      if (part === "over") return;
      // A pause has moved it.
      if (part === "warm_up") return void setTimeout(tell, LOOK_AGAIN_MS).unref();
      const { opened, failed } = load.totals;
      const length = formatDuration(durationMs);
      context.event(
        failed > 0
          ? say("{0} connections open, {1} failed; measured for {2}", opened, failed, length)
          : say("{0} connections open; measured for {1}", opened, length),
      );
    };
    setTimeout(tell, Math.max(0, from - now())).unref();
  };
}

/** What a thread that has died was still to send: due, and missed. */
function missedTicks(
  { clock, measure }: PrepareContext,
  { at, transport, ticks, bytes }: { at: number; transport: string; ticks: number; bytes: number },
): void {
  const key = (metric: string, labels = {}) => seriesKey(metric, { ...labels, transport });
  measure({
    second: Math.floor((at - clock.zero) / 1_000),
    place: `rest of ${transport}`,
    part: ++parts,
    values: {
      always: {
        [key("ticks", { outcome: "due" })]: counted(ticks),
        [key("ticks", { outcome: "missed" })]: counted(ticks),
        [key("offered_bytes")]: counted(ticks * bytes),
        [key("achieved")]: { kind: "share", n: 0, of: ticks },
      },
    },
  });
}

/** So that two of a second are told apart. */
let parts = 0;

async function setupOf(
  config: TrafficConfig,
  context: PrepareContext,
  { way }: Found,
  connections: number,
  shards: number,
): Promise<Omit<ShardSetup, "shard">> {
  const { bytes, intervalMs } = tickOf(config);
  return {
    target: { ...context.client.transport.newestTarget, token: context.client.token },
    shards,
    connections,
    bytes,
    intervalMs,
    echo: config.echo,
    seed: config.seed,
    reconnect: config.reconnect,
    drainMs: DRAIN_MS,
    openTimeoutMs: OPEN_TIMEOUT_MS,
    epoch: now(),
    zero: context.clock.zero,
    lateMs: lateMsOf(config),
    injectLatenessMs: config.injectLatenessMs,
    upgradesStripped: context.client.transport.upgradesStripped,
    ssh: way && (await sshSetup(way, config, context, shards)),
  };
}

function lateMsOf(config: TrafficConfig): number {
  return config.lateLimitMs ?? testLimitMs(process.env) ?? lateLimitMs(config.tickIntervalMs);
}

/** CODER_SCALETEST_LATE_LIMIT: for tests in a window, which shares its machine with the whole editor. */
function testLimitMs(env: NodeJS.ProcessEnv): number | undefined {
  return parseDuration(env.CODER_SCALETEST_LATE_LIMIT ?? "");
}

async function sshSetup(
  way: SshWay,
  config: TrafficConfig,
  context: PrepareContext,
  shards: number,
): Promise<SshSetup> {
  if (way.via === "native") return { via: "native", connectionsPerNode: config.connectionsPerNode };
  const folder = sshFolder(context);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const maxProcesses = Math.max(1, Math.floor(maxCliProcesses() / shards));
  return { via: "cli", command: [...way.command], mode: modeOf(config), folder, maxProcesses };
}

/** Longer than the run can take; a deployment may not let a token live for so long. */
function tokenLifetimeMs(lengthMs: number): number {
  return Math.max(HOUR_MS, Math.ceil((lengthMs * 1.5) / HOUR_MS) * HOUR_MS);
}
