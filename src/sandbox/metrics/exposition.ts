import { createServer, type Server } from "node:http";
import type { Deployment } from "../deployment.ts";
import { agentStatus } from "../state/agents.ts";
import { jobStatus } from "../state/jobs.ts";
import { latestBuild } from "../state/workspaces.ts";
import { header, type Labels, line, Numbers } from "./instruments.ts";
import { Recorder } from "./recorder.ts";

export const CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8; escaping=underscores";
const HOUR_MS = 3_600_000;

/** Everything that Coder's metrics port tells, as far as it has to do with load. */
export function expose(deployment: Deployment): string {
  const lines = [
    ...deployment.recorder.expose(),
    ...builds(deployment),
    ...agents(deployment),
    ...users(deployment),
    ...daemons(deployment),
    ...process_(deployment),
    ...database(deployment),
  ];
  return `${lines.join("\n")}\n`;
}

/** The process begins anew: it counts from 0. */
export function restartMetrics(deployment: Deployment): void {
  deployment.process = { startedAt: deployment.clock.now(), cpuBefore: cpuSeconds(deployment) };
  deployment.recorder = new Recorder();
}

/**
 * One replica's own page. What is counted of all of them together is the first one's, so that who adds up the pages has it
 * once.
 */
function exposeReplica(deployment: Deployment, replica: number): string {
  const { startedAt } = deployment.process;
  const { coderdCores } = deployment.model.options;
  const [name, help] = ["process_cpu_seconds_total", "CPU time used."];
  const own = [
    ...counter(name, help, deployment.model.coderdCpuSeconds()[replica] ?? 0),
    ...(coderdCores > 0
      ? gauge("go_sched_gomaxprocs_threads", "Cores that it may use.", Math.ceil(coderdCores))
      : []),
    ...gauge("process_resident_memory_bytes", "Resident memory.", process.memoryUsage().rss),
    ...gauge("process_start_time_seconds", "When it started.", startedAt / 1000),
  ];
  const shared =
    replica === 0
      ? [
          ...deployment.recorder.expose(),
          ...builds(deployment),
          ...agents(deployment),
          ...database(deployment),
        ]
      : [];
  return `${[...shared, ...own].join("\n")}\n`;
}

/**
 * A server that answers every path with the metrics, as coderd's does; `/replicas/0/metrics` with those of one replica, as
 * a pod's own address does.
 */
export function metricsServer(deployment: Deployment): Server {
  return createServer((request, response) => {
    // As behind a gate: coderd itself wants no token for them.
    if (
      deployment.metricsToken !== undefined &&
      request.headers.authorization !== `Bearer ${deployment.metricsToken}`
    ) {
      response.writeHead(401, { "Content-Type": "text/plain; charset=utf-8" });
      response.end("Unauthorized\n");
      return;
    }
    const replica = /^\/replicas\/(\d+)\//.exec(request.url ?? "")?.[1];
    if (replica !== undefined && !deployment.model.replicas[Number(replica)]?.present) {
      // It is not there any more: nobody answers.
      request.socket.destroy();
      return;
    }
    response.writeHead(200, { "Content-Type": CONTENT_TYPE });
    response.end(replica === undefined ? expose(deployment) : exposeReplica(deployment, Number(replica)));
  });
}

function gauge(name: string, help: string, value: number, labels: Labels = {}): string[] {
  return [...header(name, "gauge", help), line(name, labels, value)];
}

function counter(name: string, help: string, value: number, labels: Labels = {}): string[] {
  return [...header(name, "counter", help), line(name, labels, value)];
}

function builds({ workspaces }: Deployment): string[] {
  const latest = new Numbers(
    "coderd_api_workspace_latest_build",
    "gauge",
    "Latest builds by the status of their job.",
  );
  const statuses = new Numbers(
    "coderd_workspace_latest_build_status",
    "gauge",
    "Latest builds by template and owner.",
  );
  for (const workspace of workspaces.live()) {
    const build = latestBuild(workspace);
    const status = jobStatus(build.job);
    latest.add({ status });
    statuses.add({
      status,
      template_name: workspace.template.name,
      template_version: build.version.name,
      workspace_owner: workspace.owner.username,
      workspace_transition: build.transition,
    });
  }
  return [...latest.expose(), ...statuses.expose()];
}

