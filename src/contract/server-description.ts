import type { Chart, Description, FigureRef, SeriesTable } from "../protocol/description.ts";
import { figureKey } from "../protocol/figure-key.ts";
import { SERVER_METRICS } from "./server-metrics.ts";

/** From where a run has the deployment's own figures. */
export interface ServerSources {
  /** What coderd's pages of metrics are called in the label `source`. */
  pages: readonly string[];
  /** There are figures of coderd's process: by its pages, or by a Prometheus server. */
  hasProcess: boolean;
  /** Seconds from look to look at these. */
  pagesEvery: number;
  jobsEvery: number;
  /** PostgreSQL is looked at; seconds from look to look. */
  postgresEvery?: number;
  /** The same of Kubernetes. */
  podsEvery?: number;
  daemonsEvery: number;
  /** Of what the API tells of the deployment as a whole. */
  statsEvery: number;
}

type ChartLine = Chart["lines"][number];

/** More replicas than this are drawn together. */
const DRAWN_APART = 4;
const COLOURS = ["blue", "green", "orange", "yellow"] as const;

/** The description of a step whose seconds have the deployment's own figures, too. */
export function withServer(description: Description, sources: ServerSources): Description {
  const charts = chartsOf(sources);
  const drawn = charts.flatMap(({ lines }) => lines.map(({ figure }) => figure));
  const known = new Set(description.metrics.map(({ name }) => name));
  return {
    ...description,
    metrics: [...description.metrics, ...SERVER_METRICS.filter(({ name }) => !known.has(name))],
    charts: [...description.charts, ...charts],
    tables: [
      ...description.tables,
      ...(sources.hasProcess ? TABLES : []),
      ...(sources.postgresEvery === undefined ? [] : [STATEMENTS]),
    ],
    // At the end: a second from before the run was described has no value there, instead of another's.
    series: [...description.series, ...newOnes(description.series, [...drawn, ...EVERY_SECOND])],
  };
}

function newOnes(known: readonly FigureRef[], more: readonly FigureRef[]): FigureRef[] {
  const keys = new Set(known.map(figureKey));
  return more.filter((ref) => {
    const key = figureKey(ref);
    return !keys.has(key) && keys.add(key);
  });
}

/** For the files, drawn or not: by them a comparison judges whether a difference is more than chance. */
const EVERY_SECOND: readonly FigureRef[] = [
  { metric: "server_cpu", figure: "mean" },
  { metric: "server_cpu", figure: "max" },
  { metric: "server_memory", figure: "max" },
  { metric: "server_requests", figure: "mean" },
  ...["server_latency", "server_build", "server_query", "server_authz"].flatMap((metric) =>
    ["p50", "p95"].map((figure) => ({ metric, figure })),
  ),
  { metric: "server_db_wait", figure: "mean" },
];

function chartsOf(sources: ServerSources): Chart[] {
  const { pages, hasProcess, pagesEvery, statsEvery } = sources;
  const ofPages = [processChart(pages), API_CHART, DATABASE_CHART].map((chart) =>
    withEvery(chart, pagesEvery),
  );
  return [
    ...(hasProcess ? ofPages : []),
    ...(sources.postgresEvery === undefined ? [] : [withEvery(POSTGRES_CHART, sources.postgresEvery)]),
    ...(sources.podsEvery === undefined ? [] : [withEvery(PODS_CHART, sources.podsEvery)]),
    provisionerChart(sources),
    // Sessions and workspaces are the API's where no page has them.
    withEvery(CONNECTION_CHART, Math.max(hasProcess ? pagesEvery : 0, statsEvery)),
  ];
}

function withEvery(chart: Chart, every: number): Chart {
  return { ...chart, lines: chart.lines.map((one) => ({ ...one, every })) };
}

function line(
  label: string,
  metric: string,
  figure: string,
  colour: ChartLine["colour"],
  more: Partial<ChartLine> & { labels?: Record<string, string> } = {},
): ChartLine {
  const { labels, ...rest } = more;
  return { label, figure: { metric, figure, ...(labels ? { labels } : {}) }, colour, ...rest };
}

function processChart(pages: readonly string[]): Chart {
  const cpu =
    pages.length > 1 && pages.length <= DRAWN_APART
      ? pages.map((source, at) =>
          line(source, "server_cpu", "mean", COLOURS[at] ?? "blue", { labels: { source } }),
        )
      : [line("cores", "server_cpu", "mean", "blue")];
  return {
    id: "server_process",
    title: "Server: CPU and memory",
    note: "of coderd",
    lines: [...cpu, line("memory", "server_memory", "mean", "purple", { right: true })],
  };
}

