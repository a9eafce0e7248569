import { words } from "../text/message.ts";
import type { ExposedSample } from "./exposition.ts";

/** How the lines of a page become values of one of the run's metrics. */
export type Way =
  /** As it stands there. */
  | "gauge"
  /** Its growth a second. */
  | "rate"
  /** Observations by upper bound: durations. */
  | "histogram"
  /** The growth of a sum, by the growth of its count. */
  | "mean";

export interface Entry {
  /** One of contract/server-metrics.ts. */
  metric: string;
  way: Way;
  /** By version, the newest first: the first that a page has is taken. Without `_bucket`. */
  names: readonly string[];
  /** Of a mean: the names of the count, in the same order. */
  counts?: readonly string[];
  /** From its unit to ours. */
  factor?: number;
  /** Our labels; undefined: the line is not taken. */
  labels?(labels: ExposedSample["labels"]): Record<string, string> | undefined;
  /** Every replica tells the same, of the whole deployment: it is taken from one of them. */
  shared?: true;
  /** Said where no page has it; without it, it is not missed: it comes with what it counts. */
  missed?: { text: ReturnType<typeof words>; mend?: ReturnType<typeof words> };
}

const status = ({ code = "" }: ExposedSample["labels"]) => ({ status: statusOf(code) });

/** 429 is a limit of the deployment's own, and apart from what clients do wrong. */
function statusOf(code: string): string {
  if (code === "429" || code === "101") return code;
  return /^[1-5]\d\d$/.test(code) ? `${code[0]}xx` : "other";
}

const only = (name: string) => (labels: ExposedSample["labels"]) => ({ [name]: labels[name] ?? "" });
const fixed = (labels: Record<string, string>) => () => labels;

/**
 * Coder's names, as a server of September 2025 has them; what another version calls otherwise stands beside it, and
 * nowhere else. docs/server-metrics.md has the same as a table for people.
 */
export const NAMES: readonly Entry[] = [
  {
    metric: "server_cpu",
    way: "rate",
    names: ["process_cpu_seconds_total"],
    missed: { text: words("CPU of coderd") },
  },
  {
    metric: "server_memory",
    way: "gauge",
    names: ["process_resident_memory_bytes"],
    missed: { text: words("memory of coderd") },
  },
  // Of servers that are built with client_golang 1.20 or later.
  { metric: "server_cores", way: "gauge", names: ["go_sched_gomaxprocs_threads"] },
  { metric: "server_goroutines", way: "gauge", names: ["go_goroutines"] },
  { metric: "server_gc", way: "rate", names: ["go_gc_duration_seconds_sum"] },
  {
    metric: "server_requests",
    way: "rate",
    names: ["coderd_api_requests_processed_total"],
    labels: status,
    missed: { text: words("API requests") },
  },
  {
    metric: "server_latency",
    way: "histogram",
    names: ["coderd_api_request_latencies_seconds"],
    labels: ({ path = "" }) => ({ route: path }),
    missed: { text: words("API latency") },
  },
  { metric: "server_in_flight", way: "gauge", names: ["coderd_api_concurrent_requests"] },
  { metric: "server_websockets", way: "gauge", names: ["coderd_api_concurrent_websockets"] },
  {
    metric: "server_sessions",
    way: "gauge",
    names: ["coderd_agentstats_session_count_reconnecting_pty"],
    labels: fixed({ kind: "terminal" }),
    shared: true,
  },
  {
    metric: "server_sessions",
    way: "gauge",
    names: ["coderd_agentstats_session_count_ssh"],
    labels: fixed({ kind: "ssh" }),
    shared: true,
  },
  {
    metric: "server_sessions",
    way: "gauge",
    names: ["coderd_agentstats_session_count_vscode"],
    labels: fixed({ kind: "vscode" }),
    shared: true,
  },
  {
    metric: "server_sessions",
    way: "gauge",
    names: ["coderd_agentstats_session_count_jetbrains"],
    labels: fixed({ kind: "jetbrains" }),
    shared: true,
  },
  {
    metric: "server_agents",
    way: "gauge",
    names: ["coderd_agents_connections"],
    labels: only("status"),
    shared: true,
  },
  {
    metric: "server_workspaces",
    way: "gauge",
    names: ["coderd_workspace_latest_build_status", "coderd_api_workspace_latest_build"],
    labels: only("status"),
    shared: true,
  },
  {
    metric: "server_build",
    way: "histogram",
    names: ["coderd_provisionerd_workspace_build_timings_seconds"],
    labels: only("status"),
  },
  {
    metric: "server_jobs",
    way: "gauge",
    names: ["coderd_provisionerd_jobs_current"],
    labels: fixed({ state: "running" }),
  },
  {
    metric: "server_db_connections",
    way: "gauge",
    names: ["go_sql_in_use_connections"],
    labels: fixed({ state: "in_use" }),
    missed: { text: words("database connections") },
  },
  {
    metric: "server_db_connections",
    way: "gauge",
    names: ["go_sql_idle_connections"],
    labels: fixed({ state: "idle" }),
  },
  { metric: "server_db_most", way: "gauge", names: ["go_sql_max_open_connections"] },
  { metric: "server_db_waits", way: "rate", names: ["go_sql_wait_count_total"] },
  {
    metric: "server_db_wait",
    way: "mean",
    names: ["go_sql_wait_duration_seconds_total"],
    counts: ["go_sql_wait_count_total"],
    factor: 1_000,
  },
  {
    metric: "server_query",
    way: "histogram",
    names: ["coderd_db_query_latencies_seconds"],
    labels: only("query"),
    missed: {
      text: words("database queries"),
      mend: words("CODER_PROMETHEUS_COLLECT_DB_METRICS=true on the server adds them"),
    },
  },
  // By its sum and count, which are exact where buckets are not.
  {
    metric: "server_query_mean",
    way: "mean",
    names: ["coderd_db_query_latencies_seconds_sum"],
    counts: ["coderd_db_query_latencies_seconds_count"],
    factor: 1_000,
  },
  {
    metric: "server_pubsub",
    way: "gauge",
    names: ["coder_pubsub_send_latency_seconds"],
    labels: fixed({ way: "send" }),
    factor: 1_000,
  },
  {
    metric: "server_pubsub",
    way: "gauge",
    names: ["coder_pubsub_receive_latency_seconds"],
    labels: fixed({ way: "receive" }),
    factor: 1_000,
  },
  { metric: "server_authz", way: "histogram", names: ["coderd_authz_authorize_duration_seconds"] },
];

/** When coderd began: a restart, where it changes. */
export const STARTED_AT = "process_start_time_seconds";

const WANTED = new Set([
  STARTED_AT,
  ...NAMES.flatMap(({ names, counts = [], way }) =>
    way === "histogram" ? names.map((name) => `${name}_bucket`) : [...names, ...counts],
  ),
]);

/** Names of all series that are read of a page. */
export function wantedNames(): string[] {
  return [...WANTED];
}

/** Labels of coderd's that are looked at: lines that differ by others only are added up. */
export const LABELS_READ = ["le", "code", "path", "status", "query"] as const;

export function isWanted(name: string): boolean {
  return WANTED.has(name);
}