function agents({ workspaces, clock }: Deployment): string[] {
  const up = new Numbers("coderd_agents_up", "gauge", "Agents of a workspace.");
  const connections = new Numbers("coderd_agents_connections", "gauge", "Agents by their state.");
  const latencies = new Numbers(
    "coderd_agents_connection_latencies_seconds",
    "gauge",
    "How far away agents are.",
  );
  const now = clock.now();
  for (const workspace of workspaces.live()) {
    const build = latestBuild(workspace);
    const names = { username: workspace.owner.username, workspace_name: workspace.name };
    for (const agent of build.resources.flatMap((resource) => resource.agents)) {
      const template = { template_name: workspace.template.name, template_version: build.version.name };
      up.add({ ...template, ...names });
      const status = agentStatus(agent, now);
      const node = agent.latencyMs === undefined ? "none" : `nodeid:${agent.id.slice(0, 8)}`;
      const state = { lifecycle_state: agent.lifecycle, status, tailnet_node: node };
      connections.add({ agent_name: agent.name, ...state, ...names });
      if (agent.latencyMs === undefined) continue;
      const region = { derp_region: "Coder Embedded Relay", preferred: "true" };
      latencies.add({ agent_name: agent.name, ...region, ...names }, agent.latencyMs / 1000);
    }
  }
  return [up, connections, latencies].flatMap((one) => one.expose());
}

function users({ users, clock }: Deployment): string[] {
  const byStatus = new Numbers("coderd_api_total_user_count", "gauge", "Users by status.");
  const since = clock.now() - HOUR_MS;
  let active = 0;
  for (const user of users.all()) {
    byStatus.add({ status: user.status });
    if (user.lastSeenAt > since) active++;
  }
  const name = "coderd_api_active_users_duration_hour";
  return [...byStatus.expose(), ...gauge(name, "Users seen in the last hour.", active)];
}

function daemons({ queue }: Deployment): string[] {
  const present = queue.daemons.filter(({ goneAt }) => goneAt === undefined);
  const busy = present.filter((daemon) => daemon.current).length;
  return [
    ...gauge("coderd_provisionerd_jobs_current", "Jobs that run.", busy, { provisioner: "terraform" }),
    ...gauge("coderd_provisionerd_num_daemons", "Provisioner daemons.", present.length),
  ];
}

/** CPU time is the load model's where it has cores: what this process itself takes is another matter. */
function cpuSeconds({ model }: Deployment): number {
  if (model.options.coderdCores > 0)
    return model.coderdCpuSeconds().reduce((sum, seconds) => sum + seconds, 0);
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

function process_(deployment: Deployment): string[] {
  const { startedAt, cpuBefore } = deployment.process;
  const { coderdCores, replicas } = deployment.model.options;
  const memory = process.memoryUsage();
  return [
    ...gauge("go_goroutines", "Stands for goroutines: resources that keep the sandbox running.", resources()),
    // As GOMAXPROCS: a whole number, where it is limited at all.
    ...(coderdCores > 0
      ? gauge("go_sched_gomaxprocs_threads", "Cores that it may use.", Math.ceil(coderdCores) * replicas)
      : []),
    ...gauge("go_memstats_alloc_bytes", "Bytes of the heap in use.", memory.heapUsed),
    ...gauge("go_memstats_heap_alloc_bytes", "Bytes of the heap in use.", memory.heapUsed),
    ...gauge("go_memstats_sys_bytes", "Bytes taken from the system.", memory.rss),
    ...counter("process_cpu_seconds_total", "CPU time used.", cpuSeconds(deployment) - cpuBefore),
    ...gauge("process_resident_memory_bytes", "Resident memory.", memory.rss),
    ...gauge("process_open_fds", "Open files and sockets, about.", resources()),
    ...gauge("process_start_time_seconds", "When it started.", startedAt / 1000),
  ];
}

function resources(): number {
  return process.getActiveResourcesInfo().length;
}

/** The database is the load model's; without one, its pool is always idle. */
function database({ model }: Deployment): string[] {
  const db = { db_name: "" };
  const { pool } = model;
  const inUse = model.connectionsInUse();
  const idle = Math.min(3, pool.size - inUse);
  return [
    ...gauge("go_sql_max_open_connections", "Largest pool.", pool.size, db),
    ...gauge("go_sql_open_connections", "Connections.", inUse + idle, db),
    ...gauge("go_sql_in_use_connections", "Connections in use.", inUse, db),
    ...gauge("go_sql_idle_connections", "Idle connections.", idle, db),
    ...counter("go_sql_wait_count_total", "Waits for a connection.", pool.waits, db),
    ...counter("go_sql_wait_duration_seconds_total", "Time waited for a connection.", pool.waitSeconds, db),
    ...gauge("coder_pubsub_connected", "Whether pubsub is connected.", 1),
    ...gauge("coder_pubsub_send_latency_seconds", "Time to send a message.", 0.0005),
    ...gauge("coder_pubsub_receive_latency_seconds", "Time to receive a message.", 0.0005),
  ];
}