const API_CHART: Chart = {
  id: "server_api",
  title: "Server: API",
  note: "latency as coderd measures it, and answers a second",
  lines: [
    line("p95", "server_latency", "p95", "blue"),
    line("answers", "server_requests", "mean", "green", { right: true }),
    line("5xx", "server_requests", "mean", "red", { right: true, labels: { status: "5xx" } }),
    line("429", "server_requests", "mean", "orange", { right: true, labels: { status: "429" } }),
  ],
};

const DATABASE_CHART: Chart = {
  id: "server_database",
  title: "Server: database",
  note: "connections of coderd's pool, and the time of queries",
  lines: [
    line("in use", "server_db_connections", "mean", "blue", { labels: { state: "in_use" } }),
    line("at most", "server_db_most", "mean", "grey", { dashed: true }),
    line("query p95", "server_query", "p95", "orange", { right: true }),
    line("wait for a connection", "server_db_wait", "mean", "red", { right: true }),
  ],
};

function provisionerChart({ jobsEvery, daemonsEvery }: ServerSources): Chart {
  const chart = withEvery(PROVISIONER_CHART, jobsEvery);
  const ofDaemons = (one: ChartLine) => one.figure.metric === "server_daemons";
  return {
    ...chart,
    lines: chart.lines.map((one) => (ofDaemons(one) ? { ...one, every: daemonsEvery } : one)),
  };
}

const POSTGRES_CHART: Chart = {
  id: "server_postgres",
  title: "Server: PostgreSQL",
  note: "connections and waits of the database itself, and its longest transaction",
  lines: [
    line("active", "server_pg_connections", "mean", "blue", { labels: { state: "active" } }),
    line("idle in transaction", "server_pg_connections", "mean", "orange", {
      labels: { state: "idle in transaction" },
    }),
    line("wait for a lock", "server_pg_waits", "max", "red", { labels: { wait: "Lock" } }),
    line("longest transaction", "server_pg_longest", "max", "purple", { right: true }),
  ],
};

const ofRole = (role: string) => ({ labels: { role } });
const PODS_CHART: Chart = {
  id: "server_pods",
  title: "Server: pods",
  note: "as Kubernetes measures them",
  lines: [
    line("coderd", "server_pod_cpu", "mean", "blue", ofRole("coderd")),
    line("provisioners", "server_pod_cpu", "mean", "green", ofRole("provisioner")),
    line("database", "server_pod_cpu", "mean", "orange", ofRole("database")),
    line("memory of coderd", "server_pod_memory", "mean", "purple", { right: true, ...ofRole("coderd") }),
  ],
};

const PROVISIONER_CHART: Chart = {
  id: "server_provisioners",
  title: "Server: provisioners",
  note: "jobs, daemons, and the longest wait of a job",
  lines: [
    line("jobs waiting", "server_jobs", "mean", "orange", { labels: { state: "waiting" } }),
    line("jobs running", "server_jobs", "mean", "blue", { labels: { state: "running" } }),
    line("daemons idle", "server_daemons", "mean", "green", { labels: { state: "idle" } }),
    line("longest wait", "server_job_wait", "mean", "red", { right: true, summary: "max" }),
  ],
};

const CONNECTION_CHART: Chart = {
  id: "server_connections",
  title: "Server: connections",
  note: "WebSockets, terminals, and agents that are connected",
  lines: [
    line("WebSockets", "server_websockets", "mean", "blue"),
    line("terminals", "server_sessions", "mean", "green", { labels: { kind: "terminal" } }),
    line("agents", "server_agents", "mean", "purple", { labels: { status: "connected" } }),
    line("workspaces running", "server_workspaces", "mean", "grey", { labels: { status: "running" } }),
  ],
};

function slowest(id: string, title: string, metric: string, label: string, of: string): SeriesTable {
  const column = (text: string, figure: string) => ({ title: text, figure: { metric, figure } });
  return {
    kind: "series",
    id,
    title,
    by: [{ label, title: of }],
    columns: [column("p95", "p95"), column("p50", "p50"), column("count", "count")],
    most: 10,
    none: "none measured",
    of: "server",
  };
}

const TABLES: readonly SeriesTable[] = [
  slowest("server_routes", "Server: slowest routes", "server_latency", "route", "Route"),
  slowest("server_queries", "Server: slowest queries", "server_query", "query", "Query"),
];

const STATEMENTS = slowest(
  "server_statements",
  "Server: statements of PostgreSQL",
  "server_pg_statement",
  "statement",
  "Statement",
);

/** Texts of all of it, for the bundle of those that can be translated. */
export const SERVER_TEXTS: Pick<Description, "metrics" | "charts" | "tables"> = {
  metrics: [...SERVER_METRICS],
  charts: chartsOf({
    pages: ["coderd"],
    hasProcess: true,
    postgresEvery: 1,
    podsEvery: 1,
    pagesEvery: 1,
    jobsEvery: 1,
    daemonsEvery: 1,
    statsEvery: 1,
  }),
  tables: [...TABLES, STATEMENTS],
};
