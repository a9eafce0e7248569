import type { Metric } from "../protocol/description.ts";

/**
 * What a run can measure of the deployment itself. Counters of the deployment are gauges of their rate here: a second
 * in which it was not looked at, or did not answer, has none, where a counter would have a zero that nobody has seen.
 * docs/server-metrics.md says where each comes from.
 */
export const SERVER_METRICS: readonly Metric[] = [
  gauge("server_up", "none", "Sources of server metrics that answer", {
    labels: ["source"],
    better: "higher",
  }),
  gauge("server_cpu", "cores", "CPU of coderd", {
    labels: ["source"],
    better: "lower",
    compare: ["mean", "max"],
  }),
  gauge("server_cores", "cores", "Cores that coderd may use", { labels: ["source"] }),
  gauge("server_memory", "bytes", "Memory of coderd", {
    labels: ["source"],
    better: "lower",
    compare: ["max"],
  }),
  gauge("server_goroutines", "none", "Goroutines of coderd", { labels: ["source"], better: "lower" }),
  gauge("server_gc", "share", "Time that coderd stood still for its garbage collection", {
    labels: ["source"],
    better: "lower",
  }),
  gauge("server_restarts", "none", "Restarts of coderd since the run looks at it", {
    labels: ["source"],
    better: "lower",
  }),
  gauge("server_requests", "none", "API requests that the deployment answers a second", {
    labels: ["status"],
    compare: ["mean"],
  }),
  duration("server_latency", "API latency, as the deployment measures it", ["route"]),
  gauge("server_in_flight", "none", "API requests that the deployment is answering", { better: "lower" }),
  gauge("server_websockets", "none", "WebSockets of the deployment's API"),
  gauge("server_sessions", "none", "Sessions in workspaces", { labels: ["kind"] }),
  gauge("server_agents", "none", "Agents by their connection", { labels: ["status"] }),
  gauge("server_workspaces", "none", "Workspaces by their latest build", { labels: ["status"] }),
  duration("server_build", "Builds of workspaces, as the provisioners time them", ["status"]),
  gauge("server_jobs", "none", "Provisioner jobs", { labels: ["state"] }),
  gauge("server_job_wait", "ms", "Longest wait of a provisioner job that has not begun", { better: "lower" }),
  gauge("server_daemons", "none", "Provisioner daemons", { labels: ["state"] }),
  gauge("server_db_connections", "none", "Database connections of coderd", { labels: ["state"] }),
  gauge("server_db_most", "none", "Database connections that coderd may have"),
  gauge("server_db_waits", "none", "Waits for a database connection a second", { better: "lower" }),
  gauge("server_db_wait", "ms", "Mean wait for a database connection", { better: "lower" }),
  duration("server_query", "Database queries", ["query"]),
  gauge("server_query_mean", "ms", "Mean time of database queries", { better: "lower" }),
  gauge("server_pubsub", "ms", "Latency of messages between replicas", { labels: ["way"], better: "lower" }),
  duration("server_authz", "Decisions on authorization"),
  gauge("server_health", "none", "Health by section: 0 is ok, 1 a warning, 2 an error", {
    labels: ["section"],
    better: "lower",
  }),
  gauge("server_replicas", "none", "Replicas of coderd"),
  gauge("server_pg_connections", "none", "Connections of PostgreSQL", { labels: ["state"] }),
  gauge("server_pg_most", "none", "Connections that PostgreSQL may have"),
  gauge("server_pg_waits", "none", "Statements of PostgreSQL that wait", {
    labels: ["wait"],
    better: "lower",
  }),
  gauge("server_pg_longest", "ms", "Longest transaction of PostgreSQL", { better: "lower" }),
  gauge("server_pg_transactions", "none", "Transactions of PostgreSQL a second"),
  gauge("server_pg_cache_hits", "share", "Blocks that PostgreSQL had in its cache", { better: "higher" }),
  duration("server_pg_statement", "Statements of PostgreSQL, by their mean time between two looks", [
    "statement",
  ]),
  gauge("server_pg_statement_load", "none", "Sessions of PostgreSQL that a statement keeps busy", {
    labels: ["statement"],
    better: "lower",
  }),
  gauge("server_pods", "none", "Pods in Kubernetes", { labels: ["role", "state"] }),
  gauge("server_pod_cpu", "cores", "CPU of pods", { labels: ["role"], better: "lower" }),
  gauge("server_pod_memory", "bytes", "Memory of pods", { labels: ["role"], better: "lower" }),
  gauge("server_pod_cpu_share", "share", "CPU of the fullest container, of its limit", {
    labels: ["role"],
    better: "lower",
  }),
  gauge("server_pod_memory_share", "share", "Memory of the fullest container, of its limit", {
    labels: ["role"],
    better: "lower",
  }),
  gauge("server_pod_oom", "none", "Restarts of containers that were last killed for want of memory", {
    labels: ["role"],
    better: "lower",
  }),
  gauge("server_pod_restarts", "none", "Restarts of the containers of pods", {
    labels: ["role"],
    better: "lower",
  }),
  gauge("server_looks", "none", "Requests a second by which the run looks at the deployment"),
  gauge("server_look_cpu", "share", "Share of a core that reading the deployment's figures takes here"),
];

interface More {
  labels?: string[];
  better?: Metric["better"];
  compare?: string[];
}

function gauge(
  name: string,
  unit: Metric["unit"],
  text: string,
  { labels = [], better = "none", compare = [] }: More = {},
): Metric {
  return { name, kind: "gauge", unit, labels, better, text, compare };
}

function duration(name: string, text: string, labels: string[] = []): Metric {
  return { name, kind: "duration", unit: "ms", labels, better: "lower", text };
}
